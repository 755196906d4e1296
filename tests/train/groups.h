// Groups of given responses as a forest.
#pragma once

#include <cstdint>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::testing {

using Tokens = std::vector<std::int32_t>;

struct Group {
  Tokens prompt;
  std::vector<Tokens> responses;
  std::vector<float> rewards;
  std::vector<std::vector<float>> old_logp;  // of every response token; empty: 0
};

inline std::vector<float> rewards_of(const std::vector<Group>& groups) {
  std::vector<float> rewards;
  for (const Group& group : groups) rewards.insert(rewards.end(), group.rewards.begin(), group.rewards.end());
  return rewards;
}

inline tree::Forest forest_of(const std::vector<Group>& groups, tree::Merge merge = tree::Merge::kPrefixes) {
  Tokens prompts, prompt_offsets{0}, responses, response_offsets{0}, group_offsets{0};
  std::vector<float> old_logp;
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  const auto size = [](const auto& values) { return static_cast<std::int32_t>(values.size()); };
  for (const Group& group : groups) {
    append(prompts, group.prompt);
    prompt_offsets.push_back(size(prompts));
    for (const Tokens& response : group.responses) {
      append(responses, response);
      response_offsets.push_back(size(responses));
    }
    for (const auto& logp : group.old_logp) append(old_logp, logp);
    group_offsets.push_back(size(response_offsets) - 1);
  }
  return tree::build_forest({.prompt_tokens = prompts,
                             .prompt_offsets = prompt_offsets,
                             .response_tokens = responses,
                             .response_offsets = response_offsets,
                             .group_offsets = group_offsets,
                             .old_logp = old_logp},
                            merge);
}

}  // namespace tempo::testing
