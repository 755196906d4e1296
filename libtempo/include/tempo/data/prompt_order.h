// The order in which training visits the examples.
#pragma once

#include <cstdint>
#include <vector>

namespace tempo::data {

// An endless sequence of example indices, epoch after epoch, each epoch a permutation of its own. It is a
// pure function of (examples, seed): a resumed run goes on with the same prompts. Step s with n prompts takes
// positions s*n to s*n + n, so the step that finds an epoch's last examples takes the rest from the next
// epoch: none is dropped, and such a step can hold an example twice. Thread-safe.
class PromptOrder {
 public:
  // Requires: examples >= 1. With shuffle false each epoch is 0, 1, 2, ...
  PromptOrder(std::int64_t examples, std::uint64_t seed, bool shuffle = true);

  // Returns the indices at positions first to first + count. O(examples) an epoch touched.
  // Requires: first >= 0, count >= 0. Throws tempo::Error otherwise.
  std::vector<std::int64_t> take(std::int64_t first, std::int64_t count) const;

 private:
  std::vector<std::int64_t> epoch(std::int64_t number) const;

  std::int64_t examples_;
  std::uint64_t seed_;
  bool shuffle_;
};

}  // namespace tempo::data
