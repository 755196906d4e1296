// What the attention kernels share: the walk over a path's keys in blocks, and copies of rows as float32.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "multiply.h"
#include "tempo/kernels/attention.h"

namespace tempo::kernels {

// Keys of a path are processed in blocks that start at multiples of this from the path's begin, so a row's
// sums are cut at the same keys wherever they stand.
inline constexpr std::int64_t kKeyBlock = 64;
static_assert(kKeyBlock == kSharedKeys && kKeyBlock % kColumnChunk == 0 && kColumnChunk % (2 * kLanes) == 0);

inline std::int64_t padded(std::int64_t width) {
  return (width + kColumnChunk - 1) / kColumnChunk * kColumnChunk;
}

// The slots of consecutive keys of a path; runs of neighbouring slots: run i begins at key run[i] of the
// block.
struct KeyBlock {
  std::int32_t slot[kKeyBlock];
  std::int64_t keys = 0;
  std::int64_t run[kKeyBlock + 1];
  std::int64_t runs = 0;
};

// Walks the ranges of a path, block after block.
class KeyWalk {
 public:
  explicit KeyWalk(std::span<const KeyRange> ranges) : ranges_(ranges) {}

  // Leaves out the next keys. Requires: the ranges hold that many.
  void skip(std::int64_t keys) {
    while (keys > 0) {
      const std::int64_t taken =
          std::min<std::int64_t>(keys, ranges_[range_].end - ranges_[range_].begin - offset_);
      keys -= taken;
      offset_ += taken;
      if (ranges_[range_].begin + offset_ == ranges_[range_].end) ++range_, offset_ = 0;
    }
  }

  // Fills the next block with `keys` keys. Requires: the ranges hold that many more.
  void next(std::int64_t keys, KeyBlock& block) {
    block.keys = keys;
    block.runs = 0;
    for (std::int64_t i = 0; i < keys;) {
      const KeyRange& range = ranges_[range_];
      const std::int64_t taken = std::min<std::int64_t>(keys - i, range.end - range.begin - offset_);
      if (taken > 0) block.run[block.runs++] = i;
      for (std::int64_t j = 0; j < taken; ++j) {
        block.slot[i + j] = static_cast<std::int32_t>(range.begin + offset_ + j);
      }
      i += taken;
      offset_ += taken;
      if (range.begin + offset_ == range.end) ++range_, offset_ = 0;
    }
    block.run[block.runs] = keys;
  }

 private:
  std::span<const KeyRange> ranges_;
  std::size_t range_ = 0;
  std::int64_t offset_ = 0;  // keys of the current range already walked
};

// A tile seen as rows: row r is query r / group_size, head r % group_size of the key-value head's.
struct TileRows {
  TileRows(const AttentionShape& shape, const AttentionTile& tile_in)
      : tile(tile_in),
        group_size(shape.heads / shape.kv_heads),
        rows((tile_in.query_end - tile_in.query_begin) * group_size),
        last_visible(tile_in.first_visible + tile_in.query_end - tile_in.query_begin - 1) {}

  std::int64_t query(std::int64_t row) const { return tile.query_begin + row / group_size; }
  std::int64_t head(std::int64_t row) const { return tile.kv_head * group_size + row % group_size; }
  std::int64_t visible(std::int64_t row) const { return tile.first_visible + row / group_size; }
  // The first row that sees the key at `position` of the path.
  std::int64_t first_row(std::int64_t position) const {
    return std::max<std::int64_t>(0, position + 1 - tile.first_visible) * group_size;
  }

