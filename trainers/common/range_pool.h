// Which parts of a stretch of memory are free: the bookkeeping of an allocator, without the memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace tempo::common {

// Hands out ranges of [0, bytes), in units of 64 bytes, the smallest free one that is large enough, and of
// these the first; so what has been in use is used again before anything new. Not thread-safe.
class RangePool {
 public:
  explicit RangePool(std::int64_t bytes);

  // Returns where a range of so many bytes begins; nothing where no free one is large enough.
  // Requires: bytes is at least 1.
  std::optional<std::int64_t> take(std::int64_t bytes);

  // Frees the range that begins there, and joins it with free neighbours. Requires: it was taken.
  void give_back(std::int64_t begin);

 private:
  void add_free(std::int64_t begin, std::int64_t size);
  void remove_free(std::map<std::int64_t, std::int64_t>::iterator range);

  std::map<std::int64_t, std::int64_t> free_;                  // begin, size; no two are neighbours
  std::set<std::pair<std::int64_t, std::int64_t>> free_size_;  // size, begin, of the same
  std::unordered_map<std::int64_t, std::int64_t> taken_;       // begin, size
};

}  // namespace tempo::common
