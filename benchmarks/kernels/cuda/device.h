// The CUDA kernels as the benchmarks call them, on arrays of the device.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "buffer.h"
#include "tempo/kernels/advantages.h"
#include "tempo/kernels/clipped_loss.h"
#include "tempo/kernels/draw.h"
#include "tempo/kernels/fold.h"
#include "tempo/kernels/forest.h"
#include "tempo/kernels/softmax.h"

namespace tempo::bench {

struct Cuda {
  static constexpr const char* kName = "cuda";

  template <typename T>
  using Buffer = test::Buffer<T>;

  static bool available() {
    int devices = 0;
    return cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0;
  }

  // Bytes a second, read and written both counted, of copies between arrays of the device too large for its
  // cache. Measured at the first call: the best of some.
  static double copy_bandwidth() {
    static const double bandwidth = [] {
      constexpr std::size_t kBytes = std::size_t{256} << 20;
      Buffer<char> from(kBytes), to(kBytes);
      double best = 0;
      for (int run = 0; run < 8; ++run) {
        wait();
        const auto begin = std::chrono::steady_clock::now();
        test::check(cudaMemcpyAsync(to.data(), from.data(), kBytes, cudaMemcpyDeviceToDevice));
        wait();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        best = std::max(best, 2.0 * kBytes / seconds.count());
      }
      return best;
    }();
    return bandwidth;
  }
  static void wait() { test::check(cudaDeviceSynchronize()); }

  static void plan_forest(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                          void* workspace) {
    kernels::cuda::plan_forest(groups, kernels::ForestMerge::kPrefixes, plan, workspace, nullptr);
  }
  static void write_nodes(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                          const kernels::ForestNodes& nodes) {
    kernels::cuda::write_nodes(groups, plan, nodes, nullptr);
  }
  static void assign_credit(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                            const float* rewards, const kernels::SegmentCredit& credit) {
    kernels::cuda::assign_credit(groups, plan, rewards, {}, credit, nullptr);
  }
  static void write_token_advantages(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                                     const kernels::SegmentCredit& credit, float* advantages) {
    kernels::cuda::write_token_advantages(groups, plan, credit.response, credit.segment, advantages, nullptr);
  }
  static void write_node_values(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                                const kernels::SegmentCredit& credit, double* values) {
    kernels::cuda::write_node_values(groups, plan, credit.value, values, nullptr);
  }
  static void write_node_credit(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                                const kernels::SegmentCredit& credit, float* node_credit) {
    kernels::cuda::write_node_credit(groups, plan, credit.segment, node_credit, nullptr);
  }
  static void fold_credit(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                          const kernels::SegmentCredit& credit, const double* token_weight,
                          const kernels::FoldColumns& columns, kernels::SegmentFold* segment_folds) {
    kernels::cuda::fold_credit(groups, plan, credit.response, credit.segment, token_weight, columns,
                               segment_folds, nullptr);
  }
  static void clipped_loss(const kernels::ClippedLossArgs& args) {
    kernels::cuda::clipped_loss(args, nullptr);
  }

  template <typename Logit>
  static void softmax_forward(const kernels::LogitRows<Logit>& in, const kernels::SoftmaxResult& out) {
    kernels::cuda::softmax_forward(in, out, nullptr);
  }
  template <typename Logit, typename Gradient>
  static void softmax_backward(const kernels::LogitRows<Logit>& in,
                               const kernels::SoftmaxGradient<Gradient>& out) {
    kernels::cuda::softmax_backward(in, out, nullptr);
  }
  template <typename Logit>
  static void draw_tokens(const kernels::DrawArgs<Logit>& args) {
    kernels::cuda::draw_tokens(args, nullptr);
  }
};

}  // namespace tempo::bench
