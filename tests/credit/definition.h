// The advantages as the formulas define them, in double and O(G^2 L): what the library is compared with.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tempo/credit/advantages.h"

namespace tempo::testing {

// The two parts of one token's advantage.
struct TokenCredit {
  double outcome = 0;
  double tree = 0;
};

struct GroupMoments {
  double mean = 0;
  double std = 0;
};

inline GroupMoments moments(std::span<const float> rewards) {
  const auto n = static_cast<double>(rewards.size());
  GroupMoments m;
  for (const float r : rewards) m.mean += r / n;
  for (const float r : rewards) m.std += n > 1 ? (r - m.mean) * (r - m.mean) / (n - 1) : 0;
  m.std = std::sqrt(m.std);
  return m;
}

// Returns V of the first `length` tokens of a response: the mean reward of its group's responses that begin
// with them.
inline double prefix_value(const tree::FlatGroups& flat, std::span<const float> rewards, std::int32_t begin,
                           std::int32_t end, std::span<const std::int32_t> prefix) {
  double sum = 0, count = 0;
  for (std::int32_t j = begin; j < end; ++j) {
    const auto other = flat.response(j);
    if (other.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), other.begin())) continue;
    sum += rewards[static_cast<std::size_t>(j)];
    ++count;
  }
  return sum / count;
}

// Returns the factor that the group's formula is multiplied with, apart from RLOO's.
inline double norm(const GroupMoments& m, const credit::AdvantageOptions& options) {
  const bool divides =
      options.estimator == credit::Estimator::kTempo || options.estimator == credit::Estimator::kGrpo;
  return divides && options.divide_by_std ? 1 / (m.std + options.epsilon) : 1;
}

// Returns the outcome part of response i of the group [begin, end).
inline double outcome(std::span<const float> rewards, std::size_t begin, std::size_t end, std::size_t i,
                      const credit::AdvantageOptions& options) {
  const GroupMoments m = moments(rewards.subspan(begin, end - begin));
  if (options.estimator != credit::Estimator::kRloo) return (rewards[i] - m.mean) * norm(m, options);
  double others = 0;
  for (std::size_t j = begin; j < end; ++j) others += j == i ? 0.0 : rewards[j];
  return end - begin == 1 ? 0 : rewards[i] - others / static_cast<double>(end - begin - 1);
}

// Returns the credit of every response token in the caller's order. Without value shrinkage.
inline std::vector<TokenCredit> defined_advantages(const tree::FlatGroups& flat,
                                                   std::span<const float> rewards,
                                                   const credit::AdvantageOptions& options) {
  std::vector<TokenCredit> result;
  for (std::size_t g = 0; g + 1 < flat.group_offsets.size(); ++g) {
    const std::int32_t begin = flat.group_offsets[g], end = flat.group_offsets[g + 1];
    const auto first = static_cast<std::size_t>(begin), last = static_cast<std::size_t>(end);
    const double scale = norm(moments(rewards.subspan(first, last - first)), options);
    for (std::int32_t i = begin; i < end; ++i) {
      const auto tokens = flat.response(i);
      const double same = outcome(rewards, first, last, static_cast<std::size_t>(i), options);
      for (std::size_t t = 0; t < tokens.size(); ++t) {
        TokenCredit token{.outcome = same};
        if (options.estimator == credit::Estimator::kTempo)
          token.tree = scale * (prefix_value(flat, rewards, begin, end, tokens.first(t + 1)) -
                                prefix_value(flat, rewards, begin, end, tokens.first(t)));
        result.push_back(token);
      }
    }
  }
  return result;
}

}  // namespace tempo::testing
