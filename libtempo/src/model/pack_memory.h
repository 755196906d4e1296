// Memory of packed operands and of the key-value cache.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace tempo::model {

// One block of libtorch's memory handed out in parts, in large pages where the system has them: weights that
// are read once a decode step stream about twice as fast from these. Parts keep the block alive.
class PackMemory {
 public:
  explicit PackMemory(std::int64_t bytes);

  // Returns an uninitialised tensor of the next bytes. Requires: they are there.
  at::Tensor take(at::IntArrayRef sizes, const at::TensorOptions& options);

  // Returns what a part of so many bytes uses up.
  static std::int64_t used_by(std::int64_t bytes);

 private:
  at::Tensor bytes_;
  std::int64_t used_ = 0;
};

}  // namespace tempo::model
