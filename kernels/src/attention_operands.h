// What attention's backward reads and where: the rows of some tiles and a block of keys, laid out as operands
// of products (multiply_words.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "attention_block.h"
#include "multiply_words.h"
#include "tempo/kernels/pack.h"

namespace tempo::kernels {

// A tile's rows are filled up to a multiple of this, so that deep words never hold rows of two tiles.
inline constexpr std::int64_t kRowStep = 2;
// A block's keys are filled up with zeros to a multiple of this, the squares that pack_transposed turns fast.
inline constexpr std::int64_t kKeyStep = 16;
static_assert(kKeyStep % kLanes == 0 && kKeyBlock % kKeyStep == 0);

inline std::int64_t round_up(std::int64_t count, std::int64_t step) {
  return (count + step - 1) / step * step;
}

template <typename Element>
const LooseWord* words_of(const Element* numbers) {
  return reinterpret_cast<const LooseWord*>(numbers);
}

// The rows of some tiles, one after the other, and a block of keys. Deep arrays (attention_weights.h) have
// the sizes of the plain ones; those of float32 are the plain ones.
template <typename Element>
struct BackwardState {
  std::int64_t wide;                       // width, padded with zeros
  Element *query, *grad_output;            // [rows, wide]
  Element *query_deep, *grad_output_deep;  // [rows, wide]
  Element *key, *value, *key_deep;         // [kKeyBlock, wide]
  Element *key_turned, *value_turned;      // [wide / step, padded keys, step]
  Element *weight, *grad_score;            // deep P and dS, [rows, kKeyBlock]
  Element* grad_score_rows;                // dS, [rows, kKeyBlock]
  float* grad_query;                       // [rows, wide], before the scale
  float *logsumexp, *delta;                // [rows]
  float* sums;                             // [kSumRows, wide]
  std::vector<std::int64_t> visible;       // [rows] keys that a row sees; 0 for rows that fill up
};

template <typename Element>
BackwardState<Element> make_state(AttentionScratch& scratch, std::int64_t rows, std::int64_t width) {
  const std::int64_t wide = padded(width);
  ScratchParts parts(scratch, rows * (5 * wide + 3 * kKeyBlock + 2) + (5 * kKeyBlock + kSumRows) * wide);
  const auto take = [&](std::int64_t numbers) {
    return reinterpret_cast<Element*>(parts.take(numbers / kDepthStep<Element>));
  };
  const auto take_copy = [&](std::int64_t numbers, Element* plain) {
    return kDepthStep<Element> == 1 ? plain : take(numbers);
  };
  BackwardState<Element> state{};
  state.wide = wide;
  state.query = take(rows * wide);
  state.grad_output = take(rows * wide);
  state.query_deep = take_copy(rows * wide, state.query);
  state.grad_output_deep = take_copy(rows * wide, state.grad_output);
  state.key = take(kKeyBlock * wide);
  state.value = take(kKeyBlock * wide);
  state.key_deep = take_copy(kKeyBlock * wide, state.key);
  state.key_turned = take(kKeyBlock * wide);
  state.value_turned = take(kKeyBlock * wide);
  state.weight = take(rows * kKeyBlock);
  state.grad_score = take(rows * kKeyBlock);
  state.grad_score_rows = take_copy(rows * kKeyBlock, state.grad_score);
  state.grad_query = parts.take(rows * wide);
  state.logsumexp = parts.take(rows);
  state.delta = parts.take(rows);
  state.sums = parts.take(kSumRows * wide);
  std::fill_n(state.logsumexp, rows, 0.0F);
  std::fill_n(state.delta, rows, 0.0F);
  state.visible.assign(static_cast<std::size_t>(rows), 0);
  return state;
}

// Copies a row, zeros up to `wide`.
template <typename Element>
void copy_numbers(const Element* from, std::int64_t width, Element* to, std::int64_t wide) {
  constexpr std::int64_t kStep = kLanes * kDepthStep<Element>;
  std::int64_t e = 0;
  for (; e + kStep <= width; e += kStep) store_words(to + e, load_words(from + e));
  for (; e < width; ++e) to[e] = from[e];
  for (; e < wide; ++e) to[e] = Element{};
}

template <typename Element>
void make_deep(const Element* plain, std::int64_t rows, std::int64_t wide, Element* deep) {
  if constexpr (kDepthStep < Element >> 1) pack_rows<Element>({plain, wide}, {rows, wide, wide}, deep);
}

template <typename Element>
void prefetch_row(const Element* row, std::int64_t width) {
  constexpr std::int64_t kLine = 64 / static_cast<std::int64_t>(sizeof(Element));
  for (std::int64_t e = 0; e < width; e += kLine) __builtin_prefetch(row + e);
}

// Sums over 16 lanes, then over these: an order that does not depend on the machine.
template <typename Element>
float dot(const Element* a, const Element* b, std::int64_t width) {
  constexpr int kPartials = 16;
  Floats partial[kPartials / kLanes] = {};
  std::int64_t e = 0;
  for (; e + kPartials <= width; e += kPartials) {
    for (int i = 0; i < kPartials / kLanes; ++i)
      partial[i] += load(a + e + i * kLanes) * load(b + e + i * kLanes);
  }
  float sum[kPartials];
  for (int i = 0; i < kPartials / kLanes; ++i) store(sum + i * kLanes, partial[i]);
  for (int l = 0; e + l < width; ++l) sum[l] += to_float(a[e + l]) * to_float(b[e + l]);
  for (int half = kPartials / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) sum[l] += sum[l + half];
  }
  return sum[0];
}