  const AttentionTile& tile;
  std::int64_t group_size, rows, last_visible;
};

// Copies a row of `width` numbers times `scale`, zeros up to `padded_width`.
template <typename Element>
inline void copy_row(const Element* from, std::int64_t width, float scale, float* to,
                     std::int64_t padded_width) {
  for (std::int64_t e = 0; e < width; ++e) to[e] = to_float(from[e]) * scale;
  for (std::int64_t e = width; e < padded_width; ++e) to[e] = 0.0F;
}

// Copies the rows of a block of keys: to [keys, padded_width].
template <typename Element>
void copy_keys(HeadRows<const Element> from, std::int64_t offset, const KeyBlock& block, std::int64_t width,
               float* to, std::int64_t padded_width) {
  for (std::int64_t j = 0; j < block.keys; ++j) {
    copy_row(from.data + block.slot[j] * from.stride + offset, width, 1.0F, to + j * padded_width,
             padded_width);
  }
}

// Copies a block of keys with the keys along the columns: to [width, kKeyBlock], zeros past the last key up
// to the end of its column chunk.
template <typename Element>
void copy_keys_transposed(HeadRows<const Element> from, std::int64_t offset, const KeyBlock& block,
                          std::int64_t width, float* to) {
  const std::int64_t columns = padded(block.keys);
  for (std::int64_t j = 0; j < columns; j += kLanes) {
    for (std::int64_t e = 0; e < width; e += kLanes) {
      Floats square[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        if (j + i >= block.keys) {
          square[i] = Floats{};
          continue;
        }
        const Element* const row = from.data + block.slot[j + i] * from.stride + offset + e;
        if (e + kLanes <= width) {
          square[i] = load(row);
        } else {
          float tail[kLanes];
          copy_row(row, width - e, 1.0F, tail, kLanes);
          square[i] = load(tail);
        }
      }
      transpose(square);
      const std::int64_t filled = std::min<std::int64_t>(kLanes, width - e);
      for (int i = 0; i < filled; ++i) store(to + (e + i) * kKeyBlock + j, square[i]);
    }
  }
}

// Words of two bfloat16 that hold a row.
inline std::int64_t pairs_of(std::int64_t width) { return (width + 1) / 2; }

// Copies a row of bfloat16 as words of two, zeros up to `pairs` words.
inline void copy_pairs(const BFloat16* from, std::int64_t width, std::uint32_t* to, std::int64_t pairs) {
  std::memset(to, 0, static_cast<std::size_t>(pairs) * sizeof(std::uint32_t));
  std::memcpy(to, from, static_cast<std::size_t>(width) * sizeof(BFloat16));
}

// The same in whole squares of words.
inline std::int64_t padded_pairs(std::int64_t width) {
  return (pairs_of(width) + kLanes - 1) / kLanes * kLanes;
}

// Copies a block of keys as pairs with the keys along the columns: to [padded_pairs, kKeyBlock], zeros past
// the last key up to the end of its column chunk.
inline void copy_keys_paired(HeadRows<const BFloat16> from, std::int64_t offset, const KeyBlock& block,
                             std::int64_t width, std::uint32_t* to) {
  const std::int64_t columns = padded(block.keys), whole = width / (2 * kLanes) * kLanes;
  for (std::int64_t j = 0; j < columns; j += kLanes) {
    for (std::int64_t pair = 0; 2 * pair < width; pair += kLanes) {
      Floats square[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        square[i] = Floats{};
        if (j + i >= block.keys) continue;
        const BFloat16* const row = from.data + block.slot[j + i] * from.stride + offset + 2 * pair;
        if (pair < whole) {
          square[i] = reinterpret_cast<Floats>(load_words(row));
        } else {
          std::uint32_t tail[kLanes];
          copy_pairs(row, width - 2 * pair, tail, kLanes);
          square[i] = reinterpret_cast<Floats>(load_words(tail));
        }
      }
      transpose(square);
      for (int i = 0; i < kLanes; ++i)
        store_words(to + (pair + i) * kKeyBlock + j, reinterpret_cast<Words>(square[i]));
    }
  }
}

// Hands out parts of a scratch memory, each from the begin of a cache line.
class ScratchParts {
 public:
  // `floats`: of at most kMostParts parts.
  ScratchParts(AttentionScratch& scratch, std::int64_t floats) {
    const auto size = static_cast<std::size_t>(floats + (kMostParts + 1) * kLine);
    if (scratch.memory.size() < size) scratch.memory.resize(size);
    next_ = scratch.memory.data();
    end_ = next_ + scratch.memory.size();
    const auto address = reinterpret_cast<std::uintptr_t>(next_) / sizeof(float);
    next_ += (kLine - static_cast<std::int64_t>(address % kLine)) % kLine;
  }
  float* take(std::int64_t floats) {
    float* const part = next_;
    next_ += (floats + kLine - 1) / kLine * kLine;
    assert(next_ <= end_);
    return part;
  }

 private:
  static constexpr std::int64_t kLine = 16, kMostParts = 16;  // floats

  float* next_;
  float* end_;
};

}  // namespace tempo::kernels
