// The C interface of the kernels: groups whose counts, offsets and tokens are the input's, and what a caller
// may get wrong about them. Arrays have the sizes that the counts tell, as the interface requires; a count
// that is too large to have one comes with a null array.
#include <cstdlib>
#include <limits>
#include <vector>

#include "fuzz/fuzz.h"
#include "tempo_kernels.h"

using namespace tempo;

namespace {

constexpr std::int64_t kMostItems = 4096;

// A small count, or any number.
std::int64_t count(fuzz::Input& input) {
  const auto small = input.number<std::int8_t>();
  return small == std::numeric_limits<std::int8_t>::min() ? input.number<std::int64_t>() : small;
}

bool is_small(std::int64_t items) { return items >= 0 && items <= kMostItems; }

// An array of that many items; empty for a count that cannot be.
template <typename T>
std::vector<T> room_for(std::int64_t items) {
  return std::vector<T>(is_small(items) ? static_cast<std::size_t>(items) : 0);
}

// The workspace's size is only told of counts that can be.
template <typename Size>
std::vector<std::byte> workspace_for(const tempo_groups& groups, Size size) {
  const bool fits = is_small(groups.groups) && is_small(groups.responses) && is_small(groups.largest_group);
  return std::vector<std::byte>(fits ? size(TEMPO_CPU, &groups) : 0);
}

// Offsets that rise from 0 to `last`, unless the input wants others.
std::vector<std::int32_t> offsets(fuzz::Input& input, std::int64_t items, std::int64_t last) {
  std::vector<std::int32_t> values = room_for<std::int32_t>(items + 1);
  const bool any = input.number<std::uint8_t>() == 0xff;
  std::int64_t next = 0;
  for (std::int32_t& value : values) {
    value = static_cast<std::int32_t>(std::min(next, last));
    next += input.number<std::uint8_t>();
    if (any) value = input.number<std::int32_t>();
  }
  if (!any && !values.empty()) values.back() = static_cast<std::int32_t>(last);
  return values;
}

std::vector<std::int32_t> tokens(fuzz::Input& input, std::int64_t items) {
  std::vector<std::int32_t> values = room_for<std::int32_t>(items);
  for (std::int32_t& value : values) value = input.number<std::int8_t>();
  return values;
}

struct Groups {
  explicit Groups(fuzz::Input& input) {
    groups.groups = static_cast<std::int32_t>(count(input));
    groups.responses = static_cast<std::int32_t>(count(input));
    groups.largest_group = static_cast<std::int32_t>(count(input));
    groups.response_token_count = count(input);
    groups.prompt_token_count = count(input);
    group_offsets = offsets(input, groups.groups, groups.responses);
    response_offsets = offsets(input, groups.responses, groups.response_token_count);
    response_tokens = tokens(input, groups.response_token_count);
    if (groups.prompt_token_count != 0) {
      prompt_offsets = offsets(input, groups.groups, groups.prompt_token_count);
      prompt_tokens = tokens(input, groups.prompt_token_count);
    }
    groups.group_offsets = pointer(group_offsets);
    groups.response_offsets = pointer(response_offsets);
    groups.response_tokens = pointer(response_tokens);
    groups.prompt_offsets = pointer(prompt_offsets);
    groups.prompt_tokens = pointer(prompt_tokens);
  }

  template <typename T>
  static T* pointer(std::vector<T>& values) {
    return values.empty() ? nullptr : values.data();
  }

