// Draws tokens from rows of logits by counter-based keys: the same tokens for the same logits and keys on the
// CPU and on devices. C rows, V vocabulary, M draws.
#pragma once

#include <cstdint>

#include "tempo/kernels/bfloat16.h"
#include "tempo/kernels/sampling.h"
#include "tempo/kernels/stream.h"

namespace tempo::kernels {

// What of a draw's key (core::DrawKey) is its own.
struct DrawPlace {
  std::uint32_t prompt = 0;    // index of the prompt in its step
  std::uint32_t response = 0;  // index of the response in its group
  std::uint32_t position = 0;  // index of the token in its response
};

// Logit: float or BFloat16. All arrays are of one device.
template <typename Logit>
struct DrawArgs {
  std::int32_t rows = 0;          // C
  std::int32_t vocab = 0;         // V, 1 or more
  std::int64_t row_stride = 0;    // logits from one row to the next, V or more
  const Logit* logits = nullptr;  // [C, V]
  const std::int32_t* draw_offsets =
      nullptr;                        // [C + 1] in draws, rising: those of row c are [c], ..., [c + 1] - 1
  const DrawPlace* places = nullptr;  // [M]
  SamplingParams params{};
  std::uint64_t seed = 0;
  std::uint32_t step = 0;  // training step, or 0

  std::int32_t* token = nullptr;  // [M], out
  float* logp = nullptr;          // [M], out: after temperature, before truncation
  float* entropy = nullptr;       // [C], out: in nats, after temperature, before truncation
  RowStatus* status = nullptr;    // [C], out: of a row that is not kOk nothing else is written
};

// Draws for every row. On a device a row is a block's: its logits come from memory once, and again from the
// cache: once for the weights, and when top_k or top_p cut tokens off 2 to 4 times more. Moves 4 (or 2) C V +
// 16 C + 20 M bytes. The log-probabilities and entropies of a device are those that its training computes
// (tempo/kernels/softmax.h); they differ from the CPU's in the last bits, the tokens do not. V: at most 2^21.
namespace cpu {
// draw_row takes one row, so that threads can share the rows, each with its own sampler of V tokens.
void draw_row(const DrawArgs<float>& args, std::int32_t row, RowSampler& sampler);
void draw_row(const DrawArgs<BFloat16>& args, std::int32_t row, RowSampler& sampler);
void draw_tokens(const DrawArgs<float>& args);
void draw_tokens(const DrawArgs<BFloat16>& args);
}  // namespace cpu
namespace host {
void draw_tokens(const DrawArgs<float>& args, Stream stream);
void draw_tokens(const DrawArgs<BFloat16>& args, Stream stream);
}  // namespace host
namespace cuda {
void draw_tokens(const DrawArgs<float>& args, Stream stream);
void draw_tokens(const DrawArgs<BFloat16>& args, Stream stream);
}  // namespace cuda

}  // namespace tempo::kernels
