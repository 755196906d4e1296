// Attention, backward: weights recomputed from the stored logsumexp, block by block of keys. With P the
// weights, D = rowsum(dO * O), dP = dO V^T and dS = P * (dP - D):
//   dV = P^T dO,  dQ = scale dS K,  dK = scale dS^T Q.
#include <algorithm>
#include <cassert>
#include <vector>

#include "attention_operands.h"
#include "attention_weights.h"

namespace tempo::kernels {
namespace {

// Rows [begin, end) of the state, against a block whose first key stands at `first` of their paths.
struct BlockRows {
  std::int64_t begin, end, first;
};

// Computes P and dS of up to kSumRows rows for the block's first `columns` keys, zeros up to `padded_keys`.
template <typename Element>
void weigh_rows(const BackwardState<Element>& state, const BlockRows& rows, std::int64_t columns,
                std::int64_t padded_keys, const AttentionShape& shape) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  alignas(64) float score[kSumRows * kKeyBlock], grad_weight[kSumRows * kKeyBlock];
  const std::int64_t count = rows.end - rows.begin, at = rows.begin * state.wide;
  const std::int64_t depth = (shape.width + kStep - 1) / kStep, row_step = state.wide / kStep;
  multiply_words<Element, false>(count, columns, depth, {words_of(state.query + at), row_step, 1},
                                 {words_of(state.key_turned), padded_keys}, {score, kKeyBlock});
  multiply_words<Element, false>(count, columns, depth, {words_of(state.grad_output + at), row_step, 1},
                                 {words_of(state.value_turned), padded_keys}, {grad_weight, kKeyBlock});
  const auto scored = [&](std::int64_t i) {
    const std::int64_t row = rows.begin + i;
    return ScoredRow{.score = score + i * kKeyBlock,
                     .grad_weight = grad_weight + i * kKeyBlock,
                     .scale = shape.scale,
                     .logsumexp = state.logsumexp[row],
                     .delta = state.delta[row],
                     .seen = state.visible[static_cast<std::size_t>(row)] - rows.first};
  };
  constexpr RowWeights zeros = {};
  for (std::int64_t i = 0; i < count; i += kRowStep) {
    const ScoredRow first = scored(i), second = scored(i + 1);
    const std::int64_t to = (rows.begin + i) * kKeyBlock;
    const WeightTargets<Element> targets{state.weight + to, state.grad_score + to,
                                         state.grad_score_rows + to};
    std::int64_t j = 0;
    for (; j < columns; j += kLanes) targets.store(j, first.weights(j), second.weights(j));
    for (; j < padded_keys; j += kLanes) targets.store(j, zeros, zeros);
  }
}

// Adds scale * left^T right, over the rows, to the gradient rows of the block's slots; both deep.
template <typename Element>
void add_to_keys(const BackwardState<Element>& state, const Element* left, const Element* right,
                 const BlockRows& rows, const KeyBlock& block, float scale, std::int64_t width,
                 HeadRows<float> gradient) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  std::int64_t begin = rows.begin;
  for (std::int64_t key = 0; key < block.keys; key += kSumRows) {
    while (state.visible[static_cast<std::size_t>(begin)] <= rows.first + key) ++begin;
    const std::int64_t deep = begin / kStep, count = std::min(kSumRows, block.keys - key);
    const auto place = [&](std::int64_t j) { return gradient.data + block.slot[key + j] * gradient.stride; };
    for (std::int64_t j = 0; j < count; ++j) prefetch_row(place(j), width);
    multiply_words<Element, false>(
        count, state.wide, rows.end / kStep - deep, {words_of(left) + deep * kKeyBlock + key, 1, kKeyBlock},
        {words_of(right) + deep * state.wide, state.wide}, {state.sums, state.wide});
    for (std::int64_t j = 0; j < count; ++j) {
      float* const to = place(j);
      const float* const sum = state.sums + j * state.wide;
      for (std::int64_t e = 0; e < width; ++e) to[e] += scale * sum[e];
    }
  }
}

