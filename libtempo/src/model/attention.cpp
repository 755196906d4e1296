#include "tempo/model/attention.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "attention_by_flash.h"
#include "attention_paths.h"
#include "tempo/core/error.h"

namespace tempo::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void check_tensors(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                   std::int64_t tokens) {
  TEMPO_CHECK(query.dim() == 3 && key.dim() == 3 && value.sizes() == key.sizes(),
              "segment_attention: expected query [T, H, E] and equal shapes [S, K, E] of key and value, got ",
              query.sizes(), ", ", key.sizes(), " and ", value.sizes());
  TEMPO_CHECK(query.size(0) == tokens, "segment_attention: expected one query row for each of the ", tokens,
              " tokens of the plan, got ", query.size(0));
  TEMPO_CHECK(query.size(2) == key.size(2) && key.size(2) > 0,
              "segment_attention: expected query and key of one head width, got ", query.size(2), " and ",
              key.size(2));
  TEMPO_CHECK(key.size(1) > 0 && query.size(1) > 0 && query.size(1) % key.size(1) == 0,
              "segment_attention: expected a multiple of the ", key.size(1), " key-value heads, got ",
              query.size(1), " query heads");
  const auto same = [&](const at::Tensor& other) {
    return other.scalar_type() == query.scalar_type() && other.device() == query.device();
  };
  TEMPO_CHECK(same(key) && same(value), "segment_attention: expected one dtype and device, got ",
              query.toString(), ", ", key.toString(), " and ", value.toString());
  TEMPO_CHECK(query.scalar_type() == at::kFloat || query.scalar_type() == at::kBFloat16,
              "segment_attention: expected float32 or bfloat16, got ", query.toString());
}

// Returns the number of keys in a segment's ranges, each checked to lie in the slots.
std::int64_t checked_keys(const SegmentPlan& plan, const PlanSegment& segment, std::int64_t slots) {
  TEMPO_CHECK(0 <= segment.range_begin && segment.range_begin <= segment.range_end &&
                  static_cast<std::size_t>(segment.range_end) <= plan.key_ranges.size(),
              "segment_attention: expected key ranges of the plan's ", plan.key_ranges.size(), ", got [",
              segment.range_begin, ", ", segment.range_end, ")");
  std::int64_t keys = 0;
  for (std::int32_t r = segment.range_begin; r < segment.range_end; ++r) {
    const tree::NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
    TEMPO_CHECK(0 <= range.begin && range.begin <= range.end && range.end <= slots,
                "segment_attention: expected a key range in ", slots, " slots, got [", range.begin, ", ",
                range.end, ")");
    keys += range.size();
  }
  return keys;
}

void check_plan(const SegmentPlan& plan, std::int64_t slots) {
  std::int32_t covered = 0;
  for (const PlanSegment& segment : plan.segments) {
    TEMPO_CHECK(segment.query_begin == covered && segment.query_end > covered,
                "segment_attention: expected segments that cover the tokens in order, got [",
                segment.query_begin, ", ", segment.query_end, ") after token ", covered);
    covered = segment.query_end;
    const std::int64_t keys = checked_keys(plan, segment, slots);
    TEMPO_CHECK(keys == segment.keys && keys >= segment.query_end - segment.query_begin,
                "segment_attention: expected ranges of ", segment.keys, " keys and a key a query, got ", keys,
                " keys and ", segment.query_end - segment.query_begin, " queries");
  }
  TEMPO_CHECK(covered == plan.tokens(), "segment_attention: expected segments of all ", plan.tokens(),
              " tokens, got ", covered);
}

AttentionResult attend(const AttentionInputs& inputs, const AttentionPlan& plan) {
  if (plan.flash) return attention_by_flash(inputs, *plan.flash);
  return inputs.query_THE.is_cpu() ? attention_by_kernels(inputs, plan.segments)
                                   : attention_by_operators(inputs, plan.segments);
}

AttentionGradients attend_backward(const AttentionInputs& inputs, const AttentionResult& result,
                                   const at::Tensor& grad_output_THE, const AttentionPlan& plan) {
  if (plan.flash) return attention_backward_by_flash(inputs, result, grad_output_THE, *plan.flash);
  const auto backward =
      inputs.query_THE.is_cpu() ? attention_backward_by_kernels : attention_backward_by_operators;
  return backward(inputs, result, grad_output_THE, plan.segments);
}

using PlanPointer = std::shared_ptr<const AttentionPlan>;

// Carries the plan from forward to backward.
struct SavedPlan : torch::CustomClassHolder {
  explicit SavedPlan(PlanPointer plan_in) : plan(std::move(plan_in)) {}
  PlanPointer plan;
};

class SegmentAttention : public torch::autograd::Function<SegmentAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query_THE, const at::Tensor& key_SKE,
                            const at::Tensor& value_SKE, const PlanPointer& plan) {
    const AttentionResult result = attend({query_THE, key_SKE, value_SKE}, *plan);
    context->save_for_backward({query_THE, key_SKE, value_SKE, result.output_THE, result.logsumexp_TH});
    context->saved_data["plan"] = c10::IValue::make_capsule(c10::make_intrusive<SavedPlan>(plan));
    return result.output_THE;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto capsule = context->saved_data["plan"].toCapsule();
    const AttentionGradients out =
        attend_backward({saved[0], saved[1], saved[2]}, {saved[3], saved[4]}, gradients[0],
                        *static_cast<const SavedPlan&>(*capsule).plan);
    return {out.query_THE, out.key_SKE, out.value_SKE, at::Tensor()};
  }
};

}  // namespace

std::shared_ptr<const AttentionPlan> plan_attention(SegmentPlan plan, std::int64_t slots,
                                                    const at::TensorOptions& heads, std::int64_t width) {
  check_plan(plan, slots);
  std::shared_ptr<const FlashPlan> flash;
  if (libtorch_flash_takes(heads, width))
    flash = plan_flash(plan, slots, heads.device(), at::GradMode::is_enabled());
  return std::make_shared<const AttentionPlan>(AttentionPlan{std::move(plan), slots, std::move(flash)});
}

at::Tensor segment_attention(const at::Tensor& query_THE, const at::Tensor& key_SKE,
                             const at::Tensor& value_SKE, const std::shared_ptr<const AttentionPlan>& plan) {
  check_tensors(query_THE, key_SKE, value_SKE, plan->segments.tokens());
  TEMPO_CHECK(key_SKE.size(0) == plan->slots, "segment_attention: expected the plan's ", plan->slots,
              " slots, got ", key_SKE.size(0));
  if (!at::GradMode::is_enabled()) return attend({query_THE, key_SKE, value_SKE}, *plan).output_THE;
  return SegmentAttention::apply(query_THE, key_SKE, value_SKE, plan);
}

at::Tensor segment_attention(const at::Tensor& query_THE, const at::Tensor& key_SKE,
                             const at::Tensor& value_SKE, const SegmentPlan& plan) {
  check_tensors(query_THE, key_SKE, value_SKE, plan.tokens());
  return segment_attention(query_THE, key_SKE, value_SKE,
                           plan_attention(plan, key_SKE.size(0), query_THE.options(), query_THE.size(2)));
}

}  // namespace tempo::model
