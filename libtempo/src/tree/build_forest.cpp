#include <algorithm>

#include "forest_writer.h"
#include "sort_group.h"
#include "tempo/tree/forest.h"

namespace tempo::tree {
namespace {

// A segment to be: the tokens [begin, end) of a response, shared by the leaves [leaf, leaf_end).
struct Chain {
  std::int32_t leaf, leaf_end;
  std::int32_t begin, end;
};

// A later leaf that leaves the current path after `depth` tokens.
struct Departure {
  std::int32_t depth, leaf;
};

// What is known of the tree before any node is written.
struct Plan {
  std::vector<Leaf> leaves;   // [R], depth-first
  std::vector<Chain> chains;  // depth-first
};

// Appends the chains of the leaves [begin, end) of one group. A leaf adds the nodes that it does not share
// with the leaf before it, cut where later leaves depart. Walking backwards, `departures` holds those of the
// leaves seen that no leaf between them and the current one departs before: the nearest, deepest one last.
void plan_group(const FlatGroups& groups, std::int32_t begin, std::int32_t end, Plan& plan,
                std::vector<Departure>& departures) {
  const auto first_chain = static_cast<std::ptrdiff_t>(plan.chains.size());
  departures.assign(1, {.depth = -1, .leaf = end});
  for (std::int32_t leaf = end - 1; leaf >= begin; --leaf) {
    const auto [response, shared] = plan.leaves[static_cast<std::size_t>(leaf)];
    auto cut = static_cast<std::int32_t>(groups.response(response).size());
    const auto cut_at = [&](std::int32_t depth) {
      if (depth < cut) plan.chains.push_back({leaf, departures.back().leaf, depth, cut});
      cut = depth;
    };
    for (; departures.back().depth > shared; departures.pop_back()) cut_at(departures.back().depth);
    cut_at(shared);
    departures.push_back({.depth = shared, .leaf = leaf});
  }
  std::reverse(plan.chains.begin() + first_chain, plan.chains.end());
}

Plan plan_forest(const FlatGroups& groups, Merge merge) {
  Plan plan;
  plan.leaves.reserve(static_cast<std::size_t>(groups.responses()));
  for (std::int32_t i = 0; i < groups.responses(); ++i) plan.leaves.push_back({.response = i, .shared = 0});
  std::vector<Leaf> scratch;
  std::vector<Departure> departures;
  for (std::size_t g = 0; g + 1 < groups.group_offsets.size(); ++g) {
    const std::int32_t begin = groups.group_offsets[g], end = groups.group_offsets[g + 1];
    if (merge == Merge::kPrefixes)
      sort_leaves(groups,
                  std::span(plan.leaves)
                      .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                  scratch);
    plan_group(groups, begin, end, plan, departures);
  }
  return plan;
}

// Appends the chain's part of a flat column, zeros where there is none.
void append_column(std::vector<float>& column, std::span<const float> flat, std::size_t begin,
                   std::size_t size) {
  if (flat.empty())
    column.insert(column.end(), size, 0.0F);
  else
    column.insert(column.end(), flat.begin() + static_cast<std::ptrdiff_t>(begin),
                  flat.begin() + static_cast<std::ptrdiff_t>(begin + size));
}

void write_tokens(const FlatGroups& groups, std::int32_t response, const Chain& chain, Forest& forest) {
  const std::int32_t offset = groups.response_offsets[static_cast<std::size_t>(response)];
  const auto begin = static_cast<std::size_t>(offset + chain.begin);
  const auto size = static_cast<std::size_t>(chain.end - chain.begin);
  const auto tokens = groups.response_tokens.subspan(begin, size);
  forest.token.insert(forest.token.end(), tokens.begin(), tokens.end());
  append_column(forest.old_logp, groups.old_logp, begin, size);
  append_column(forest.entropy, groups.entropy, begin, size);
}

// A segment on the path to the leaf that is being written, and the response tokens up to its end.
struct PathStep {
  std::int32_t segment, end;
};

void write_group(const FlatGroups& groups, std::span<const Leaf> leaves, std::span<const Chain>& chains,
                 std::vector<PathStep>& path, Forest& forest) {
  for (const Leaf leaf : leaves) {
    const auto index = static_cast<std::int32_t>(forest.leaf_response.size());
    while (path.back().end > leaf.shared) path.pop_back();
    for (; !chains.empty() && chains.front().leaf == index; chains = chains.subspan(1)) {
      const Chain& chain = chains.front();
      const std::int32_t segment =
          append_segment(forest, path.back().segment, chain.end - chain.begin, {chain.leaf, chain.leaf_end});
      write_tokens(groups, leaf.response, chain, forest);
      path.push_back({.segment = segment, .end = chain.end});
    }
    append_leaf(forest, leaf.response, path.back().segment);
  }
}

}  // namespace

Forest build_forest(const FlatGroups& groups, Merge merge) {
  groups.validate();
  const Plan plan = plan_forest(groups, merge);
  Forest forest;
  std::size_t nodes = groups.prompt_tokens.size();
  for (const Chain& chain : plan.chains) nodes += static_cast<std::size_t>(chain.end - chain.begin);
  reserve(forest, nodes, plan.leaves.size());
  forest.segments.reserve(plan.chains.size() + static_cast<std::size_t>(groups.groups()));

  std::span<const Chain> chains = plan.chains;
  std::vector<PathStep> path;
  for (std::int32_t g = 0; g < groups.groups(); ++g) {
    const auto begin = static_cast<std::size_t>(groups.group_offsets[static_cast<std::size_t>(g)]);
    const auto end = static_cast<std::size_t>(groups.group_offsets[static_cast<std::size_t>(g) + 1]);
    const std::int32_t root = append_group(forest, groups.prompt(g), static_cast<std::int32_t>(end - begin));
    path.assign(1, {.segment = root, .end = 0});
    write_group(groups, std::span(plan.leaves).subspan(begin, end - begin), chains, path, forest);
    close_group(forest);
  }
  return forest;
}

}  // namespace tempo::tree
