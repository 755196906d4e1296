// kernels-bench: times every kernel of the forest, its credit and its loss, on the CPU and, in a build with
// CUDA, on a device where there is one.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <omp.h>

#include <limits>
#include <string>

#include "backends.h"

int main(int argc, char** argv) {
  // Memory given back to the system costs page faults when it is needed again, more than the work that is
  // timed here.
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());

  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("threads", std::to_string(omp_get_max_threads()));
  tempo::bench::on_backends([]<typename Backend>(Backend) {
    const double gigabytes = Backend::copy_bandwidth() / 1e9;
    benchmark::AddCustomContext(std::string(Backend::kName) + "_copy",
                                std::to_string(gigabytes) + " GB/s, read and written");
  });
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
