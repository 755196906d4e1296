// The machine's copy bandwidth in this run, on all cores: what kernels that only move bytes are measured by.
#pragma once

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <vector>

namespace tempo::bench {

// Returns bytes a second, read and written both counted, of copies between arrays too large for the caches.
// Measured at the first call: the best of some.
inline double copy_bandwidth() {
  static const double bandwidth = [] {
    constexpr std::size_t kBytes = std::size_t{256} << 20;
    const auto parts = static_cast<std::size_t>(omp_get_max_threads()), part = kBytes / parts;
    const std::vector<char> from(kBytes, 1);
    std::vector<char> to(kBytes);
    double best = 0;
    for (int run = 0; run < 8; ++run) {
      const auto begin = std::chrono::steady_clock::now();
#pragma omp parallel for schedule(static)
      for (std::size_t i = 0; i < parts; ++i) std::memcpy(&to[i * part], &from[i * part], part);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
      best = std::max(best, static_cast<double>(2 * part * parts) / seconds.count());
    }
    return best;
  }();
  return bandwidth;
}

}  // namespace tempo::bench
