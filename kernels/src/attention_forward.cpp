// Attention, forward: softmax by blocks of keys with a running maximum (Dao et al., "FlashAttention", 2022).
#include <cassert>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "attention_block.h"
#include "exponential.h"

namespace tempo::kernels {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// The state of the rows of some tiles while blocks of keys pass. Scores of float32 are products of numbers,
// those of bfloat16 products of pairs, which are words in the same memory.
struct ForwardState {
  float* query;      // [rows, width], times scale; or [rows, pairs]
  float* key;        // [width, kKeyBlock], or [padded pairs, kKeyBlock]
  float* value;      // [kKeyBlock, padded width]
  float* score;      // [rows, kKeyBlock]
  float* sum_value;  // [rows, padded width] sum of weight * value
  float* maximum;    // [rows] of the scores so far
  float* sum;        // [rows] sum of the weights exp(score - maximum)
};

ForwardState make_state(AttentionScratch& scratch, std::int64_t rows, std::int64_t width) {
  const std::int64_t wide = padded(width), key_rows = std::max(width, padded_pairs(width));
  ScratchParts parts(scratch, rows * (width + kKeyBlock + wide + 2) + kKeyBlock * (key_rows + wide));
  ForwardState state{};
  state.query = parts.take(rows * width);
  state.key = parts.take(kKeyBlock * key_rows);
  state.value = parts.take(kKeyBlock * wide);
  state.score = parts.take(rows * kKeyBlock);
  state.sum_value = parts.take(rows * wide);
  state.maximum = parts.take(rows);
  state.sum = parts.take(rows);
  std::fill_n(state.sum_value, rows * wide, 0.0F);
  std::fill_n(state.maximum, rows, kMinusInfinity);
  std::fill_n(state.sum, rows, 0.0F);
  return state;
}

template <typename Element>
std::int64_t query_step(std::int64_t width) {
  return std::is_same_v<Element, float> ? width : pairs_of(width);
}

// The state of the rows from `row` on.
template <typename Element>
ForwardState from_row(ForwardState state, std::int64_t row, std::int64_t width) {
  state.query += row * query_step<Element>(width);
  state.score += row * kKeyBlock;
  state.sum_value += row * padded(width);
  state.maximum += row;
  state.sum += row;
  return state;
}

void read_query(const float* from, std::int64_t width, float scale, float* to) {
  copy_row(from, width, scale, to, width);
}
void read_query(const BFloat16* from, std::int64_t width, float, float* to) {
  copy_pairs(from, width, reinterpret_cast<std::uint32_t*>(to), pairs_of(width));
}

void read_keys(HeadRows<const float> from, std::int64_t offset, const KeyBlock& block, std::int64_t width,
               float* to) {
  copy_keys_transposed(from, offset, block, width, to);
}
void read_keys(HeadRows<const BFloat16> from, std::int64_t offset, const KeyBlock& block, std::int64_t width,
               float* to) {
  copy_keys_paired(from, offset, block, width, reinterpret_cast<std::uint32_t*>(to));
}

// Scores of the rows from `begin` on against a block's keys.
template <typename Element>
void score_rows(const ForwardState& state, std::int64_t begin, std::int64_t rows, std::int64_t columns,
                const AttentionShape& shape) {
  float* const score = state.score + begin * kKeyBlock;
  const float* const query = state.query + begin * query_step<Element>(shape.width);
  if constexpr (std::is_same_v<Element, float>) {
    multiply<false>(rows, columns, shape.width, {query, shape.width, 1}, state.key, kKeyBlock, score,
                    kKeyBlock);
  } else {
    const std::int64_t pairs = pairs_of(shape.width);
    multiply_pairs(rows, columns, pairs, reinterpret_cast<const std::uint32_t*>(query), pairs,
                   reinterpret_cast<const std::uint32_t*>(state.key), kKeyBlock, shape.scale, score,
                   kKeyBlock);
  }
}

// Lane-wise over a block's columns, then over the lanes: an order that does not depend on the machine.
constexpr int kPartials = 16;

float maximum_of(const float* score, float start) {
  float partial[kPartials];
  std::fill_n(partial, kPartials, start);
  for (std::int64_t j = 0; j < kKeyBlock; j += kPartials) {
    for (int l = 0; l < kPartials; ++l) partial[l] = score[j + l] > partial[l] ? score[j + l] : partial[l];
  }
  return *std::max_element(partial, partial + kPartials);
}

// Replaces scores by exp(score - maximum); returns their sum.
float exponentiate(float* score, float maximum) {
  float partial[kPartials] = {};
  for (std::int64_t j = 0; j < kKeyBlock; j += kPartials) {
    for (int l = 0; l < kPartials; ++l) {
      score[j + l] = exp_nonpositive(score[j + l] - maximum);
      partial[l] += score[j + l];
    }
  }
  for (int half = kPartials / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) partial[l] += partial[l + half];
  }
  return partial[0];
}

