// Log-probabilities, entropy and their gradient of rows of logits, two targets a row.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "backends.h"
#include "logits.h"
#include "tempo/kernels/softmax.h"
#include "timing.h"

namespace {

using namespace tempo::bench;
using namespace tempo::kernels;

constexpr std::int64_t kTargets = 2;

std::vector<std::int64_t> multiples(std::int64_t count, std::int64_t factor, std::int64_t modulus) {
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < count; ++i) result.push_back(i * factor % modulus);
  return result;
}

template <typename Backend, typename Logit>
struct Chunk {
  template <typename T>
  using Buffer = typename Backend::template Buffer<T>;

  explicit Chunk(const benchmark::State& state)
      : rows(state.range(0)),
        vocab(state.range(1)),
        host_logits(normal_logits<Logit>(rows, vocab)),
        host_tokens(multiples(kTargets * rows, 7919, vocab)),
        logits(host_logits),
        first(multiples(rows + 1, kTargets, kTargets * rows + 1)),
        token(host_tokens),
        softmax(static_cast<std::size_t>(rows)),
        logp(host_tokens.size()),
        entropy(host_tokens.size()),
        d_logp(std::vector<float>(host_tokens.size(), 1.0F)) {}

  LogitRows<Logit> in() {
    return {.rows = rows,
            .vocab = vocab,
            .logits = logits.data(),
            .stride = vocab,
            .first = first.data(),
            .token = token.data()};
  }
  void forward() { Backend::softmax_forward(in(), {softmax.data(), logp.data(), entropy.data()}); }
  // Of the last target, to the rounding of float32 numbers of about 15.
  bool has_logp() const {
    const double expected = last_row_logp(host_logits, vocab, host_tokens.back());
    return std::abs(static_cast<double>(logp.values().back()) - expected) < 1e-5;
  }

  std::int64_t rows, vocab;
  std::vector<Logit> host_logits;
  std::vector<std::int64_t> host_tokens;
  Buffer<Logit> logits;
  Buffer<std::int64_t> first, token;
  Buffer<RowSoftmax> softmax;
  Buffer<float> logp, entropy, d_logp;
};

// The numbers of the last row's gradient add up to zero; its targets' are 1 - 2 p.
template <typename Gradient>
bool adds_up(const std::vector<Gradient>& gradient, std::int64_t vocab) {
  double sum = 0, positive = 0;
  for (std::int64_t v = std::ssize(gradient) - vocab; v < std::ssize(gradient); ++v) {
    const auto here = static_cast<double>(to_float(gradient[static_cast<std::size_t>(v)]));
    sum += here;
    positive += here > 0 ? here : 0;
  }
  return std::abs(sum) < 0.02 && positive > 1.5;
}

template <typename Backend, typename Logit>
void BM_softmax_forward(benchmark::State& state) {
  Chunk<Backend, Logit> chunk(state);
  const std::int64_t logits = chunk.rows * chunk.vocab;
  time_kernel<Backend>(
      state,
      {logits, logits * std::int64_t{sizeof(Logit)}, "expected the log-probability of the last target"},
      [&] { chunk.forward(); }, [&] { return chunk.has_logp(); });
}

template <typename Backend, typename Logit, typename Gradient>
void BM_softmax_backward(benchmark::State& state) {
  Chunk<Backend, Logit> chunk(state);
  chunk.forward();
  const std::int64_t logits = chunk.rows * chunk.vocab;
  typename Backend::template Buffer<Gradient> gradient(static_cast<std::size_t>(logits));
  const SoftmaxGradient<Gradient> out{.softmax = chunk.softmax.data(),
                                      .d_logp = chunk.d_logp.data(),
                                      .d_logits = gradient.data(),
                                      .stride = chunk.vocab};
  time_kernel<Backend>(
      state,
      {logits, logits * std::int64_t{sizeof(Logit) + sizeof(Gradient)},
       "expected a gradient that adds up to zero"},
      [&] { Backend::softmax_backward(chunk.in(), out); },
      [&] { return adds_up<Gradient>(gradient.values(), chunk.vocab); });
}

const bool added = on_backends([]<typename Backend>(Backend) {
  const std::string name = Backend::kName;
  const auto add_one = [&](const char* what, const char* types, void (*function)(benchmark::State&)) {
    add(what, (name + ", " + types).c_str(), function)->Apply(logit_shapes);
  };
  add_one("softmax_forward", "float", BM_softmax_forward<Backend, float>);
  add_one("softmax_forward", "BFloat16", BM_softmax_forward<Backend, BFloat16>);
  add_one("softmax_backward", "float, float", BM_softmax_backward<Backend, float, float>);
  add_one("softmax_backward", "float, BFloat16", BM_softmax_backward<Backend, float, BFloat16>);
  add_one("softmax_backward", "BFloat16, BFloat16", BM_softmax_backward<Backend, BFloat16, BFloat16>);
});

}  // namespace
