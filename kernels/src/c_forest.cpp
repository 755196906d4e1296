// The C interface's forest and advantages.
#include <cmath>

#include "src/c_interface.h"
#include "tempo/kernels/advantages.h"

using namespace tempo::kernels;

namespace {

// A plan and what planning needs, in a workspace.
struct PlanMemory {
  PlanMemory(std::int32_t device, const FlatGroups& groups, bool with_plan, std::int32_t* callers_error,
             Workspace& workspace)
      : scratch(workspace.take_bytes(device == TEMPO_CPU ? 0 : forest_workspace_bytes(groups))) {
    auto* const error = workspace.take<GroupsError>(1);
    if (with_plan) {
      plan.leaf_response = workspace.take<std::int32_t>(groups.responses);
      plan.leaf_shared = workspace.take<std::int32_t>(groups.responses);
      plan.response_segment = workspace.take<std::int32_t>(groups.responses);
      plan.segments = workspace.take<ForestSegment>(most_segments(groups.groups, groups.responses));
      plan.group_node = workspace.take<std::int32_t>(std::int64_t{groups.groups} + 1);
      plan.group_segment = workspace.take<std::int32_t>(std::int64_t{groups.groups} + 1);
    }
    plan.error = callers_error ? reinterpret_cast<GroupsError*>(callers_error) : error;
  }

  std::byte* scratch;
  ForestPlan plan;
};

void plan_on(std::int32_t device, const FlatGroups& groups, ForestMerge merge, const PlanMemory& memory,
             Stream stream) {
  if (device == TEMPO_CPU)
    cpu::plan_forest(groups, merge, memory.plan);
  else
    cuda::plan_forest(groups, merge, memory.plan, memory.scratch, stream);
}

// Prompts do not change advantages.
FlatGroups without_prompts(FlatGroups groups) {
  groups.prompt_offsets = groups.prompt_tokens = nullptr;
  groups.prompt_token_count = 0;
  return groups;
}

struct AdvantageMemory {
  AdvantageMemory(std::int32_t device, const FlatGroups& groups, std::int32_t* callers_error,
                  Workspace& workspace)
      : planned(device, groups, true, callers_error, workspace) {
    const std::int64_t segments = most_segments(groups.groups, groups.responses);
    credit.value = workspace.take<double>(segments);
    credit.response = workspace.take<float>(groups.responses);
    credit.segment = workspace.take<float>(segments);
  }

  PlanMemory planned;
  SegmentCredit credit;
};

void check_options(const char* function, const tempo_credit_options* options) {
  check_pointer(function, "options", options, 1);
  TEMPO_CHECK(options->estimator >= TEMPO_TEMPO && options->estimator <= TEMPO_RLOO, function,
              ": estimator: expected TEMPO_TEMPO, TEMPO_GRPO, TEMPO_DR_GRPO or TEMPO_RLOO, got ",
              options->estimator);
  const auto check_number = [&](const char* name, double value) {
    TEMPO_CHECK(value >= 0 && std::isfinite(value), function, ": ", name,
                ": expected a finite number of at least 0, got ", value);
  };
  check_number("epsilon", options->epsilon);
  check_number("value_shrinkage", options->value_shrinkage);
}

// Those of a device are its own affair.
void check_rewards(const char* function, std::int32_t device, const float* rewards, std::int32_t count) {
  constexpr float kMost = 1e37F;
  check_pointer(function, "rewards", rewards, count);
  for (std::int32_t i = 0; device == TEMPO_CPU && i < count; ++i)
    TEMPO_CHECK(std::abs(rewards[i]) <= kMost, function, ": rewards[", i,
                "]: expected a finite number of size at most ", kMost, ", got ", rewards[i]);
}

ForestPlan plan_of(const tempo_forest& forest, GroupsError* error) {
  return {.leaf_response = forest.leaf_response,
          .leaf_shared = forest.leaf_shared,
          .response_segment = forest.response_segment,
          .segments = reinterpret_cast<ForestSegment*>(forest.segments),
          .group_node = forest.group_node,
          .group_segment = forest.group_segment,
          .error = error};
}

ForestNodes nodes_of(const tempo_forest& forest) {
  return {.token = forest.token,
          .parent = forest.parent,
          .depth = forest.depth,
          .weight = forest.weight,
          .first_leaf = forest.first_leaf,
          .segment = forest.segment,
          .trainable = forest.trainable};
}

void check_forest(const char* function, const tempo_groups& groups, const tempo_forest* forest) {
  check_pointer(function, "forest", forest, 1);
  check_pointer(function, "leaf_response", forest->leaf_response, groups.responses);
  check_pointer(function, "leaf_shared", forest->leaf_shared, groups.responses);
  check_pointer(function, "response_segment", forest->response_segment, groups.responses);
  check_pointer(function, "segments", forest->segments, most_segments(groups.groups, groups.responses));
  TEMPO_CHECK(reinterpret_cast<std::uintptr_t>(forest->segments) % alignof(ForestSegment) == 0, function,
              ": segments: expected an address that ", alignof(ForestSegment), " divides, got another");
  check_pointer(function, "group_node", forest->group_node, std::int64_t{groups.groups} + 1);
  check_pointer(function, "group_segment", forest->group_segment, std::int64_t{groups.groups} + 1);
}

static_assert(sizeof(tempo_segment) == sizeof(ForestSegment));

}  // namespace

