#include "tempo/data/prompt_order.h"

#include <algorithm>
#include <numeric>

#include "tempo/core/error.h"
#include "tempo/core/random.h"

namespace tempo::data {

PromptOrder::PromptOrder(std::int64_t examples, std::uint64_t seed, bool shuffle)
    : examples_(examples), seed_(seed), shuffle_(shuffle) {
  TEMPO_CHECK(examples >= 1, "PromptOrder: expected at least 1 example, got ", examples);
}

std::vector<std::int64_t> PromptOrder::epoch(std::int64_t number) const {
  std::vector<std::int64_t> order(static_cast<std::size_t>(examples_));
  std::iota(order.begin(), order.end(), 0);
  if (shuffle_) core::Shuffle(seed_, static_cast<std::uint32_t>(number))(order);
  return order;
}

std::vector<std::int64_t> PromptOrder::take(std::int64_t first, std::int64_t count) const {
  TEMPO_CHECK(first >= 0 && count >= 0, "PromptOrder: expected a position and a count of at least 0, got ",
              first, " and ", count);
  std::vector<std::int64_t> indices;
  indices.reserve(static_cast<std::size_t>(count));
  while (count > 0) {
    const auto order = epoch(first / examples_);
    const std::int64_t begin = first % examples_, taken = std::min(count, examples_ - begin);
    indices.insert(indices.end(), order.begin() + begin, order.begin() + begin + taken);
    first += taken;
    count -= taken;
  }
  return indices;
}

}  // namespace tempo::data
