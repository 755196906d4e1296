#include "flash_sequences.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

namespace tempo::model {
namespace {

// The backward kernel pads each sequence's queries by 128 rows of float32 sums, and a device takes 65,535 of
// them in one launch.
constexpr std::size_t kMostSequences = 1024;

// A segment's keys before its own ones, and its own: causal among themselves. A segment of one token has none
// of these, for it sees all of its path.
struct Path {
  std::vector<tree::NodeRange> before;
  tree::NodeRange own;
};

std::optional<Path> path_of(const SegmentPlan& plan, const PlanSegment& segment) {
  Path path;
  for (std::int32_t r = segment.range_begin; r < segment.range_end; ++r) {
    const tree::NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
    if (range.size() == 0) continue;
    if (!path.before.empty() && path.before.back().end == range.begin) {
      path.before.back().end = range.end;
    } else {
      path.before.push_back(range);
    }
  }
  const std::int32_t queries = segment.query_end - segment.query_begin;
  if (queries == 1) return path;
  tree::NodeRange& last = path.before.back();
  if (last.size() < queries) return std::nullopt;
  path.own = {last.end - queries, last.end};
  last.end -= queries;
  if (last.size() == 0) path.before.pop_back();
  return path;
}

struct Sequence {
  tree::NodeRange keys;
  std::vector<tree::NodeRange> queries;  // packed tokens

  std::int32_t count() const {
    std::int32_t sum = 0;
    for (const tree::NodeRange& range : queries) sum += range.size();
    return sum;
  }
};

// Returns where the ranges begin and end, in order.
Ints cuts_of(std::span<const Path> paths) {
  Ints cuts;
  for (const Path& path : paths) {
    for (const tree::NodeRange& range : path.before) cuts.insert(cuts.end(), {range.begin, range.end});
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

// Returns one sequence for each range between neighbouring cuts that someone reads, with all who do.
std::vector<Sequence> shared_sequences(const SegmentPlan& plan, std::span<const Path> paths) {
  const Ints cuts = cuts_of(paths);
  std::vector<Sequence> sequences(cuts.size());
  for (std::size_t s = 0; s < paths.size(); ++s) {
    for (const tree::NodeRange& range : paths[s].before) {
      auto cut = static_cast<std::size_t>(
          std::distance(cuts.begin(), std::lower_bound(cuts.begin(), cuts.end(), range.begin)));
      for (; cuts[cut] < range.end; ++cut) {
        sequences[cut].keys = {cuts[cut], cuts[cut + 1]};
        sequences[cut].queries.push_back({plan.segments[s].query_begin, plan.segments[s].query_end});
      }
    }
  }
  std::erase_if(sequences, [](const Sequence& sequence) { return sequence.queries.empty(); });
  return sequences;
}

std::vector<Sequence> own_sequences(const SegmentPlan& plan, std::span<const Path> paths) {
  std::vector<Sequence> sequences;
  for (std::size_t s = 0; s < paths.size(); ++s) {
    if (paths[s].own.size() == 0) continue;
    sequences.push_back({paths[s].own, {{plan.segments[s].query_begin, plan.segments[s].query_end}}});
  }
  return sequences;
}

HostCall host_call(std::span<const Sequence> sequences, bool is_causal) {
  HostCall call;
  call.is_causal = is_causal;
  const auto append = [](Ints& to, tree::NodeRange range) {
    const auto size = static_cast<std::size_t>(range.size());
    to.resize(to.size() + size);
    std::iota(to.end() - static_cast<std::ptrdiff_t>(size), to.end(), range.begin);
  };
  for (const Sequence& sequence : sequences) {
    for (const tree::NodeRange& queries : sequence.queries) append(call.token, queries);
    append(call.slot, sequence.keys);
    call.query_offset.push_back(static_cast<std::int32_t>(call.token.size()));
    call.key_begin.push_back(sequence.keys.begin);
    call.key_size.push_back(sequence.keys.size());
    call.packed_key_offset.push_back(static_cast<std::int32_t>(call.slot.size()));
  }
  call.key_begin.push_back(sequences.back().keys.end);
  return call;
}

void append_calls(std::span<const Sequence> sequences, bool is_causal, std::vector<HostCall>& calls) {
  for (std::size_t begin = 0; begin < sequences.size(); begin += kMostSequences) {
    const std::size_t count = std::min(kMostSequences, sequences.size() - begin);
    calls.push_back(host_call(sequences.subspan(begin, count), is_causal));
  }
}

// Sequences of one query apart: the kernel then takes the query heads of a key head together, and cuts long
// ranges among the device's processors.
std::vector<HostCall> calls_of(const SegmentPlan& plan, std::span<const Path> paths) {
  std::vector<Sequence> shared = shared_sequences(plan, paths);
  const auto single =
      std::stable_partition(shared.begin(), shared.end(), [](const Sequence& s) { return s.count() > 1; });
  std::vector<HostCall> calls;
  append_calls(own_sequences(plan, paths), true, calls);
  append_calls(std::span(shared.begin(), single), false, calls);
  append_calls(std::span(single, shared.end()), false, calls);
  return calls;
}

}  // namespace

std::optional<std::vector<HostCall>> flash_calls(const SegmentPlan& plan) {
  std::vector<Path> paths;
  for (const PlanSegment& segment : plan.segments) {
    std::optional<Path> path = path_of(plan, segment);
    if (!path) return std::nullopt;
    paths.push_back(std::move(*path));
  }
  return calls_of(plan, paths);
}

std::vector<HostPass> flash_passes(std::span<const HostCall> calls, std::int32_t tokens) {
  std::vector<HostPass> passes;
  Ints parts_of(static_cast<std::size_t>(tokens));
  std::int32_t part = 0;
  for (const HostCall& call : calls) {
    for (const std::int32_t token : call.token) {
      const auto pass = static_cast<std::size_t>(parts_of[static_cast<std::size_t>(token)]++);
      if (pass == passes.size()) passes.emplace_back();
      passes[pass].part.push_back(part++);
      passes[pass].token.push_back(token);
    }
  }
  return passes;
}

}  // namespace tempo::model