size_t tempo_build_forest_workspace(int32_t device, const tempo_groups* groups) {
  Workspace workspace(nullptr);
  PlanMemory(device, flat_groups(*groups), false, nullptr, workspace);
  return workspace.used();
}

int32_t tempo_build_forest(int32_t device, const tempo_groups* groups, int32_t merge,
                           const tempo_forest* forest, void* workspace, size_t workspace_bytes,
                           int32_t* error, void* stream) {
  constexpr const char* kName = "tempo_build_forest";
  return run_checked(
      [&] {
        check_groups(kName, device, groups);
        TEMPO_CHECK(merge == TEMPO_MERGE_PREFIXES || merge == TEMPO_MERGE_NONE, kName,
                    ": merge: expected TEMPO_MERGE_PREFIXES or TEMPO_MERGE_NONE, got ", merge);
        check_forest(kName, *groups, forest);
        check_workspace(kName, workspace, workspace_bytes, tempo_build_forest_workspace(device, groups));
      },
      [&] {
        const FlatGroups flat = flat_groups(*groups);
        Workspace memory(workspace);
        PlanMemory planned(device, flat, false, error, memory);
        planned.plan = plan_of(*forest, planned.plan.error);
        plan_on(device, flat, static_cast<ForestMerge>(merge), planned, stream);
        if (device == TEMPO_CUDA)
          cuda::write_nodes(flat, planned.plan, nodes_of(*forest), stream);
        else if (*planned.plan.error == GroupsError::kNone)
          cpu::write_nodes(flat, planned.plan, nodes_of(*forest));
        return result_of_groups(kName, device, planned.plan.error, error, stream);
      });
}

size_t tempo_token_advantages_workspace(int32_t device, const tempo_groups* groups) {
  Workspace workspace(nullptr);
  AdvantageMemory(device, without_prompts(flat_groups(*groups)), nullptr, workspace);
  return workspace.used();
}

int32_t tempo_token_advantages(int32_t device, const tempo_groups* groups, const float* rewards,
                               const tempo_credit_options* options, float* advantages, void* workspace,
                               size_t workspace_bytes, int32_t* error, void* stream) {
  constexpr const char* kName = "tempo_token_advantages";
  return run_checked(
      [&] {
        check_groups(kName, device, groups);
        check_options(kName, options);
        check_rewards(kName, device, rewards, groups->responses);
        check_pointer(kName, "advantages", advantages, groups->response_token_count);
        check_workspace(kName, workspace, workspace_bytes, tempo_token_advantages_workspace(device, groups));
      },
      [&] {
        const FlatGroups flat = without_prompts(flat_groups(*groups));
        const CreditOptions credit_options{.estimator = static_cast<Estimator>(options->estimator),
                                           .divide_by_std = options->divide_by_std != 0,
                                           .epsilon = options->epsilon,
                                           .value_shrinkage = options->value_shrinkage};
        Workspace memory(workspace);
        const AdvantageMemory m(device, flat, error, memory);
        const ForestPlan& plan = m.planned.plan;
        plan_on(device, flat, ForestMerge::kPrefixes, m.planned, stream);
        if (device == TEMPO_CUDA) {
          cuda::assign_credit(flat, plan, rewards, credit_options, m.credit, stream);
          cuda::write_token_advantages(flat, plan, m.credit.response, m.credit.segment, advantages, stream);
        } else if (*plan.error == GroupsError::kNone) {
          cpu::assign_credit(flat, plan, rewards, credit_options, m.credit);
          cpu::write_token_advantages(flat, plan, m.credit.response, m.credit.segment, advantages);
        }
        return result_of_groups(kName, device, plan.error, error, stream);
      });
}
