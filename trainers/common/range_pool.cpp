#include "common/range_pool.h"

#include <cassert>
#include <iterator>

namespace tempo::common {
namespace {

constexpr std::int64_t kUnit = 64;

}  // namespace

RangePool::RangePool(std::int64_t bytes) { add_free(0, bytes / kUnit * kUnit); }

std::optional<std::int64_t> RangePool::take(std::int64_t bytes) {
  assert(bytes > 0);
  const std::int64_t size = (bytes + kUnit - 1) / kUnit * kUnit;
  const auto found = free_size_.lower_bound({size, 0});
  if (found == free_size_.end()) return std::nullopt;
  const auto [whole, begin] = *found;
  remove_free(free_.find(begin));
  if (whole > size) add_free(begin + size, whole - size);
  taken_.emplace(begin, size);
  return begin;
}

void RangePool::give_back(std::int64_t begin) {
  const auto taken = taken_.find(begin);
  assert(taken != taken_.end());
  std::int64_t end = begin + taken->second;
  taken_.erase(taken);
  const auto next = free_.lower_bound(begin);
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == begin) {
      begin = before->first;
      remove_free(before);
    }
  }
  if (next != free_.end() && next->first == end) {
    end += next->second;
    remove_free(next);
  }
  add_free(begin, end - begin);
}

void RangePool::add_free(std::int64_t begin, std::int64_t size) {
  free_.emplace(begin, size);
  free_size_.emplace(size, begin);
}

void RangePool::remove_free(std::map<std::int64_t, std::int64_t>::iterator range) {
  free_size_.erase({range->second, range->first});
  free_.erase(range);
}

}  // namespace tempo::common
