// Attention, forward: softmax by blocks of keys with a running maximum (Dao et al., "FlashAttention", 2022).
#include <cmath>
#include <limits>

#include "attention_block.h"
#include "exponential.h"

namespace tempo::kernels {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// The state of a tile's rows while blocks of keys pass.
struct ForwardState {
  float* query;      // [rows, width], times scale
  float* key;        // [width, kKeyBlock]
  float* value;      // [kKeyBlock, padded width]
  float* score;      // [rows, kKeyBlock]
  float* sum_value;  // [rows, padded width] sum of weight * value
  float* maximum;    // [rows] of the scores so far
  float* sum;        // [rows] sum of the weights exp(score - maximum)
};

ForwardState make_state(AttentionScratch& scratch, std::int64_t rows, std::int64_t width) {
  const std::int64_t wide = padded(width);
  ScratchParts parts(scratch, rows * (width + kKeyBlock + wide + 2) + kKeyBlock * (width + wide));
  ForwardState state{};
  state.query = parts.take(rows * width);
  state.key = parts.take(kKeyBlock * width);
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

// Adds weight * value for the block that starts at key `first`: in one product for the keys that all rows
// from `begin` on see, then query by query for the rest, so that no row reads a value that it must not see.
void add_values(const ForwardState& state, const TileRows& rows, std::int64_t begin, std::int64_t first,
                const KeyBlock& block, std::int64_t wide) {
  const std::int64_t common = std::min(block.keys, rows.visible(begin) - first);
  const auto add = [&](std::int64_t row, std::int64_t count, std::int64_t from, std::int64_t to) {
    multiply<true>(count, wide, to - from, {state.score + row * kKeyBlock + from, kKeyBlock, 1},
                   state.value + from * wide, wide, state.sum_value + row * wide, wide);
  };
  add(begin, rows.rows - begin, 0, common);
  for (std::int64_t row = begin; row < rows.rows; row += rows.group_size) {
    const std::int64_t seen = std::min(block.keys, rows.visible(row) - first);
    if (seen > common) add(row, rows.group_size, common, seen);
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

}  // namespace

std::int64_t attention_tile_queries(const AttentionShape& shape) {
  constexpr std::int64_t kRows = 48;
  return std::max<std::int64_t>(1, kRows / (shape.heads / shape.kv_heads));
}

template <typename Element>
void attention_forward(const AttentionInputs<Element>& inputs, const AttentionTile& tile,
                       HeadRows<Element> output, float* logsumexp, AttentionScratch& scratch) {
  const std::int64_t width = inputs.shape.width, wide = padded(width), offset = tile.kv_head * width;
  const TileRows rows(inputs.shape, tile);
  const ForwardState state = make_state(scratch, rows.rows, width);
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    copy_row(inputs.query.data + rows.query(row) * inputs.query.stride + rows.head(row) * width, width,
             inputs.shape.scale, state.query + row * width, width);
  }
  KeyWalk walk(tile.ranges);
  KeyBlock block;
  for (std::int64_t first = 0; first < rows.last_visible; first += kKeyBlock) {
    walk.next(std::min(kKeyBlock, rows.last_visible - first), block);
    copy_keys_transposed(inputs.key, offset, block, width, state.key);
    copy_keys(inputs.value, offset, block, width, state.value, wide);
    const std::int64_t begin = rows.first_row(first);
    multiply<false>(rows.rows - begin, padded(block.keys), width, {state.query + begin * width, width, 1},
                    state.key, kKeyBlock, state.score + begin * kKeyBlock, kKeyBlock);
    for (std::int64_t row = begin; row < rows.rows; ++row) {
      update_row(state, row, std::min(block.keys, rows.visible(row) - first), wide);
    }
    add_values(state, rows, begin, first, block, wide);
  }
  write_rows(state, rows, inputs.shape, output, logsumexp);
}

template void attention_forward(const AttentionInputs<float>&, const AttentionTile&, HeadRows<float>, float*,
                                AttentionScratch&);
template void attention_forward(const AttentionInputs<BFloat16>&, const AttentionTile&, HeadRows<BFloat16>,
                                float*, AttentionScratch&);

}  // namespace tempo::kernels