  tempo_groups groups{};
  std::vector<std::int32_t> group_offsets, response_offsets, response_tokens, prompt_offsets, prompt_tokens;
};

// Room for a forest of the groups, with guards of the address sanitizer behind every array.
struct Forest {
  explicit Forest(const tempo_groups& groups)
      : leaf_response(room_for<std::int32_t>(groups.responses)),
        leaf_shared(leaf_response.size()),
        response_segment(leaf_response.size()),
        segments(room_for<tempo_segment>(std::int64_t{groups.groups} + 2 * std::int64_t{groups.responses})),
        group_node(room_for<std::int32_t>(std::int64_t{groups.groups} + 1)),
        group_segment(group_node.size()),
        token(nodes_of(groups)),
        parent(nodes_of(groups)),
        trainable(token.size()) {
    forest.leaf_response = Groups::pointer(leaf_response);
    forest.leaf_shared = Groups::pointer(leaf_shared);
    forest.response_segment = Groups::pointer(response_segment);
    forest.segments = Groups::pointer(segments);
    forest.group_node = Groups::pointer(group_node);
    forest.group_segment = Groups::pointer(group_segment);
    forest.token = Groups::pointer(token);
    forest.parent = Groups::pointer(parent);
    forest.trainable = Groups::pointer(trainable);
  }

  static std::vector<std::int32_t> nodes_of(const tempo_groups& groups) {
    if (!is_small(groups.response_token_count) || !is_small(groups.prompt_token_count)) return {};
    return room_for<std::int32_t>(groups.response_token_count + groups.prompt_token_count);
  }

  tempo_forest forest{};
  std::vector<std::int32_t> leaf_response, leaf_shared, response_segment;
  std::vector<tempo_segment> segments;
  std::vector<std::int32_t> group_node, group_segment, token, parent;
  std::vector<std::uint8_t> trainable;
};

// Every response is the path to the end of its segment.
void check_responses(const tempo_groups& groups, const Forest& forest) {
  for (std::int32_t r = 0; r < groups.responses; ++r) {
    const auto response = static_cast<std::size_t>(r);
    const tempo_segment& segment =
        forest.segments.at(static_cast<std::size_t>(forest.response_segment[response]));
    std::int32_t node = segment.end - 1;
    if (segment.begin == segment.end) node = -1;
    for (std::int32_t i = groups.response_offsets[r + 1]; i-- > groups.response_offsets[r];) {
      fuzz::require(node >= 0, "a node for every token");
      const auto at = static_cast<std::size_t>(node);
      fuzz::require(forest.trainable.at(at) == 1, "trainable nodes");
      fuzz::require(forest.token.at(at) == groups.response_tokens[i], "the response's tokens");
      node = forest.parent.at(at);
    }
  }
}

void build(const tempo_groups& groups, std::int32_t merge) {
  Forest forest(groups);
  std::vector<std::byte> workspace = workspace_for(groups, tempo_build_forest_workspace);
  const std::int32_t result = tempo_build_forest(TEMPO_CPU, &groups, merge, &forest.forest, workspace.data(),
                                                 workspace.size(), nullptr, nullptr);
  fuzz::require(result == TEMPO_OK || result == TEMPO_BAD_INPUT, "a result that fits",
                tempo_kernels_message());
  if (result == TEMPO_OK) check_responses(groups, forest);
}

void assign_credit(fuzz::Input& input, const tempo_groups& groups) {
  const tempo_credit_options options{.estimator = input.number<std::int8_t>(),
                                     .divide_by_std = input.number<std::int8_t>(),
                                     .epsilon = input.number<double>(),
                                     .value_shrinkage = input.number<double>()};
  std::vector<float> rewards = room_for<float>(groups.responses);
  for (float& reward : rewards) reward = input.number<float>();
  std::vector<float> advantages = room_for<float>(groups.response_token_count);
  std::vector<std::byte> workspace = workspace_for(groups, tempo_token_advantages_workspace);
  tempo_token_advantages(TEMPO_CPU, &groups, Groups::pointer(rewards), &options, Groups::pointer(advantages),
                         workspace.data(), workspace.size(), nullptr, nullptr);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::int32_t merge = input.number<std::int8_t>();
  const Groups groups(input);
  build(groups.groups, merge);
  assign_credit(input, groups.groups);
  return 0;
}
