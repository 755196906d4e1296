// How every kernel is timed.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace tempo::bench {

// What one run of a kernel works on. Bytes read and bytes written both count, each array once.
struct Work {
  std::int64_t items = 0, bytes = 0;
  const char* expected = "";  // of the result
};

// Runs `kernel` once, and when `is_right()` again and again, with the wait for its end. The counter of_copy:
// bytes a second over those of a copy on all of the backend's cores.
template <typename Backend, typename Kernel, typename IsRight>
void time_kernel(benchmark::State& state, const Work& work, const Kernel& kernel, const IsRight& is_right) {
  const double copy = Backend::copy_bandwidth();
  kernel();
  Backend::wait();
  if (!is_right()) {
    state.SkipWithError(work.expected);
    return;
  }
  for (auto _ : state) {
    kernel();
    Backend::wait();
  }
  const double bytes = static_cast<double>(work.bytes) * static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations() * work.items);
  state.SetBytesProcessed(state.iterations() * work.bytes);
  state.counters["of_copy"] = benchmark::Counter(bytes / copy, benchmark::Counter::kIsRate);
}

// Adds a benchmark BM_<what><backend>.
inline benchmark::internal::Benchmark* add(const std::string& what, const char* backend,
                                           void (*function)(benchmark::State&)) {
  return benchmark::RegisterBenchmark(("BM_" + what + "<" + backend + ">").c_str(), function)->UseRealTime();
}

}  // namespace tempo::bench
