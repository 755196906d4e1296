// The machine's copy bandwidth: what the others are measured against.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

namespace {

// Bytes read and bytes written both count, here and in the other benchmarks.
void BM_copy(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  const std::vector<char> from(bytes, 1);
  std::vector<char> to(bytes);
  std::memcpy(to.data(), from.data(), bytes);
  if (to != from) {
    state.SkipWithError("expected a copy, got something else");
    return;
  }
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), bytes);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
}

// In the second-level cache; in memory by one thread and by two.
BENCHMARK(BM_copy)->ArgName("bytes")->Arg(256 << 10)->Arg(256 << 20)->UseRealTime();
BENCHMARK(BM_copy)->ArgName("bytes")->Arg(256 << 20)->Threads(2)->UseRealTime();

}  // namespace
