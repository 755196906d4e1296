// Random groups of responses that share prefixes in every way that sampled ones do: equal responses, one that
// ends inside another, empty ones, empty prompts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::testing {

struct RandomGroupsOptions {
  int groups = 2;
  int min_responses = 1;  // of a group
  int max_responses = 8;
  int vocab = 3;       // token ids are 0 .. vocab - 1; few ids branch early and often
  int min_length = 0;  // of a response
  int max_length = 12;
  double sharing = 0.5;  // probability that a response begins with a part of an earlier one of its group
  int min_prompt = 0;
  int max_prompt = 4;
  std::uint64_t seed = 0;
};

// Owns what flat() points to. Tokens that share their whole prefix, prompt included, have equal old_logp (at
// most 0) and entropy, as if sampled. Rewards of a group: all equal, 0 or 1, or from -2 to 2.
struct RandomGroups {
  std::vector<std::int32_t> prompt_tokens, prompt_offsets{0};
  std::vector<std::int32_t> response_tokens, response_offsets{0};
  std::vector<std::int32_t> group_offsets{0};
  std::vector<float> old_logp, entropy;
  std::vector<float> rewards;  // [R]

  tree::FlatGroups flat() const {
    return {.prompt_tokens = prompt_tokens,
            .prompt_offsets = prompt_offsets,
            .response_tokens = response_tokens,
            .response_offsets = response_offsets,
            .group_offsets = group_offsets,
            .old_logp = old_logp,
            .entropy = entropy};
  }
};

namespace detail {

// Returns a number of [low, high]; equal on every platform.
inline int draw(std::mt19937_64& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<std::uint64_t>(high - low + 1));
}

inline double draw_unit(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

inline std::uint64_t mix(std::uint64_t hash, std::int32_t token) {
  return (hash ^ static_cast<std::uint64_t>(token + 1)) * 0x9E3779B97F4A7C15U + (hash >> 29);
}

// Appends a response to the group whose responses begin at index `first`.
inline void add_response(RandomGroups& groups, std::size_t first, const RandomGroupsOptions& options,
                         std::mt19937_64& random) {
  std::vector<std::int32_t> tokens;
  const std::size_t count = groups.response_offsets.size() - 1;
  if (count > first && draw_unit(random) < options.sharing) {
    const auto other =
        static_cast<std::size_t>(draw(random, static_cast<int>(first), static_cast<int>(count) - 1));
    const std::int32_t begin = groups.response_offsets[other], end = groups.response_offsets[other + 1];
    const auto from = groups.response_tokens.begin() + begin;
    tokens.assign(from, from + draw(random, 0, end - begin));
  }
  const int kept = static_cast<int>(tokens.size());
  const bool ends_inside = kept >= options.min_length && kept > 0 && draw(random, 0, 2) == 0;
  if (!ends_inside) {
    const int low = std::max(kept, options.min_length);
    const auto length = static_cast<std::size_t>(draw(random, low, std::max(low, options.max_length)));
    while (tokens.size() < length) tokens.push_back(draw(random, 0, options.vocab - 1));
  }
  groups.response_tokens.insert(groups.response_tokens.end(), tokens.begin(), tokens.end());
  groups.response_offsets.push_back(static_cast<std::int32_t>(groups.response_tokens.size()));
}

inline void add_rewards(RandomGroups& groups, int count, std::mt19937_64& random) {
  const int kind = draw(random, 0, 3);
  const auto any = [&] { return static_cast<float>(4 * draw_unit(random) - 2); };
  const float same = any();
  for (int i = 0; i < count; ++i)
    groups.rewards.push_back(kind == 0 ? same : kind == 1 ? any() : static_cast<float>(draw(random, 0, 1)));
}

// Fills old_logp and entropy of the group added last from a hash of each token's prefix.
inline void add_columns(RandomGroups& groups, std::uint64_t seed) {
  const tree::FlatGroups flat = groups.flat();
  std::uint64_t prompt_hash = seed;
  for (const std::int32_t token : flat.prompt(flat.groups() - 1)) prompt_hash = mix(prompt_hash, token);
  const auto group = groups.group_offsets.end() - 2;
  for (std::int32_t i = group[0]; i < group[1]; ++i) {
    std::uint64_t hash = prompt_hash;
    for (const std::int32_t token : flat.response(i)) {
      hash = mix(hash, token);
      groups.old_logp.push_back(-static_cast<float>((hash >> 40) % 4000) / 1000);
      groups.entropy.push_back(static_cast<float>((hash >> 20) % 2000) / 1000);
    }
  }
}

}  // namespace detail

inline RandomGroups random_groups(const RandomGroupsOptions& options) {
  std::mt19937_64 random(options.seed);
  RandomGroups groups;
  for (int g = 0; g < options.groups; ++g) {
    for (int i = detail::draw(random, options.min_prompt, options.max_prompt); i > 0; --i)
      groups.prompt_tokens.push_back(detail::draw(random, 0, options.vocab - 1));
    groups.prompt_offsets.push_back(static_cast<std::int32_t>(groups.prompt_tokens.size()));
    const std::size_t first = groups.response_offsets.size() - 1;
    const int count = detail::draw(random, options.min_responses, options.max_responses);
    for (int i = 0; i < count; ++i) detail::add_response(groups, first, options, random);
    groups.group_offsets.push_back(static_cast<std::int32_t>(groups.response_offsets.size()) - 1);
    detail::add_rewards(groups, count, random);
    detail::add_columns(groups, options.seed);
  }
  return groups;
}

// Returns options whose shape changes with the seed: groups of 1 to 64 responses, few and many ids, short and
// long, no sharing beyond chance to nearly all equal.
inline RandomGroupsOptions any_shape(std::uint64_t seed) {
  constexpr int kResponses[] = {1, 2, 4, 8, 64}, kVocab[] = {1, 2, 4, 50'000}, kLength[] = {1, 4, 12, 40};
  constexpr double kSharing[] = {0, 0.3, 0.7, 1};
  return {.groups = static_cast<int>(seed % 4),
          .max_responses = kResponses[seed % 5],
          .vocab = kVocab[seed / 5 % 4],
          .max_length = kLength[seed / 20 % 4],
          .sharing = kSharing[seed / 80 % 4],
          .max_prompt = seed % 3 == 0 ? 0 : 5,
          .seed = seed};
}

}  // namespace tempo::testing
