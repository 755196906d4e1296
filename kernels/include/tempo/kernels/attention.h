// Grouped-query attention of a few consecutive queries over key ranges, for one key-value head: the unit of
// work that the model layer deals to threads. float32 or bfloat16 in memory, float32 inside. Single-threaded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tempo/kernels/bfloat16.h"

namespace tempo::kernels {

// Contiguous slots [begin, end).
struct KeyRange {
  std::int32_t begin = 0;
  std::int32_t end = 0;
};

// An array [rows, heads, E] whose rows stand `stride` elements apart; a row is contiguous.
template <typename Element>
struct HeadRows {
  Element* data = nullptr;
  std::int64_t stride = 0;
};

struct AttentionShape {
  std::int64_t heads = 0;     // H, a multiple of kv_heads
  std::int64_t kv_heads = 0;  // K
  std::int64_t width = 0;     // E
  float scale = 1.0F;         // of the scores
};

template <typename Element>
struct AttentionInputs {
  AttentionShape shape;
  HeadRows<const Element> query;  // [T, H, E]
  HeadRows<const Element> key;    // [S, K, E]
  HeadRows<const Element> value;  // [S, K, E]
};

// Queries [query_begin, query_end) of one segment, for the query heads of kv_head. The first sees
// `first_visible` keys of `ranges`, in order; each next one sees one more.
struct AttentionTile {
  std::int64_t query_begin = 0, query_end = 0;
  std::int64_t first_visible = 0;
  std::int64_t kv_head = 0;
  std::span<const KeyRange> ranges;  // at least first_visible + queries - 1 keys in all
};

// Returns how many queries a tile of attention_forward should hold at most: enough to use each packed key
// often, few enough that the working memory stays in the second-level cache.
std::int64_t attention_tile_queries(const AttentionShape& shape);

// Working memory of one thread, kept from tile to tile.
struct AttentionScratch {
  std::vector<float> memory;
};

// Writes softmax(scale q k^T) v to `output` [T, H, E] and the logarithm of each softmax's denominator to
// `logsumexp` [T, H]. A query's bits do not depend on how its segment is cut into tiles, on the tile's other
// queries, nor on where its keys stand.
template <typename Element>
void attention_forward(const AttentionInputs<Element>& inputs, const AttentionTile& tile,
                       HeadRows<Element> output, float* logsumexp, AttentionScratch& scratch);

// The same for several tiles of one kv_head whose paths begin with the same `shared_keys` keys, a multiple of
// kSharedKeys, all of which every query of them sees: these are read once. The same bits.
inline constexpr std::int64_t kSharedKeys = 64;
template <typename Element>
void attention_forward(const AttentionInputs<Element>& inputs, std::span<const AttentionTile> tiles,
                       std::int64_t shared_keys, HeadRows<Element> output, float* logsumexp,
                       AttentionScratch& scratch);

template <typename Element>
struct AttentionGradients {
  HeadRows<const Element> output;       // [T, H, E] of attention_forward
  HeadRows<const Element> grad_output;  // [T, H, E]
  const float* logsumexp = nullptr;     // [T, H] of attention_forward
  HeadRows<Element> grad_query;         // [T, H, E], written
  HeadRows<float> grad_key;             // [S, K, E], added to
  HeadRows<float> grad_value;           // [S, K, E], added to
};

// The same for attention_backward, in all tiles of a call.
std::int64_t attention_backward_queries(const AttentionShape& shape);

// Writes the tile's rows of grad_query and adds its part of grad_key and grad_value. bfloat16: weights and
// gradients of scores are rounded to it between the products, whose sums are float32. Two tiles that share a
// slot and a kv_head must not run at the same time; the order in which they run is the order of the sums.
template <typename Element>
void attention_backward(const AttentionInputs<Element>& inputs, const AttentionTile& tile,
                        const AttentionGradients<Element>& gradients, AttentionScratch& scratch);

// The same for several tiles of one kv_head whose paths begin with the same `shared_keys` keys, a multiple of
// kSharedKeys, all of which every query of them sees: these are read once, their gradients added up first.
template <typename Element>
void attention_backward(const AttentionInputs<Element>& inputs, std::span<const AttentionTile> tiles,
                        std::int64_t shared_keys, const AttentionGradients<Element>& gradients,
                        AttentionScratch& scratch);

}  // namespace tempo::kernels
