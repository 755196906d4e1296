#include <ATen/Context.h>

#include <cmath>
#include <optional>

#include "attention_by_flash.h"

namespace tempo::model {
namespace {

// Otherwise the kernel adds up a query's gradient by atomic additions, in any order. The setting is ATen's,
// for all threads.
class Deterministic {
 public:
  Deterministic()
      : algorithms_(at::globalContext().deterministicAlgorithms()),
        warn_only_(at::globalContext().deterministicAlgorithmsWarnOnly()),
        fill_(at::globalContext().deterministicFillUninitializedMemory()) {
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(false);  // would write each buffer twice
  }
  Deterministic(const Deterministic&) = delete;
  Deterministic& operator=(const Deterministic&) = delete;
  ~Deterministic() {
    at::globalContext().setDeterministicAlgorithms(algorithms_, warn_only_);
    at::globalContext().setDeterministicFillUninitializedMemory(fill_);
  }

 private:
  bool algorithms_, warn_only_, fill_;
};

constexpr double kNoDropout = 0.0;

double score_scale(const at::Tensor& query) { return 1.0 / std::sqrt(static_cast<double>(query.size(2))); }

FlashPart forward(const AttentionInputs& rows, const FlashSequences& sequences) {
  const auto out = at::_flash_attention_forward(
      rows.query_THE, rows.key_SKE, rows.value_SKE, sequences.query_offset, sequences.key_begin,
      sequences.most_queries, sequences.most_keys, kNoDropout, sequences.is_causal,
      /*return_debug_mask=*/false, score_scale(rows.query_THE), /*window_size_left=*/std::nullopt,
      /*window_size_right=*/std::nullopt, /*seqused_k=*/sequences.key_size);
  return {std::get<0>(out), std::get<1>(out)};
}

AttentionGradients backward(const AttentionInputs& rows, const FlashPart& whole,
                            const at::Tensor& grad_output_MHE, const FlashSequences& sequences) {
  const Deterministic deterministic;
  const at::Tensor no_random_state = at::empty({0}, rows.query_THE.options());  // read for dropout only
  const auto [query, key, value] = at::_flash_attention_backward(
      grad_output_MHE, rows.query_THE, rows.key_SKE, rows.value_SKE, whole.output_MHE, whole.logsumexp_HM,
      sequences.query_offset, sequences.key_begin, sequences.most_queries, sequences.most_keys, kNoDropout,
      sequences.is_causal, no_random_state, no_random_state, score_scale(rows.query_THE));
  return {query, key, value};
}

}  // namespace

FlashKernel libtorch_flash() { return {.forward = forward, .backward = backward}; }

bool libtorch_flash_takes(const at::TensorOptions& heads, std::int64_t width) {
  constexpr std::int64_t kWidthStep = 8, kMostWidth = 256;
  return heads.device().is_cuda() && heads.dtype() == at::kBFloat16 && width % kWidthStep == 0 &&
         width <= kMostWidth;
}

}  // namespace tempo::model
