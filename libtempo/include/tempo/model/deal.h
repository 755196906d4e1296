// Work dealt to threads item by item, each thread taking the next one that is left, so that a thread whose
// core is shared with other work does not hold up the rest. Which thread runs an item must not matter to its
// result.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace tempo::model {

// Calls make_worker() once a thread, and what it returns with each item of 0 .. items - 1 that the thread
// takes.
template <typename MakeWorker>
void deal(std::int64_t items, const MakeWorker& make_worker) {
  std::atomic<std::int64_t> next{0};
  const std::int64_t threads = std::min<std::int64_t>(items, at::get_num_threads());
  at::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) {
    auto work = make_worker();
    for (std::int64_t item = next++; item < items; item = next++) work(item);
  });
}

}  // namespace tempo::model
