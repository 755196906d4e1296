#include "tempo/data/prompt_order.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "tempo/core/error.h"
#include "tempo/core/random.h"

namespace tempo::data {
namespace {

constexpr double kWeightUnit = 1e-6, kMaxWeight = 1e9;

// Returns the weights as the smallest whole numbers in the same proportions.
std::vector<std::int64_t> whole_weights(std::span<const SetShare> shares) {
  std::vector<std::int64_t> weights;
  std::int64_t divisor = 0;
  for (const SetShare& share : shares) {
    TEMPO_CHECK(share.weight >= kWeightUnit && share.weight <= kMaxWeight,
                "weight: expected a number from 0.000001 to 1e9, got ", share.weight);
    weights.push_back(std::llround(share.weight / kWeightUnit));
    divisor = std::gcd(divisor, weights.back());
  }
  for (std::int64_t& weight : weights) weight /= divisor;
  return weights;
}

}  // namespace

PromptOrder::PromptOrder(std::int64_t examples, std::uint64_t seed, bool shuffle)
    : PromptOrder(std::vector<SetShare>{{.examples = examples}}, seed, shuffle) {}

PromptOrder::PromptOrder(std::span<const SetShare> shares, std::uint64_t seed, bool shuffle)
    : seed_(seed), shuffle_(shuffle) {
  TEMPO_CHECK(!shares.empty(), "PromptOrder: expected at least one set, got none");
  const auto weights = whole_weights(shares);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    TEMPO_CHECK(shares[i].examples >= 1, "PromptOrder: expected at least 1 example, got ",
                shares[i].examples);
    sets_.push_back({.first = first, .examples = shares[i].examples, .weight = weights[i]});
    first += shares[i].examples;
    period_ += weights[i];
    TEMPO_CHECK(period_ <= std::numeric_limits<std::int32_t>::max(),
                "weight: expected weights in proportions of whole numbers below 2^31, got more digits");
  }
}

// The first set's order is that of a set alone.
std::vector<std::int64_t> PromptOrder::epoch(std::size_t set, std::int64_t number) const {
  std::vector<std::int64_t> order(static_cast<std::size_t>(sets_[set].examples));
  std::iota(order.begin(), order.end(), sets_[set].first);
  if (shuffle_) core::Shuffle(seed_ + set, static_cast<std::uint32_t>(number))(order);
  return order;
}

// Returns the set of a position of the period, given how many of its positions each has had: of those below
// their share, the one that is due first.
std::size_t PromptOrder::next_set(std::int64_t position, std::span<const std::int64_t> taken) const {
  std::size_t next = sets_.size();
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    const bool is_below = taken[i] * period_ < sets_[i].weight * (position + 1);
    if (!is_below) continue;
    const bool is_due_first =
        next == sets_.size() || (taken[i] + 1) * sets_[next].weight < (taken[next] + 1) * sets_[i].weight;
    if (is_due_first) next = i;
  }
  return next;
}

std::vector<std::int64_t> PromptOrder::take(std::int64_t first, std::int64_t count) const {
  TEMPO_CHECK(first >= 0 && count >= 0, "PromptOrder: expected a position and a count of at least 0, got ",
              first, " and ", count);
  std::int64_t period = first / period_;
  std::vector<std::int64_t> taken(sets_.size()), epoch_number(sets_.size(), -1);
  std::vector<std::vector<std::int64_t>> order(sets_.size());
  std::vector<std::int64_t> indices;
  indices.reserve(static_cast<std::size_t>(count));
  for (std::int64_t position = period * period_; position < first + count; ++position) {
    if (position == (period + 1) * period_) {
      ++period;
      taken.assign(sets_.size(), 0);
    }
    const std::size_t set = next_set(position - period * period_, taken);
    const std::int64_t visit = period * sets_[set].weight + taken[set]++;
    if (position < first) continue;
    const std::int64_t number = visit / sets_[set].examples;
    if (number != epoch_number[set]) {
      order[set] = epoch(set, number);
      epoch_number[set] = number;
    }
    indices.push_back(order[set][static_cast<std::size_t>(visit % sets_[set].examples)]);
  }
  return indices;
}

}  // namespace tempo::data
