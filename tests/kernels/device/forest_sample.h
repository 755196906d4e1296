// Groups of responses with a planned forest, by the plainest means: sort, then split at every difference.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "buffer.h"
#include "tempo/kernels/forest.h"

namespace tempo::test {

struct SampleShape {
  std::int32_t groups = 3;
  std::int32_t fewest_responses = 0, most_responses = 8;
  std::int32_t longest = 40, longest_prompt = 5;  // tokens
  std::int32_t vocabulary = 2;
  std::int32_t shared = 0;  // first tokens that all responses of a group have in common
  std::uint64_t seed = 1;
};

class ForestSample {
 public:
  explicit ForestSample(const SampleShape& shape) : random_(shape.seed) {
    for (std::int32_t g = 0; g < shape.groups; ++g) {
      prompt_offsets.push_back(prompt_offsets.back() + draw(0, shape.longest_prompt));
      const std::int32_t size = draw(shape.fewest_responses, shape.most_responses);
      for (std::int32_t i = 0; i < size; ++i) add_response(shape);
      group_offsets.push_back(group_offsets.back() + size);
    }
    plan();
  }
  explicit ForestSample(std::vector<std::vector<std::int32_t>> responses) : tokens(std::move(responses)) {
    for (const auto& response : tokens) {
      response_offsets.push_back(response_offsets.back() + static_cast<std::int32_t>(response.size()));
      rewards.push_back(0);
    }
    group_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
    prompt_offsets.push_back(0);
    plan();
  }

  // Writes the plan anew, after the responses or the rewards were changed.
  void plan();

  std::int32_t responses() const { return static_cast<std::int32_t>(tokens.size()); }
  std::int32_t nodes() const { return group_node.back(); }

  std::vector<std::vector<std::int32_t>> tokens;  // [R]
  std::vector<float> rewards;                     // [R]
  std::vector<std::int32_t> group_offsets{0}, response_offsets{0}, prompt_offsets{0};

  std::vector<std::int32_t> leaf_response, response_segment, group_node, group_segment;
  std::vector<kernels::ForestSegment> segments;

 private:
  std::int32_t draw(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }
  void add_response(const SampleShape& shape) {
    std::vector<std::int32_t> response(static_cast<std::size_t>(draw(shape.shared, shape.longest)));
    for (std::size_t t = static_cast<std::size_t>(shape.shared); t < response.size(); ++t)
      response[t] = draw(0, shape.vocabulary - 1);
    response_offsets.push_back(response_offsets.back() + static_cast<std::int32_t>(response.size()));
    tokens.push_back(std::move(response));
    rewards.push_back(static_cast<float>(draw(-3, 3)) * 0.3F);
  }
  std::int32_t token(std::int32_t leaf, std::int32_t depth) const {
    return tokens[at(leaf_response[at(leaf)])][at(depth)];
  }
  std::int32_t length(std::int32_t leaf) const {
    return static_cast<std::int32_t>(tokens[at(leaf_response[at(leaf)])].size());
  }
  std::int32_t add_segment(std::int32_t size, std::int32_t parent, std::int32_t begin, std::int32_t end);
  void split(std::int32_t parent, std::int32_t depth, std::int32_t begin, std::int32_t end);
  static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

