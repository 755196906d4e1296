#include "tempo/kernels/advantages.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "credit_of_group.h"

namespace tempo::kernels::cpu {
namespace {

constexpr std::int32_t kFewResponses = 2048;  // of which one thread alone is faster

struct CreditArgs {
  const FlatGroups& groups;
  const ForestPlan& plan;
  const float* rewards;
  const CreditOptions& options;
  const SegmentCredit& credit;
};

// What a thread keeps from group to group. Segments count from the group's root.
struct Scratch {
  std::vector<float> sorted;
  std::vector<double> sum, value;
};

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Adds every reward to the segment that its response ends in. Equal responses stand next to each other, in
// the caller's order: they are added by size, so that this order leaves no trace in the rounding.
void add_endings(const CreditArgs& a, std::int32_t begin, std::int32_t end, std::int32_t root,
                 Scratch& scratch) {
  const auto segment_of = [&](std::int32_t leaf) {
    return a.plan.response_segment[a.plan.leaf_response[leaf]];
  };
  std::vector<float>& ending = scratch.sorted;
  for (std::int32_t leaf = begin; leaf < end;) {
    const std::int32_t segment = segment_of(leaf);
    ending.clear();
    for (; leaf < end && segment_of(leaf) == segment; ++leaf)
      ending.push_back(a.rewards[a.plan.leaf_response[leaf]]);
    std::sort(ending.begin(), ending.end());
    for (const float reward : ending) scratch.sum[at(segment - root)] += static_cast<double>(reward);
  }
}

// Fills scratch.value with V of the group's segments. The sums below a segment take its children from the
// last to the first.
void compute_values(const CreditArgs& a, std::int32_t group, const GroupStats& stats, Scratch& scratch) {
  const std::int32_t root = a.plan.group_segment[group];
  const std::span segments(a.plan.segments + root, at(a.plan.group_segment[group + 1] - root));
  scratch.sum.assign(segments.size(), 0);
  scratch.value.resize(segments.size());
  add_endings(a, a.groups.group_offsets[group], a.groups.group_offsets[group + 1], root, scratch);
  for (std::size_t s = segments.size(); s-- > 1;)
    scratch.sum[at(segments[s].parent - root)] += scratch.sum[s];

  scratch.value[0] = stats.mean;
  for (std::size_t s = 1; s < segments.size(); ++s) {
    const std::size_t above = at(segments[s].parent - root);
    const double mean = scratch.sum[s] / segments[s].weight;
    if (segments[s].weight == segments[above].weight)
      scratch.value[s] = scratch.value[above];
    else if (a.options.value_shrinkage == 0)
      scratch.value[s] = mean;
    else
      scratch.value[s] =
          drawn_value(scratch.value[above], mean, segments[s].weight, a.options.value_shrinkage);
  }
}

void write_segments(const CreditArgs& a, std::int32_t group, const GroupStats& stats,
                    const Scratch& scratch) {
  const std::int32_t root = a.plan.group_segment[group];
  const ForestSegment* const segments = a.plan.segments + root;
  const double scale = a.options.estimator == Estimator::kTempo ? stats.scale : 0;
  if (a.credit.value) std::copy(scratch.value.begin(), scratch.value.end(), a.credit.value + root);
  if (!a.credit.segment) return;
  a.credit.segment[root] = 0;
  for (std::size_t s = 1; s < scratch.value.size(); ++s)
    a.credit.segment[at(root) + s] =
        credit_of(scratch.value[s], scratch.value[at(segments[s].parent - root)], scale);
}

void credit_group(const CreditArgs& a, std::int32_t group, Scratch& scratch) {
  const std::int32_t begin = a.groups.group_offsets[group], end = a.groups.group_offsets[group + 1];
  scratch.sorted.assign(a.rewards + begin, a.rewards + end);
  std::sort(scratch.sorted.begin(), scratch.sorted.end());
  const GroupStats stats = stats_of(scratch.sorted.data(), end - begin, a.options);
  if (a.credit.response)
    for (std::int32_t i = begin; i < end; ++i)
      a.credit.response[i] = credit_of(static_cast<double>(a.rewards[i]), stats.mean, stats.scale);
  if (!a.credit.value && !a.credit.segment) return;
  compute_values(a, group, stats, scratch);
  write_segments(a, group, stats, scratch);
}

}  // namespace

void assign_credit(const FlatGroups& groups, const ForestPlan& plan, const float* rewards,
                   const CreditOptions& options, const SegmentCredit& credit) {
  if (failed(plan)) return;
  const CreditArgs args{groups, plan, rewards, options, credit};
#pragma omp parallel if (groups.responses > kFewResponses)
  {
    Scratch scratch;
#pragma omp for schedule(dynamic, 8)
    for (std::int32_t g = 0; g < groups.groups; ++g) credit_group(args, g, scratch);
  }
}

}  // namespace tempo::kernels::cpu
