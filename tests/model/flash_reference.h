// The flash kernel's contract (model/attention_by_flash.h) on the CPU, as its definition says, for any dtype:
// sums in float32, or in double for double inputs. Checks what the real kernel only requires.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

#include "model/attention_by_flash.h"

namespace tempo::testing {

inline std::int64_t number_at(const at::Tensor& ints, std::int64_t i) { return ints[i].item<std::int64_t>(); }

// Calls work(queries, keys), each [begin, end), for the sequences.
template <typename Work>
void each_sequence(const model::FlashSequences& sequences, std::int64_t rows, const Work& work) {
  const std::int64_t count = sequences.key_size.size(0);
  REQUIRE(sequences.query_offset.sizes() == at::IntArrayRef({count + 1}));
  REQUIRE(sequences.key_begin.sizes() == at::IntArrayRef({count + 1}));
  for (const at::Tensor& ints : {sequences.query_offset, sequences.key_begin, sequences.key_size}) {
    REQUIRE(ints.scalar_type() == at::kInt);
    REQUIRE(ints.is_contiguous());
  }
  REQUIRE(number_at(sequences.query_offset, count) == rows);
  std::int64_t most_queries = 0, most_keys = 0;
  for (std::int64_t b = 0; b < count; ++b) {
    const std::int64_t begin = number_at(sequences.query_offset, b),
                       end = number_at(sequences.query_offset, b + 1),
                       key = number_at(sequences.key_begin, b), keys = number_at(sequences.key_size, b);
    REQUIRE((end > begin && keys > 0));
    REQUIRE((!sequences.is_causal || keys == end - begin));
    most_queries = std::max(most_queries, end - begin);
    most_keys = std::max(most_keys, keys);
    work(tree::NodeRange{static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end)},
         tree::NodeRange{static_cast<std::int32_t>(key), static_cast<std::int32_t>(key + keys)});
  }
  REQUIRE(most_queries == sequences.most_queries);
  REQUIRE(most_keys == sequences.most_keys);
}

// Returns rows [begin, end) as [heads, rows, E] in the wide dtype, key heads repeated for their query heads.
inline at::Tensor wide_rows(const at::Tensor& tensor, tree::NodeRange range, std::int64_t heads) {
  const auto wide = tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return tensor.narrow(0, range.begin, range.size())
      .to(wide)
      .repeat_interleave(heads / tensor.size(1), 1)
      .transpose(0, 1);
}

inline at::Tensor flash_scores(const model::AttentionInputs& in, tree::NodeRange queries,
                               tree::NodeRange keys, bool is_causal) {
  const std::int64_t heads = in.query_THE.size(1);
  const at::Tensor scores =
      at::bmm(wide_rows(in.query_THE, queries, heads), wide_rows(in.key_SKE, keys, heads).transpose(1, 2)) /
      std::sqrt(static_cast<double>(in.query_THE.size(2)));
  if (!is_causal) return scores;
  const at::Tensor hidden = at::ones({queries.size(), keys.size()}, at::kBool).triu(1);
  return scores.masked_fill(hidden, -std::numeric_limits<double>::infinity());
}

inline model::FlashPart reference_flash(const model::AttentionInputs& in,
                                        const model::FlashSequences& sequences) {
  const std::int64_t rows = in.query_THE.size(0), heads = in.query_THE.size(1);
  const auto wide = in.query_THE.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  model::FlashPart out{at::empty_like(in.query_THE), at::empty({heads, rows}, wide)};
  each_sequence(sequences, rows, [&](tree::NodeRange queries, tree::NodeRange keys) {
    const at::Tensor scores = flash_scores(in, queries, keys, sequences.is_causal);
    const at::Tensor attended = at::bmm(at::softmax(scores, 2), wide_rows(in.value_SKE, keys, heads));
    out.output_MHE.narrow(0, queries.begin, queries.size()).copy_(attended.transpose(0, 1));
    out.logsumexp_HM.narrow(1, queries.begin, queries.size()).copy_(at::logsumexp(scores, 2));
  });
  return out;
}

inline model::AttentionGradients reference_flash_backward(const model::AttentionInputs& in,
                                                          const model::FlashPart& whole,
                                                          const at::Tensor& grad_output,
                                                          const model::FlashSequences& sequences) {
  const std::int64_t rows = in.query_THE.size(0), heads = in.query_THE.size(1),
                     group = heads / in.key_SKE.size(1);
  const double scale = 1.0 / std::sqrt(static_cast<double>(in.query_THE.size(2)));
  REQUIRE(whole.logsumexp_HM.sizes() == at::IntArrayRef({heads, rows}));
  REQUIRE(whole.logsumexp_HM.is_contiguous());
  model::AttentionGradients out{at::empty_like(in.query_THE), at::empty_like(in.key_SKE),
                                at::empty_like(in.value_SKE)};
  std::int32_t packed = 0;
  each_sequence(sequences, rows, [&](tree::NodeRange queries, tree::NodeRange keys) {
    REQUIRE(keys.begin == packed);
    packed = keys.end;
    const at::Tensor query = wide_rows(in.query_THE, queries, heads),
                     key = wide_rows(in.key_SKE, keys, heads), value = wide_rows(in.value_SKE, keys, heads),
                     grad = wide_rows(grad_output, queries, heads),
                     output = wide_rows(whole.output_MHE, queries, heads);
    const at::Tensor logsumexp = whole.logsumexp_HM.narrow(1, queries.begin, queries.size()).unsqueeze(2);
    const at::Tensor weights = (flash_scores(in, queries, keys, sequences.is_causal) - logsumexp).exp();
    const at::Tensor grad_scores =
        weights * (at::bmm(grad, value.transpose(1, 2)) - (grad * output).sum(2, true)) * scale;
    const auto store = [](const at::Tensor& to, tree::NodeRange range, const at::Tensor& from) {
      to.narrow(0, range.begin, range.size()).copy_(from.transpose(0, 1));
    };
    const auto summed = [&](const at::Tensor& x) { return x.unflatten(0, {-1, group}).sum(1); };
    store(out.query_THE, queries, at::bmm(grad_scores, key));
    store(out.key_SKE, keys, summed(at::bmm(grad_scores.transpose(1, 2), query)));
    store(out.value_SKE, keys, summed(at::bmm(weights.transpose(1, 2), grad)));
  });
  REQUIRE(packed == in.key_SKE.size(0));
  return out;
}

inline model::FlashKernel reference_kernel() {
  return {.forward = reference_flash, .backward = reference_flash_backward};
}

}  // namespace tempo::testing
