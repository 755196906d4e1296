// The order in which training visits the examples of one data set, or of several mixed by weight.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tempo::data {

// One data set of a mixture.
struct SetShare {
  std::int64_t examples = 0;
  double weight = 1;  // relative to those of the other sets
};

// An endless sequence of example indices, those of the sets one after another. It is a pure function of
// (shares, seed): a resumed run goes on with the same prompts. Step s with n prompts takes positions s*n to
// s*n + n. Thread-safe.
//
// Each set is visited epoch after epoch of its own, each a permutation: the step that finds an epoch's last
// examples takes the rest from the next epoch, so none is dropped, and such a step can hold an example twice.
// Sets alternate so that after any number of positions each has had its exact share by weight, rounded down
// or up. Source: the quota method of Balinski and Young, "The quota method of apportionment", 1975.
class PromptOrder {
 public:
  // One set. Requires: examples >= 1. With shuffle false each epoch is 0, 1, 2, ...
  PromptOrder(std::int64_t examples, std::uint64_t seed, bool shuffle = true);

  // Requires: at least one set, each with an example and a weight above 0. Weights count to a millionth.
  // Throws tempo::Error otherwise, and for weights of so many digits that no 2^31 positions hold them
  // exactly.
  PromptOrder(std::span<const SetShare> shares, std::uint64_t seed, bool shuffle = true);

  // Returns the indices at positions first to first + count. O(examples) an epoch touched, and O(sets) for
  // each position of the weights' period (10 for 0.7 : 0.3) before the first. Requires: first >= 0, count >=
  // 0. Throws tempo::Error otherwise.
  std::vector<std::int64_t> take(std::int64_t first, std::int64_t count) const;

 private:
  struct Set {
    std::int64_t first = 0;  // index of its first example
    std::int64_t examples = 0;
    std::int64_t weight = 0;  // positions of a period
  };

  std::vector<std::int64_t> epoch(std::size_t set, std::int64_t number) const;
  std::size_t next_set(std::int64_t position, std::span<const std::int64_t> taken) const;

  std::vector<Set> sets_;
  std::int64_t period_ = 0;  // sum of the weights
  std::uint64_t seed_;
  bool shuffle_;
};

}  // namespace tempo::data
