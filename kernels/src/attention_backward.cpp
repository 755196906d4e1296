// Attention, backward: weights recomputed from the stored logsumexp, block by block of keys. With P the
// weights, D = rowsum(dO * O), dP = dO V^T and dS = P * (dP - D):
//   dV = P^T dO,  dQ = scale dS K,  dK = scale dS^T Q.
#include <algorithm>

#include "attention_block.h"
#include "exponential.h"

namespace tempo::kernels {
namespace {

struct BackwardState {
  float* query;         // [rows, padded width], times scale
  float* grad_output;   // [rows, padded width]
  float* grad_query;    // [rows, padded width], before the scale
  float* logsumexp;     // [rows]
  float* delta;         // [rows] D
  float* key;           // [kKeyBlock, padded width]
  float* key_turned;    // [width, kKeyBlock]
  float* value_turned;  // [width, kKeyBlock]
  float* weight;        // [rows, kKeyBlock] P
  float* grad_score;    // [rows, kKeyBlock] dP, then dS
  float* grad_key;      // [kKeyBlock, padded width]
};

BackwardState make_state(AttentionScratch& scratch, std::int64_t rows, std::int64_t width) {
  const std::int64_t wide = padded(width);
  ScratchParts parts(scratch, rows * (3 * wide + 2 + 2 * kKeyBlock) + kKeyBlock * 2 * (wide + width));
  BackwardState state{};
  state.query = parts.take(rows * wide);
  state.grad_output = parts.take(rows * wide);
  state.grad_query = parts.take(rows * wide);
  state.logsumexp = parts.take(rows);
  state.delta = parts.take(rows);
  state.key = parts.take(kKeyBlock * wide);
  state.key_turned = parts.take(kKeyBlock * width);
  state.value_turned = parts.take(kKeyBlock * width);
  state.weight = parts.take(rows * kKeyBlock);
  state.grad_score = parts.take(rows * kKeyBlock);
  state.grad_key = parts.take(kKeyBlock * wide);
  std::fill_n(state.grad_query, rows * wide, 0.0F);
  return state;
}

template <typename Element>
void read_rows(const AttentionInputs<Element>& inputs, const TileRows& rows,
               const AttentionGradients<Element>& gradients, const BackwardState& state) {
  const std::int64_t width = inputs.shape.width, wide = padded(width);
  const auto place = [&](auto array, std::int64_t row) {
    return array.data + rows.query(row) * array.stride + rows.head(row) * width;
  };
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    copy_row(place(inputs.query, row), width, inputs.shape.scale, state.query + row * wide, wide);
    float* const grad_output = state.grad_output + row * wide;
    copy_row(place(gradients.grad_output, row), width, 1.0F, grad_output, wide);
    const Element* const output = place(gradients.output, row);
    float delta = 0.0F;
    for (std::int64_t e = 0; e < width; ++e) delta += to_float(output[e]) * grad_output[e];
    state.delta[row] = delta;
    state.logsumexp[row] = gradients.logsumexp[rows.query(row) * inputs.shape.heads + rows.head(row)];
  }
}

// Turns a row's scores into its weights P and its dP into dS; zero for keys that it does not see.
void update_row(const BackwardState& state, std::int64_t row, std::int64_t keys, std::int64_t columns) {
  float* const weight = state.weight + row * kKeyBlock;
  float* const grad_score = state.grad_score + row * kKeyBlock;
  const float logsumexp = state.logsumexp[row], delta = state.delta[row];
  for (std::int64_t j = 0; j < columns; ++j) {
    // The score can pass the logsumexp by its rounding, which the exponential does not accept.
    const float above = weight[j] - logsumexp;
    weight[j] = exp_nonpositive(above > 0.0F ? 0.0F : above);
    grad_score[j] = weight[j] * (grad_score[j] - delta);
  }
  std::fill(weight + keys, weight + columns, 0.0F);
  std::fill(grad_score + keys, grad_score + columns, 0.0F);
}

// Adds left^T right, over the rows from `begin` on, to the gradient rows of the block's slots.
void add_to_keys(const BackwardState& state, const float* left, const float* right, const TileRows& rows,
                 std::int64_t begin, const KeyBlock& block, std::int64_t width, HeadRows<float> gradient) {
  const std::int64_t wide = padded(width);
  multiply<false>(block.keys, wide, rows.rows - begin, {left + begin * kKeyBlock, 1, kKeyBlock},
                  right + begin * wide, wide, state.grad_key, wide);
  for (std::int64_t j = 0; j < block.keys; ++j) {
    float* const to = gradient.data + block.slot[j] * gradient.stride + rows.tile.kv_head * width;
    for (std::int64_t e = 0; e < width; ++e) to[e] += state.grad_key[j * wide + e];
  }
}

}  // namespace

template <typename Element>
void attention_backward(const AttentionInputs<Element>& inputs, const AttentionTile& tile,
                        const AttentionGradients<Element>& gradients, AttentionScratch& scratch) {
  const std::int64_t width = inputs.shape.width, wide = padded(width), offset = tile.kv_head * width;
  const TileRows rows(inputs.shape, tile);
  const BackwardState state = make_state(scratch, rows.rows, width);
  read_rows(inputs, rows, gradients, state);
  KeyWalk walk(tile.ranges);
  KeyBlock block;
  for (std::int64_t first = 0; first < rows.last_visible; first += kKeyBlock) {
    walk.next(std::min(kKeyBlock, rows.last_visible - first), block);
    copy_keys(inputs.key, offset, block, width, state.key, wide);
    copy_keys_transposed(inputs.key, offset, block, width, state.key_turned);
    copy_keys_transposed(inputs.value, offset, block, width, state.value_turned);
    const std::int64_t begin = rows.first_row(first), count = rows.rows - begin, columns = padded(block.keys);
    multiply<false>(count, columns, width, {state.query + begin * wide, wide, 1}, state.key_turned, kKeyBlock,
                    state.weight + begin * kKeyBlock, kKeyBlock);
    multiply<false>(count, columns, width, {state.grad_output + begin * wide, wide, 1}, state.value_turned,
                    kKeyBlock, state.grad_score + begin * kKeyBlock, kKeyBlock);
    for (std::int64_t row = begin; row < rows.rows; ++row) {
      update_row(state, row, std::min(block.keys, rows.visible(row) - first), columns);
    }
    multiply<true>(count, wide, block.keys, {state.grad_score + begin * kKeyBlock, kKeyBlock, 1}, state.key,
                   wide, state.grad_query + begin * wide, wide);
    add_to_keys(state, state.weight, state.grad_output, rows, begin, block, width, gradients.grad_value);
    add_to_keys(state, state.grad_score, state.query, rows, begin, block, width, gradients.grad_key);
  }
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    Element* const out =
        gradients.grad_query.data + rows.query(row) * gradients.grad_query.stride + rows.head(row) * width;
    for (std::int64_t e = 0; e < width; ++e)
      assign(out[e], state.grad_query[row * wide + e] * inputs.shape.scale);
  }
}

template void attention_backward(const AttentionInputs<float>&, const AttentionTile&,
                                 const AttentionGradients<float>&, AttentionScratch&);
template void attention_backward(const AttentionInputs<BFloat16>&, const AttentionTile&,
                                 const AttentionGradients<BFloat16>&, AttentionScratch&);

}  // namespace tempo::kernels
