// The CPU's kernels as the benchmarks call them, on all cores.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "copy_bandwidth.h"
#include "tempo/kernels/advantages.h"
#include "tempo/kernels/clipped_loss.h"
#include "tempo/kernels/draw.h"
#include "tempo/kernels/fold.h"
#include "tempo/kernels/forest.h"
#include "tempo/kernels/softmax.h"

namespace tempo::bench {

struct Cpu {
  static constexpr const char* kName = "cpu";

  template <typename T>
  class Buffer {
   public:
    explicit Buffer(std::vector<T> values) : values_(std::move(values)) {}
    explicit Buffer(std::size_t size) : values_(size) {}
    std::size_t size() const { return values_.size(); }
    T* data() { return values_.data(); }
    const std::vector<T>& values() const { return values_; }

   private:
    std::vector<T> values_;
  };

  // Bytes a second, read and written both counted.
  static double copy_bandwidth() { return bench::copy_bandwidth(); }
  static void wait() { benchmark::ClobberMemory(); }

  static void plan_forest(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan, void*) {
    kernels::cpu::plan_forest(groups, kernels::ForestMerge::kPrefixes, plan);
  }
  static void write_nodes(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                          const kernels::ForestNodes& nodes) {
    kernels::cpu::write_nodes(groups, plan, nodes);
  }
  static void assign_credit(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                            const float* rewards, const kernels::SegmentCredit& credit) {
    kernels::cpu::assign_credit(groups, plan, rewards, {}, credit);
  }
  static void write_token_advantages(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                                     const kernels::SegmentCredit& credit, float* advantages) {
    kernels::cpu::write_token_advantages(groups, plan, credit.response, credit.segment, advantages);
  }
  static void write_node_values(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                                const kernels::SegmentCredit& credit, double* values) {
    kernels::cpu::write_node_values(groups, plan, credit.value, values);
  }
  static void write_node_credit(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                                const kernels::SegmentCredit& credit, float* node_credit) {
    kernels::cpu::write_node_credit(groups, plan, credit.segment, node_credit);
  }
  static void fold_credit(const kernels::FlatGroups& groups, const kernels::ForestPlan& plan,
                          const kernels::SegmentCredit& credit, const double* token_weight,
                          const kernels::FoldColumns& columns, kernels::SegmentFold*) {
    kernels::cpu::fold_credit(groups, plan, credit.response, credit.segment, token_weight, columns);
  }
  static void clipped_loss(const kernels::ClippedLossArgs& args) { kernels::cpu::clipped_loss(args); }

  template <typename Logit>
  static void softmax_forward(const kernels::LogitRows<Logit>& in, const kernels::SoftmaxResult& out) {
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < in.rows; ++row) kernels::cpu::softmax_forward(in, out, row, row + 1);
  }
  template <typename Logit, typename Gradient>
  static void softmax_backward(const kernels::LogitRows<Logit>& in,
                               const kernels::SoftmaxGradient<Gradient>& out) {
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < in.rows; ++row) kernels::cpu::softmax_backward(in, out, row, row + 1);
  }
  template <typename Logit>
  static void draw_tokens(const kernels::DrawArgs<Logit>& args) {
#pragma omp parallel
    {
      kernels::RowSampler sampler(args.vocab);
#pragma omp for schedule(static)
      for (std::int32_t row = 0; row < args.rows; ++row) kernels::cpu::draw_row(args, row, sampler);
    }
  }
};

}  // namespace tempo::bench