// Reads a tile's rows to those of the state from `begin` on.
template <typename Element>
void read_rows(const AttentionInputs<Element>& inputs, const AttentionGradients<Element>& gradients,
               const TileRows& rows, std::int64_t begin, BackwardState<Element>& state) {
  constexpr std::int64_t kAhead = 12;  // rows, to hide the latency of the memory
  const std::int64_t width = inputs.shape.width, wide = state.wide, end = round_up(rows.rows, kRowStep);
  const auto place = [&](HeadRows<const Element> array, std::int64_t row) {
    return array.data + rows.query(row) * array.stride + rows.head(row) * width;
  };
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    if (row + kAhead < rows.rows) {
      for (const auto& array : {inputs.query, gradients.output, gradients.grad_output})
        prefetch_row(place(array, row + kAhead), width);
    }
    const Element* const grad_output = place(gradients.grad_output, row);
    const std::int64_t at = begin + row;
    copy_numbers(place(inputs.query, row), width, state.query + at * wide, wide);
    copy_numbers(grad_output, width, state.grad_output + at * wide, wide);
    state.delta[at] = dot(place(gradients.output, row), grad_output, width);
    state.logsumexp[at] = gradients.logsumexp[rows.query(row) * inputs.shape.heads + rows.head(row)];
    state.visible[static_cast<std::size_t>(at)] = rows.visible(row);
  }
  for (Element* array : {state.query, state.grad_output})
    std::fill(array + (begin + rows.rows) * wide, array + (begin + end) * wide, Element{});
  make_deep(state.query + begin * wide, end, wide, state.query_deep + begin * wide);
  make_deep(state.grad_output + begin * wide, end, wide, state.grad_output_deep + begin * wide);
}

// Reads a block's keys and values, `keys` with those that fill up.
template <typename Element>
void read_block(const AttentionInputs<Element>& inputs, std::int64_t offset, const KeyBlock& block,
                std::int64_t keys, const BackwardState<Element>& state) {
  const std::int64_t wide = state.wide;
  const auto read = [&](HeadRows<const Element> from, Element* rows, Element* turned) {
    for (std::int64_t j = 0; j < block.keys; ++j)
      copy_numbers(from.data + block.slot[j] * from.stride + offset, inputs.shape.width, rows + j * wide,
                   wide);
    std::fill(rows + block.keys * wide, rows + keys * wide, Element{});
    pack_transposed<Element>({rows, wide}, {wide, keys, keys}, turned);
  };
  read(inputs.key, state.key, state.key_turned);
  read(inputs.value, state.value, state.value_turned);
  make_deep(state.key, keys, wide, state.key_deep);
}

}  // namespace tempo::kernels
