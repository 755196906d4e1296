#include "tempo/kernels/logprob.h"

#include <vector>

#include "weigh.h"

namespace tempo::kernels {
namespace {

constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();

// Calls use(block of kWeighBlock logits, first, count): the last block is a copy filled up with -inf.
template <typename Use>
void for_each_block(const float* logits, std::int64_t vocab, const Use& use) {
  constexpr auto kSize = static_cast<std::int64_t>(kWeighBlock);
  std::int64_t begin = 0;
  for (; begin + kSize <= vocab; begin += kSize) use(logits + begin, begin, kSize);
  if (begin == vocab) return;
  std::array<float, kWeighBlock> last;
  last.fill(kNegativeInfinity);
  std::copy(logits + begin, logits + vocab, last.begin());
  use(last.data(), begin, vocab - begin);
}

// Writes up to kLanes numbers of a vector.
template <typename Element>
void store_some(Element* to, Floats value, std::int64_t count) {
  if (count >= kLanes) return store(to, value);
  for (std::int64_t i = 0; i < count; ++i) assign(to[i], value[static_cast<int>(i)]);
}

}  // namespace

RowSoftmax row_softmax(const float* logits, std::int64_t vocab, float inverse_temperature) {
  RowSoftmax result{.max = kNegativeInfinity};
  for_each_block(logits, vocab, [&](const float* block, std::int64_t, std::int64_t) {
    result.max = std::max(result.max, finite_max(block, kWeighBlock));
  });
  WeighSums sums;
  std::array<float, kWeighBlock> weights;
  for_each_block(logits, vocab, [&](const float* block, std::int64_t, std::int64_t) {
    weigh_block(block, result.max, inverse_temperature, weights.data(), sums);
  });
  result.log_normaliser = sums.log_normaliser();
  result.entropy = sums.entropy();
  return result;
}

float row_logp(float logit, const RowSoftmax& softmax, float inverse_temperature) {
  return token_logp(logit, softmax.max, inverse_temperature, softmax.log_normaliser);
}

template <typename Element>
void row_softmax_backward(const float* logits, std::int64_t vocab, float inverse_temperature,
                          const RowSoftmax& softmax, std::span<const RowTarget> targets, float d_entropy,
                          Element* d_logits) {
  const float max = softmax.max, log_sum = static_cast<float>(softmax.log_normaliser);
  const float entropy = static_cast<float>(softmax.entropy);
  float d_logp = 0;
  for (const RowTarget& target : targets) d_logp += target.d_logp;
  const auto at_token = [&](float logit, float one_hot) {
    const float log_p = (logit - max) * inverse_temperature - log_sum;
    const float p = std::exp(log_p);
    const float entropy_part = p > 0 ? d_entropy * (log_p + entropy) : 0.0F;
    return (one_hot - p * (d_logp + entropy_part)) * inverse_temperature;
  };
  // The logits of the targets, before the row is written over.
  constexpr std::size_t kFew = 64;
  std::array<float, kFew> few;
  std::vector<float> many(targets.size() > kFew ? targets.size() : 0);
  float* const target_gradient = many.empty() ? few.data() : many.data();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    float one_hot = 0;
    for (const RowTarget& other : targets) one_hot += other.token == targets[i].token ? other.d_logp : 0.0F;
    target_gradient[i] = at_token(logits[targets[i].token], one_hot);
  }
  for_each_block(logits, vocab, [&](const float* block, std::int64_t begin, std::int64_t count) {
    std::array<float, kWeighBlock> gradient;
    for (std::size_t i = 0; i < kWeighBlock; ++i) {
      const float z = (block[i] - max) * inverse_temperature;
      const float log_p = z - log_sum;
      const float p = exp_nonpositive(log_p < 0 ? log_p : 0.0F);
      const float entropy_part = d_entropy * ((log_p < kLowestExponent ? kLowestExponent : log_p) + entropy);
      gradient[i] = -p * (d_logp + entropy_part) * inverse_temperature;
    }
    for (std::int64_t i = 0; i < count; i += kLanes)
      store_some(d_logits + begin + i, load(gradient.data() + i), count - i);
  });
  for (std::size_t i = 0; i < targets.size(); ++i) assign(d_logits[targets[i].token], target_gradient[i]);
}

template void row_softmax_backward(const float*, std::int64_t, float, const RowSoftmax&,
                                   std::span<const RowTarget>, float, float*);
template void row_softmax_backward(const float*, std::int64_t, float, const RowSoftmax&,
                                   std::span<const RowTarget>, float, BFloat16*);

}  // namespace tempo::kernels
