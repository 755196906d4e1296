// Stands in for the CUDA kernels in a build without them.
#include "tempo/core/error.h"
#include "tempo/kernels/advantages.h"
#include "tempo/kernels/clipped_loss.h"
#include "tempo/kernels/device.h"
#include "tempo/kernels/draw.h"
#include "tempo/kernels/fold.h"
#include "tempo/kernels/forest.h"
#include "tempo/kernels/softmax.h"

namespace tempo::kernels {

bool has_cuda() { return false; }

namespace cuda {
namespace {

[[noreturn]] void fail(const char* function) {
  core::fail(function, ": expected a tempo built with CUDA (cmake --preset cuda), got one without");
}

}  // namespace

void copy_to_host(void*, const void*, std::size_t, Stream) { fail("copy_to_host"); }
void assign_credit(const FlatGroups&, const ForestPlan&, const float*, const CreditOptions&,
                   const SegmentCredit&, Stream) {
  fail("assign_credit");
}
void write_node_values(const FlatGroups&, const ForestPlan&, const double*, double*, Stream) {
  fail("write_node_values");
}
void write_node_credit(const FlatGroups&, const ForestPlan&, const float*, float*, Stream) {
  fail("write_node_credit");
}
void write_token_advantages(const FlatGroups&, const ForestPlan&, const float*, const float*, float*,
                            Stream) {
  fail("write_token_advantages");
}

void clipped_loss(const ClippedLossArgs&, Stream) { fail("clipped_loss"); }
void draw_tokens(const DrawArgs<float>&, Stream) { fail("draw_tokens"); }
void draw_tokens(const DrawArgs<BFloat16>&, Stream) { fail("draw_tokens"); }
void plan_forest(const FlatGroups&, ForestMerge, const ForestPlan&, void*, Stream) { fail("plan_forest"); }
void write_nodes(const FlatGroups&, const ForestPlan&, const ForestNodes&, Stream) { fail("write_nodes"); }

template <typename Logit>
void softmax_forward(const LogitRows<Logit>&, const SoftmaxResult&, Stream) {
  fail("softmax_forward");
}
template <typename Logit, typename Gradient>
void softmax_backward(const LogitRows<Logit>&, const SoftmaxGradient<Gradient>&, Stream) {
  fail("softmax_backward");
}
template void softmax_forward(const LogitRows<float>&, const SoftmaxResult&, Stream);
template void softmax_forward(const LogitRows<BFloat16>&, const SoftmaxResult&, Stream);
template void softmax_backward(const LogitRows<float>&, const SoftmaxGradient<float>&, Stream);
template void softmax_backward(const LogitRows<float>&, const SoftmaxGradient<BFloat16>&, Stream);
template void softmax_backward(const LogitRows<BFloat16>&, const SoftmaxGradient<BFloat16>&, Stream);

void fold_credit(const FlatGroups&, const ForestPlan&, const float*, const float*, const double*,
                 const FoldColumns&, SegmentFold*, Stream) {
  fail("fold_credit");
}

}  // namespace cuda
}  // namespace tempo::kernels
