// Arrays that the kernels under test read and write: exactly as long as asked, so that a step outside is
// found.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "device/host_exec.h"

namespace tempo::test {

template <typename T>
class Buffer {
 public:
  explicit Buffer(std::span<const T> values) : Buffer(values.size()) {
    std::copy(values.begin(), values.end(), memory_.get());
  }
  explicit Buffer(const std::vector<T>& values) : Buffer(std::span<const T>(values)) {}
  // Filled with garbage.
  explicit Buffer(std::size_t size) : size_(size), memory_(std::make_unique_for_overwrite<T[]>(size)) {
    std::memset(static_cast<void*>(memory_.get()), 0xc7, size * sizeof(T));
  }

  std::size_t size() const { return size_; }
  T* data() { return memory_.get(); }
  std::vector<T> values() const { return {memory_.get(), memory_.get() + size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<T[]> memory_;
};

// Runs the work in an order of threads drawn from each of some seeds.
template <typename Work>
void in_any_order(const Work& work) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    kernels::host_exec::set_schedule_seed(seed);
    work();
  }
}

}  // namespace tempo::test
