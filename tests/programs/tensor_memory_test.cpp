#include "common/tensor_memory.h"

#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <vector>

namespace {

// The allocator of a process is set once.
void prepare() { [[maybe_unused]] static const bool done = (tempo::common::keep_tensor_memory(), true); }

}  // namespace

TEST_CASE("keep_tensor_memory: a large tensor lies where one of its size was before", "[programs]") {
  prepare();
  const std::int64_t floats = GENERATE(20000, 10 << 20);
  const void* const before = at::ones({floats}).const_data_ptr();
  const at::Tensor again = at::ones({floats});
  CHECK(again.const_data_ptr() == before);
  CHECK(again.sum().item<double>() == static_cast<double>(floats));
}

TEST_CASE("keep_tensor_memory: tensors of all sizes keep their values", "[programs]") {
  prepare();
  std::vector<at::Tensor> tensors;
  for (int i = 0; i < 300; ++i) {
    tensors.push_back(at::full({1 + i % 30 * 1000}, i));
    if (i % 3 == 2) tensors[static_cast<std::size_t>(i / 2)] = at::Tensor();
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    CAPTURE(i);
    if (tensors[i].defined()) CHECK(tensors[i].eq(static_cast<double>(i)).all().item<bool>());
  }
}

TEST_CASE("keep_tensor_memory: tensors grow, and ones made before stay", "[programs]") {
  const at::Tensor early = at::full({100000}, 7);
  prepare();
  at::Tensor grown = at::full({20000}, 3.0F);
  grown.resize_({40000});
  CHECK(grown.narrow(0, 0, 20000).eq(3.0F).all().item<bool>());
  CHECK(early.eq(7).all().item<bool>());
}

TEST_CASE("keep_tensor_memory: more than the machine has is an error as before", "[programs]") {
  prepare();
  CHECK_THROWS_AS(at::empty({std::int64_t{1} << 60}, at::kByte), c10::Error);
}
