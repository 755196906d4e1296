#include "tempo/kernels/sampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "tempo/kernels/logprob.h"
#include "weigh.h"

namespace tempo::kernels {
namespace {

constexpr int kBlock = static_cast<int>(kWeighBlock);
constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();

}  // namespace

RowSampler::RowSampler(std::int32_t vocab) : vocab_(vocab) {
  const std::size_t blocks = (static_cast<std::size_t>(vocab) + kBlock - 1) / kBlock;
  logits_.assign(blocks * kBlock, kNegativeInfinity);
  weights_.assign(blocks * kBlock, 0.0F);
  prefix_.resize(blocks);
  bucket_count_.resize(kBuckets);
  bucket_mass_.resize(kBuckets);
}

RowStatus RowSampler::prepare(const float* logits, const SamplingParams& params) {
  std::copy_n(logits, vocab_, logits_.begin());
  return prepare_copied(params);
}

RowStatus RowSampler::prepare(const BFloat16* logits, const SamplingParams& params) {
  std::transform(logits, logits + vocab_, logits_.begin(), [](BFloat16 x) { return to_float(x); });
  return prepare_copied(params);
}

RowStatus RowSampler::prepare_copied(const SamplingParams& params) {
  max_ = finite_max(logits_.data(), logits_.size());
  if (!std::isfinite(max_)) return RowStatus::kNotFinite;

  const bool greedy = params.temperature == 0;
  inverse_temperature_ = greedy ? 1.0F : static_cast<float>(1 / params.temperature);
  weigh();
  greedy_token_ = -1;
  if (greedy) {
    greedy_token_ =
        static_cast<std::int32_t>(std::find(logits_.begin(), logits_.end(), max_) - logits_.begin());
    return RowStatus::kOk;
  }
  if (params.top_k > 0 && params.top_k < vocab_) keep_top(params.top_k, 1);
  if (params.top_p < 1) keep_top(vocab_, params.top_p);
  if (params.min_p > 0) keep_above(params.min_p);
  return RowStatus::kOk;
}

// Fills weights_ and prefix_, log-normaliser and entropy.
void RowSampler::weigh() {
  WeighSums sums;
  for (std::size_t block = 0; block < prefix_.size(); ++block) {
    weigh_block(logits_.data() + block * kBlock, max_, inverse_temperature_, weights_.data() + block * kBlock,
                sums);
    prefix_[block] = sums.sum;
  }
  log_normaliser_ = sums.log_normaliser();
  entropy_ = sums.entropy();
}

std::int32_t RowSampler::bucket(std::int32_t token) const {
  return bucket_of(logits_[static_cast<std::size_t>(token)], max_, inverse_temperature_);
}

// Keeps the shortest run by rank that has `count` tokens or the share `share` of the weights: finds the
// bucket where it ends, sorts that bucket alone, and cuts behind its last token.
void RowSampler::keep_top(std::int64_t count, double share) {
  std::fill(bucket_count_.begin(), bucket_count_.end(), 0);
  std::fill(bucket_mass_.begin(), bucket_mass_.end(), 0);
  const auto weight = [&](std::int32_t token) { return weights_[static_cast<std::size_t>(token)]; };
  const auto logit = [&](std::int32_t token) { return logits_[static_cast<std::size_t>(token)]; };
  for (std::int32_t token = 0; token < vocab_; ++token) {
    if (weight(token) == 0) continue;
    const auto b = static_cast<std::size_t>(bucket(token));
    ++bucket_count_[b];
    bucket_mass_[b] += mass_of(weight(token));
  }
  const std::int64_t total = std::accumulate(bucket_mass_.begin(), bucket_mass_.end(), std::int64_t{0});
  const std::int64_t mass =
      share < 1 ? mass_of_share(share, total) : std::numeric_limits<std::int64_t>::max();
  std::int64_t kept = 0, kept_mass = 0;
  std::size_t last = 0;
  for (; last < kBuckets; ++last) {
    if (kept + bucket_count_[last] >= count || kept_mass + bucket_mass_[last] >= mass) break;
    kept += bucket_count_[last];
    kept_mass += bucket_mass_[last];
  }
  if (last == kBuckets) return;

  candidates_.clear();
  for (std::int32_t token = 0; token < vocab_; ++token)
    if (weight(token) > 0 && bucket(token) == static_cast<std::int32_t>(last)) candidates_.push_back(token);
  std::sort(candidates_.begin(), candidates_.end(), [&](std::int32_t a, std::int32_t b) {
    return logit(a) != logit(b) ? logit(a) > logit(b) : a < b;
  });
  std::int32_t edge = candidates_.front();
  for (const std::int32_t token : candidates_) {
    edge = token;
    kept_mass += mass_of(weight(token));
    if (++kept >= count || kept_mass >= mass) break;
  }
  for (std::int32_t token = 0; token < vocab_; ++token)
    if (logit(token) < logit(edge) || (logit(token) == logit(edge) && token > edge))
      weights_[static_cast<std::size_t>(token)] = 0;
  sum_blocks();
}

void RowSampler::keep_above(double lowest) {
  for (float& weight : weights_)
    if (static_cast<double>(weight) < lowest) weight = 0;
  sum_blocks();
}

void RowSampler::sum_blocks() {
  double sum = 0;
  for (std::size_t block = 0; block < prefix_.size(); ++block) {
    sum += block_sum(weights_.data() + block * kBlock);
    prefix_[block] = sum;
  }
}

SampledToken RowSampler::draw(double u) const {
  std::int32_t token = greedy_token_;
  if (token < 0) {
    const double target = u * prefix_.back();
    // Rounding may lift the target to the sum itself: then the last block that adds anything is meant.
    auto block = std::upper_bound(prefix_.begin(), prefix_.end(), target);
    if (block == prefix_.end()) block = std::lower_bound(prefix_.begin(), prefix_.end(), prefix_.back());
    double sum = block == prefix_.begin() ? 0.0 : *(block - 1);
    const auto begin = static_cast<std::int32_t>(block - prefix_.begin()) * kBlock;
    for (std::int32_t i = begin; i < begin + kBlock && sum <= target; ++i) {
      const float weight = weights_[static_cast<std::size_t>(i)];
      if (weight > 0) token = i;  // the sums of a block and of its tokens may differ in the last bits
      sum += static_cast<double>(weight);
    }
  }
  const RowSoftmax softmax{.max = max_, .log_normaliser = log_normaliser_, .entropy = entropy_};
  return {token, row_logp(logits_[static_cast<std::size_t>(token)], softmax, inverse_temperature_)};
}

}  // namespace tempo::kernels
