// Arrays of the device, as the kernels under test read and write them.
#pragma once

#include <cuda_runtime.h>

#include <span>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::test {

inline void check(cudaError_t error) {
  TEMPO_CHECK(error == cudaSuccess, "CUDA: ", cudaGetErrorString(error));
}

template <typename T>
class Buffer {
 public:
  explicit Buffer(std::span<const T> values) : Buffer(values.size()) {
    check(cudaMemcpy(memory_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  explicit Buffer(const std::vector<T>& values) : Buffer(std::span<const T>(values)) {}
  // Filled with garbage.
  explicit Buffer(std::size_t size) : size_(size) {
    check(cudaMalloc(&memory_, size_ * sizeof(T)));
    check(cudaMemset(memory_, 0xc7, size_ * sizeof(T)));
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { cudaFree(memory_); }

  std::size_t size() const { return size_; }
  T* data() { return memory_; }
  // Waits for the device.
  std::vector<T> values() const {
    std::vector<T> result(size_);
    check(cudaMemcpy(result.data(), memory_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
    return result;
  }

 private:
  std::size_t size_;
  T* memory_ = nullptr;
};

// The device's order is its own: the work runs twice, and must give the same.
template <typename Work>
void in_any_order(const Work& work) {
  work();
  work();
}

}  // namespace tempo::test
