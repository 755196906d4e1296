// One token a row drawn from logits, with the whole distribution and with the most probable 95 percent of it.
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "backends.h"
#include "logits.h"
#include "tempo/kernels/draw.h"
#include "timing.h"

namespace {

using namespace tempo::bench;
using namespace tempo::kernels;

std::vector<std::int32_t> counted_to(std::int64_t last) {
  std::vector<std::int32_t> result(static_cast<std::size_t>(last + 1));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

template <typename Backend, typename Logit>
struct Rows {
  template <typename T>
  using Buffer = typename Backend::template Buffer<T>;

  explicit Rows(const benchmark::State& state)
      : rows(state.range(0)),
        vocab(state.range(1)),
        top_p(static_cast<double>(state.range(2)) / 100),
        host_logits(normal_logits<Logit>(rows, vocab)),
        logits(host_logits),
        draw_offsets(counted_to(rows)),
        places(std::vector<DrawPlace>(static_cast<std::size_t>(rows))),
        token(places.size()),
        logp(places.size()),
        entropy(places.size()),
        status(places.size()) {}

  DrawArgs<Logit> args() {
    return {.rows = static_cast<std::int32_t>(rows),
            .vocab = static_cast<std::int32_t>(vocab),
            .row_stride = vocab,
            .logits = logits.data(),
            .draw_offsets = draw_offsets.data(),
            .places = places.data(),
            .params = {.top_p = top_p},
            .token = token.data(),
            .logp = logp.data(),
            .entropy = entropy.data(),
            .status = status.data()};
  }
  // The last draw's log-probability is that of its token, to the rounding of float32 numbers of about 15.
  bool is_drawn() const {
    const std::int32_t drawn = token.values().back();
    if (status.values().back() != RowStatus::kOk || drawn < 0 || drawn >= vocab) return false;
    const double expected = last_row_logp(host_logits, vocab, drawn);
    return std::abs(static_cast<double>(logp.values().back()) - expected) < 1e-5;
  }

  std::int64_t rows, vocab;
  double top_p;
  std::vector<Logit> host_logits;
  Buffer<Logit> logits;
  Buffer<std::int32_t> draw_offsets;
  Buffer<DrawPlace> places;
  Buffer<std::int32_t> token;
  Buffer<float> logp, entropy;
  Buffer<RowStatus> status;
};

template <typename Backend, typename Logit>
void BM_draw(benchmark::State& state) {
  Rows<Backend, Logit> rows(state);
  const DrawArgs<Logit> args = rows.args();
  const std::int64_t logits = rows.rows * rows.vocab;
  time_kernel<Backend>(
      state, {logits, logits * std::int64_t{sizeof(Logit)}, "expected the log-probability of the token"},
      [&] { Backend::draw_tokens(args); }, [&] { return rows.is_drawn(); });
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"rows", "vocab", "top_p_percent"})
      ->ArgsProduct({{16, 128}, {49'152, 151'936}, {100, 95}});
}

const bool added = on_backends([]<typename Backend>(Backend) {
  const std::string name = Backend::kName;
  add("draw", (name + ", float").c_str(), BM_draw<Backend, float>)->Apply(shapes);
  add("draw", (name + ", BFloat16").c_str(), BM_draw<Backend, BFloat16>)->Apply(shapes);
});

}  // namespace
