#include "decode.h"

namespace tempo::rollout {
namespace {

// Packed tokens of a call: enough for the matrix products to run at full speed, few enough that a call's
// memory stays small. A longer prompt is a call of its own.
constexpr std::int32_t kTokensPerCall = 2048;

void clear(model::SegmentPlan& plan) {
  plan.token.clear();
  plan.position.clear();
  plan.slot.clear();
  plan.segments.clear();
  plan.key_ranges.clear();
}

// Returns the rows at the ends of the plan's segments.
at::Tensor segment_ends(const at::Tensor& hidden_TD, const model::SegmentPlan& plan) {
  if (plan.segments.size() == plan.token.size()) return hidden_TD;
  std::vector<std::int64_t> rows;
  for (const model::PlanSegment& segment : plan.segments) rows.push_back(segment.query_end - 1);
  return hidden_TD.index_select(0, at::tensor(rows, at::kLong).to(hidden_TD.device()));
}

}  // namespace

Decoder::Decoder(const model::Model& model, const model::PackedWeights& packed,
                 std::span<const std::vector<std::int32_t>> prompts, std::int64_t slots)
    : model_(model),
      packed_(packed),
      prompts_(prompts),
      cache_(model.config(), slots, model.dtype(), model.device()) {}

at::Tensor Decoder::hidden_at_ends(const Frontier& frontier) {
  std::vector<at::Tensor> parts;
  const auto call = [&] {
    parts.push_back(segment_ends(model_.hidden(plan_, &cache_, &packed_), plan_));
    clear(plan_);
  };
  clear(plan_);
  for (const FrontierNode& node : frontier.nodes()) {
    const std::int32_t tokens =
        node.length > 0 ? 1
                        : static_cast<std::int32_t>(prompts_[static_cast<std::size_t>(node.group)].size());
    if (plan_.tokens() > 0 && plan_.tokens() + tokens > kTokensPerCall) call();
    add_to_plan(node, frontier.path(node));
  }
  call();
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

void Decoder::add_to_plan(const FrontierNode& node, std::span<const tree::NodeRange> path) {
  model::PlanSegment segment;
  segment.range_begin = static_cast<std::int32_t>(plan_.key_ranges.size());
  plan_.key_ranges.insert(plan_.key_ranges.end(), path.begin(), path.end());
  segment.range_end = static_cast<std::int32_t>(plan_.key_ranges.size());
  for (const tree::NodeRange& range : path) segment.keys += range.size();

  segment.query_begin = plan_.tokens();
  if (node.length > 0) {
    plan_.token.push_back(node.token);
    plan_.position.push_back(segment.keys - 1);
    plan_.slot.push_back(path.back().end - 1);
  } else {
    const auto& prompt = prompts_[static_cast<std::size_t>(node.group)];
    plan_.token.insert(plan_.token.end(), prompt.begin(), prompt.end());
    for (std::int32_t i = 0; i < segment.keys; ++i) {
      plan_.position.push_back(i);
      plan_.slot.push_back(path.front().begin + i);
    }
  }
  segment.query_end = plan_.tokens();
  plan_.segments.push_back(segment);
}

}  // namespace tempo::rollout