// Turns the block's scores of one row into weights and rescales what the row has summed so far.
void update_row(const ForwardState& state, std::int64_t row, std::int64_t keys, std::int64_t wide) {
  float* const score = state.score + row * kKeyBlock;
  std::fill(score + keys, score + kKeyBlock, kMinusInfinity);
  const float maximum = maximum_of(score, state.maximum[row]);
  const float shrink = exp_nonpositive(state.maximum[row] - maximum);
  state.sum[row] = state.sum[row] * shrink + exponentiate(score, maximum);
  state.maximum[row] = maximum;
  float* const sum_value = state.sum_value + row * wide;
  if (shrink != 1.0F) {
    for (std::int64_t e = 0; e < wide; ++e) sum_value[e] *= shrink;
  }
}

// A block's values: copies where rows read them often, else where they stand.
template <typename Element>
struct BlockValues {
  BlockValues(const AttentionInputs<Element>& inputs, std::int64_t kv_head, const KeyBlock& block_in,
              const ForwardState& state, bool few_rows)
      : from(inputs.value),
        offset(kv_head * inputs.shape.width),
        block(block_in),
        copy(state.value),
        wide(padded(inputs.shape.width)),
        in_place(few_rows && inputs.shape.width == wide) {
    if (!in_place) copy_keys(from, offset, block, inputs.shape.width, copy, wide);
  }

  // Adds weight * value for keys [begin, end) of the block and `rows` rows from `row` on.
  void add(const ForwardState& state, std::int64_t row, std::int64_t rows, std::int64_t begin,
           std::int64_t end) const {
    const float* const score = state.score + row * kKeyBlock;
    float* const sum = state.sum_value + row * wide;
    if (!in_place) {
      multiply<true>(rows, wide, end - begin, {score + begin, kKeyBlock, 1}, copy + begin * wide, wide, sum,
                     wide);
      return;
    }
    for (std::int64_t run = 0; run < block.runs; ++run) {
      const std::int64_t first = std::max(begin, block.run[run]), last = std::min(end, block.run[run + 1]);
      if (first >= last) continue;
      multiply<true>(rows, wide, last - first, {score + first, kKeyBlock, 1},
                     from.data + block.slot[first] * from.stride + offset, from.stride, sum, wide);
    }
  }

  HeadRows<const Element> from;
  std::int64_t offset;
  const KeyBlock& block;
  float* copy;
  std::int64_t wide;
  bool in_place;
};

// Adds weight * value for the block that starts at key `first`: in one product for the keys that all rows
// from `begin` on see, then query by query for the rest, so that no row reads a value that it must not see.
template <typename Element>
void add_values(const ForwardState& state, const TileRows& rows, std::int64_t begin, std::int64_t first,
                const BlockValues<Element>& values) {
  const std::int64_t common = std::min(values.block.keys, rows.visible(begin) - first);
  values.add(state, begin, rows.rows - begin, 0, common);
  for (std::int64_t row = begin; row < rows.rows; row += rows.group_size) {
    const std::int64_t seen = std::min(values.block.keys, rows.visible(row) - first);
    if (seen > common) values.add(state, row, rows.group_size, common, seen);
  }
}

template <typename Element>
void write_rows(const ForwardState& state, const TileRows& rows, const AttentionShape& shape,
                HeadRows<Element> output, float* logsumexp) {
  const std::int64_t wide = padded(shape.width);
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    const float* const sum_value = state.sum_value + row * wide;
    const float inverse = 1.0F / state.sum[row];
    Element* const out = output.data + rows.query(row) * output.stride + rows.head(row) * shape.width;
    for (std::int64_t e = 0; e < shape.width; ++e) assign(out[e], sum_value[e] * inverse);
    logsumexp[rows.query(row) * shape.heads + rows.head(row)] = state.maximum[row] + std::log(state.sum[row]);
  }
}

// Rows up to which a block's values are read where they stand.
constexpr std::int64_t kFewRows = 6;

