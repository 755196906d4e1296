#include "device/host_exec.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <set>
#include <vector>

#include "device/device.h"
#include "device/reduce.h"

using namespace tempo::kernels;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

constexpr int kThreads = 128;

__global__ void sum_of_indices(int* to, bool with_barrier) {
  __shared__ int values[kThreads];
  values[threadIdx.x] = static_cast<int>(threadIdx.x) + 1;
  if (with_barrier) __syncthreads();
  if (threadIdx.x != 0) return;
  int sum = 0;
  for (const int value : values) sum += value;
  to[blockIdx.x] = sum;
  for (int& value : values) value = 0;
}

int sum_of_indices(std::uint64_t seed, bool with_barrier) {
  host_exec::set_schedule_seed(seed);
  int sum = 0;
  host::launch("sum_of_indices", nullptr, {.grid = 1, .block = kThreads}, sum_of_indices, &sum, with_barrier);
  return sum;
}

__global__ void some_wait() {
  if (threadIdx.x < 32) __syncthreads();
  if (threadIdx.x >= 32) __syncthreads();
}

__global__ void sum_warps(double* to) {
  __shared__ double partial[kThreads / host::kWarp];
  const double sum = host::block_sum<kThreads>(1.0 + threadIdx.x, partial);
  if (threadIdx.x == 0) to[blockIdx.x] = sum;
}

}  // namespace

TEST_CASE("host_exec: threads run in an order that a seed draws", "[device]") {
  std::set<int> sums;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(sum_of_indices(seed, true) == kThreads * (kThreads + 1) / 2);
    sums.insert(sum_of_indices(seed, false));
  }
  CHECK(sums.size() > 5);  // the missing barrier shows
}

TEST_CASE("host_exec: a barrier that some threads do not reach is an error", "[device]") {
  CHECK_THROWS_MATCHES(host::launch("some_wait", nullptr, {.grid = 1, .block = 64}, some_wait), tempo::Error,
                       MessageMatches(ContainsSubstring("host_exec_test.cpp")));
}

TEST_CASE("host_exec: a block's sum takes all its warps", "[device]") {
  std::vector<double> sums(3);
  host::launch("sum_warps", nullptr, {.grid = 3, .block = kThreads}, sum_warps, sums.data());
  CHECK(sums == std::vector<double>(3, kThreads * (kThreads + 1) / 2));
}