// Passes a block of keys through the rows, of which the first at most one does not see its first key and the
// last sees all.
template <typename Element>
void pass_block(const AttentionInputs<Element>& inputs, const AttentionGradients<Element>& gradients,
                const BackwardState<Element>& state, const BlockRows& rows, const KeyBlock& block,
                std::int64_t kv_head) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  const std::int64_t width = inputs.shape.width, wide = state.wide, offset = kv_head * width;
  const std::int64_t padded_keys = round_up(block.keys, kKeyStep);
  read_block(inputs, offset, block, padded_keys, state);
  for (std::int64_t row = rows.begin; row < rows.end; row += kSumRows) {
    const BlockRows group{row, std::min(rows.end, row + kSumRows), rows.first};
    const std::int64_t visible =
        *std::max_element(state.visible.begin() + group.begin, state.visible.begin() + group.end);
    const std::int64_t columns = std::min(round_up(visible - rows.first, kLanes), padded_keys);
    weigh_rows(state, group, columns, padded_keys, inputs.shape);
    float* const grad_query = state.grad_query + row * wide;
    if (rows.first == 0) std::fill_n(grad_query, (group.end - row) * wide, 0.0F);
    multiply_words<Element, true>(group.end - row, wide, columns / kStep,
                                  {words_of(state.grad_score_rows + row * kKeyBlock), kKeyBlock / kStep, 1},
                                  {words_of(state.key_deep), wide}, {grad_query, wide});
  }
  const auto head = [&](HeadRows<float> array) { return HeadRows<float>{array.data + offset, array.stride}; };
  add_to_keys(state, state.weight, state.grad_output_deep, rows, block, 1.0F, width,
              head(gradients.grad_value));
  add_to_keys(state, state.grad_score, state.query_deep, rows, block, inputs.shape.scale, width,
              head(gradients.grad_key));
}

template <typename Element>
void write_rows(const BackwardState<Element>& state, std::int64_t begin, const TileRows& rows,
                const AttentionShape& shape, HeadRows<Element> grad_query) {
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    Element* const out = grad_query.data + rows.query(row) * grad_query.stride + rows.head(row) * shape.width;
    const float* const sum = state.grad_query + (begin + row) * state.wide;
    for (std::int64_t e = 0; e < shape.width; ++e) assign(out[e], sum[e] * shape.scale);
  }
}

}  // namespace

std::int64_t attention_backward_queries(const AttentionShape& shape) {
  constexpr std::int64_t kNumbers = 384 * 64;  // of an array of rows
  return std::max<std::int64_t>(1, kNumbers / padded(shape.width) / (shape.heads / shape.kv_heads));
}

template <typename Element>
void attention_backward(const AttentionInputs<Element>& inputs, std::span<const AttentionTile> tiles,
                        std::int64_t shared_keys, const AttentionGradients<Element>& gradients,
                        AttentionScratch& scratch) {
  assert(shared_keys % kKeyBlock == 0 && !tiles.empty());
  std::vector<TileRows> parts;
  std::vector<std::int64_t> begin{0};  // of each part's rows
  for (const AttentionTile& tile : tiles)
    begin.push_back(begin.back() + round_up(parts.emplace_back(inputs.shape, tile).rows, kRowStep));
  auto state = make_state<Element>(scratch, begin.back(), inputs.shape.width);
  for (std::size_t i = 0; i < parts.size(); ++i) read_rows(inputs, gradients, parts[i], begin[i], state);
  const std::int64_t kv_head = tiles.front().kv_head;
  KeyBlock block;
  KeyWalk shared(tiles.front().ranges);
  for (std::int64_t first = 0; first < shared_keys; first += kKeyBlock) {
    shared.next(kKeyBlock, block);
    pass_block(inputs, gradients, state, {0, begin.back(), first}, block, kv_head);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const TileRows& rows = parts[i];
    KeyWalk walk(rows.tile.ranges);
    walk.skip(shared_keys);
    for (std::int64_t first = shared_keys; first < rows.last_visible; first += kKeyBlock) {
      walk.next(std::min(kKeyBlock, rows.last_visible - first), block);
      const std::int64_t seeing = rows.first_row(first) / kRowStep * kRowStep;
      pass_block(inputs, gradients, state, {begin[i] + seeing, begin[i + 1], first}, block, kv_head);
    }
    write_rows(state, begin[i], rows, inputs.shape, gradients.grad_query);
  }
}

template <typename Element>
void attention_backward(const AttentionInputs<Element>& inputs, const AttentionTile& tile,
                        const AttentionGradients<Element>& gradients, AttentionScratch& scratch) {
  attention_backward(inputs, {&tile, 1}, 0, gradients, scratch);
}

template void attention_backward(const AttentionInputs<float>&, std::span<const AttentionTile>, std::int64_t,
                                 const AttentionGradients<float>&, AttentionScratch&);
template void attention_backward(const AttentionInputs<BFloat16>&, std::span<const AttentionTile>,
                                 std::int64_t, const AttentionGradients<BFloat16>&, AttentionScratch&);
template void attention_backward(const AttentionInputs<float>&, const AttentionTile&,
                                 const AttentionGradients<float>&, AttentionScratch&);
template void attention_backward(const AttentionInputs<BFloat16>&, const AttentionTile&,
                                 const AttentionGradients<BFloat16>&, AttentionScratch&);

}  // namespace tempo::kernels