// Reads the block that starts at key `first` of the tiles' paths for all of their rows.
template <typename Element>
void pass_block(const AttentionInputs<Element>& inputs, const ForwardState& state, std::int64_t all_rows,
                std::span<const TileRows> tiles, std::int64_t first, const KeyBlock& block) {
  const AttentionShape& shape = inputs.shape;
  const std::int64_t kv_head = tiles.front().tile.kv_head;
  read_keys(inputs.key, kv_head * shape.width, block, shape.width, state.key);
  const BlockValues<Element> values(inputs, kv_head, block, state, all_rows <= kFewRows);
  const std::int64_t hidden = tiles.size() == 1 ? tiles.front().first_row(first) : 0;
  score_rows<Element>(state, hidden, all_rows - hidden, padded(block.keys), shape);
  std::int64_t row = 0;
  for (const TileRows& rows : tiles) {
    const ForwardState own = from_row<Element>(state, row, shape.width);
    const std::int64_t begin = rows.first_row(first);
    for (std::int64_t r = begin; r < rows.rows; ++r)
      update_row(own, r, std::min(block.keys, rows.visible(r) - first), padded(shape.width));
    add_values(own, rows, begin, first, values);
    row += rows.rows;
  }
}

}  // namespace

std::int64_t attention_tile_queries(const AttentionShape& shape) {
  constexpr std::int64_t kRows = 48;
  return std::max<std::int64_t>(1, kRows / (shape.heads / shape.kv_heads));
}

template <typename Element>
void attention_forward(const AttentionInputs<Element>& inputs, std::span<const AttentionTile> tiles,
                       std::int64_t shared_keys, HeadRows<Element> output, float* logsumexp,
                       AttentionScratch& scratch) {
  const AttentionShape& shape = inputs.shape;
  assert(shared_keys % kKeyBlock == 0 && (tiles.size() > 1 || shared_keys == 0));
  std::vector<TileRows> rows;
  std::int64_t all_rows = 0;
  for (const AttentionTile& tile : tiles) all_rows += rows.emplace_back(shape, tile).rows;
  const ForwardState state = make_state(scratch, all_rows, shape.width);
  KeyBlock block;
  KeyWalk shared(tiles.front().ranges);
  std::int64_t first_row = 0;
  for (const TileRows& own : rows) {
    const ForwardState part = from_row<Element>(state, first_row, shape.width);
    for (std::int64_t row = 0; row < own.rows; ++row) {
      const Element* const query = inputs.query.data + own.query(row) * inputs.query.stride;
      read_query(query + own.head(row) * shape.width, shape.width, shape.scale,
                 part.query + row * query_step<Element>(shape.width));
    }
    first_row += own.rows;
  }
  for (std::int64_t first = 0; first < shared_keys; first += kKeyBlock) {
    shared.next(kKeyBlock, block);
    pass_block<Element>(inputs, state, all_rows, rows, first, block);
  }
  first_row = 0;
  for (const TileRows& own : rows) {
    const ForwardState part = from_row<Element>(state, first_row, shape.width);
    KeyWalk walk(own.tile.ranges);
    walk.skip(shared_keys);
    for (std::int64_t first = shared_keys; first < own.last_visible; first += kKeyBlock) {
      walk.next(std::min(kKeyBlock, own.last_visible - first), block);
      pass_block<Element>(inputs, part, own.rows, {&own, 1}, first, block);
    }
    write_rows(part, own, shape, output, logsumexp);
    first_row += own.rows;
  }
}

template <typename Element>
void attention_forward(const AttentionInputs<Element>& inputs, const AttentionTile& tile,
                       HeadRows<Element> output, float* logsumexp, AttentionScratch& scratch) {
  attention_forward(inputs, {&tile, 1}, 0, output, logsumexp, scratch);
}

template void attention_forward(const AttentionInputs<float>&, std::span<const AttentionTile>, std::int64_t,
                                HeadRows<float>, float*, AttentionScratch&);
template void attention_forward(const AttentionInputs<BFloat16>&, std::span<const AttentionTile>,
                                std::int64_t, HeadRows<BFloat16>, float*, AttentionScratch&);
template void attention_forward(const AttentionInputs<float>&, const AttentionTile&, HeadRows<float>, float*,
                                AttentionScratch&);
template void attention_forward(const AttentionInputs<BFloat16>&, const AttentionTile&, HeadRows<BFloat16>,
                                float*, AttentionScratch&);

}  // namespace tempo::kernels