  std::mt19937_64 random_;
};

inline std::int32_t ForestSample::add_segment(std::int32_t size, std::int32_t parent, std::int32_t begin,
                                              std::int32_t end) {
  kernels::ForestSegment segment{};
  segment.begin = segments.empty() ? 0 : segments.back().end;
  segment.end = segment.begin + size;
  segment.parent = parent;
  segment.first_leaf = begin;
  segment.weight = end - begin;
  segments.push_back(segment);
  return static_cast<std::int32_t>(segments.size()) - 1;
}

// Adds what lies below a segment that ends after `depth` tokens of the leaves [begin, end).
inline void ForestSample::split(std::int32_t parent, std::int32_t depth, std::int32_t begin,
                                std::int32_t end) {
  for (; begin < end && length(begin) == depth; ++begin)
    response_segment[at(leaf_response[at(begin)])] = parent;
  while (begin < end) {
    std::int32_t last = begin, cut = depth + 1;
    while (last < end && token(last, depth) == token(begin, depth)) ++last;
    while (length(begin) > cut && token(last - 1, cut) == token(begin, cut)) ++cut;
    split(add_segment(cut - depth, parent, begin, last), cut, begin, last);
    begin = last;
  }
}

inline void ForestSample::plan() {
  leaf_response.clear(), segments.clear();
  group_node.assign(1, 0), group_segment.assign(1, 0);
  response_segment.assign(tokens.size(), -1);
  for (std::size_t g = 0; g + 1 < group_offsets.size(); ++g) {
    const std::int32_t begin = group_offsets[g], end = group_offsets[g + 1];
    for (std::int32_t i = begin; i < end; ++i) leaf_response.push_back(i);
    std::stable_sort(leaf_response.begin() + begin, leaf_response.end(),
                     [&](std::int32_t a, std::int32_t b) { return tokens[at(a)] < tokens[at(b)]; });
    split(add_segment(prompt_offsets[g + 1] - prompt_offsets[g], -1, begin, end), 0, begin, end);
    group_node.push_back(segments.back().end);
    group_segment.push_back(static_cast<std::int32_t>(segments.size()));
  }
}

// 8 responses of 1,024 tokens, half of them shared: what traffic is counted with.
inline ForestSample half_shared_sample() {
  std::vector<std::vector<std::int32_t>> responses(8, std::vector<std::int32_t>(1024));
  for (std::size_t i = 0; i < 8; ++i)
    std::fill(responses[i].begin() + 512, responses[i].end(), static_cast<std::int32_t>(i));
  ForestSample sample(responses);
  sample.rewards = {0, 1, 0, 0, 1, 1, 0, 0.5F};
  return sample;
}

// The sample's arrays on the device, or where the twin reads them.
class DeviceSample {
 public:
  explicit DeviceSample(const ForestSample& sample)
      : group_offsets_(sample.group_offsets),
        response_offsets_(sample.response_offsets),
        prompt_offsets_(sample.prompt_offsets),
        leaf_response_(sample.leaf_response),
        response_segment_(sample.response_segment),
        group_node_(sample.group_node),
        group_segment_(sample.group_segment),
        segments_(sample.segments),
        error_(std::vector<kernels::GroupsError>{kernels::GroupsError::kNone}) {
    groups = sizes(sample);
    groups.group_offsets = group_offsets_.data();
    groups.response_offsets = response_offsets_.data();
    groups.prompt_offsets = prompt_offsets_.data();
    plan.leaf_response = leaf_response_.data();
    plan.response_segment = response_segment_.data();
    plan.segments = segments_.data();
    plan.group_node = group_node_.data();
    plan.group_segment = group_segment_.data();
    plan.error = error_.data();
  }

  static kernels::FlatGroups sizes(const ForestSample& sample) {
    kernels::FlatGroups groups;
    groups.groups = static_cast<std::int32_t>(sample.group_offsets.size()) - 1;
    groups.responses = sample.responses();
    for (std::size_t g = 0; g + 1 < sample.group_offsets.size(); ++g)
      groups.largest_group =
          std::max(groups.largest_group, sample.group_offsets[g + 1] - sample.group_offsets[g]);
    groups.response_token_count = sample.response_offsets.back();
    groups.prompt_token_count = sample.prompt_offsets.back();
    return groups;
  }

  kernels::FlatGroups groups;
  kernels::ForestPlan plan;

 private:
  Buffer<std::int32_t> group_offsets_, response_offsets_, prompt_offsets_, leaf_response_, response_segment_,
      group_node_, group_segment_;
  Buffer<kernels::ForestSegment> segments_;
  Buffer<kernels::GroupsError> error_;
};

// The same for the CPU's functions. The sample must outlive it.
struct HostSample {
  explicit HostSample(ForestSample& sample) : groups(DeviceSample::sizes(sample)) {
    groups.group_offsets = sample.group_offsets.data();
    groups.response_offsets = sample.response_offsets.data();
    groups.prompt_offsets = sample.prompt_offsets.data();
    plan.leaf_response = sample.leaf_response.data();
    plan.response_segment = sample.response_segment.data();
    plan.segments = sample.segments.data();
    plan.group_node = sample.group_node.data();
    plan.group_segment = sample.group_segment.data();
  }

  kernels::FlatGroups groups;
  kernels::ForestPlan plan;
};

}  // namespace tempo::test
