#include "cuda/row_sums.h"
#include "tempo/kernels/softmax.h"

namespace tempo::kernels {
namespace TEMPO_BACKEND {
namespace {

// The targets of the block's row.
struct Targets {
  std::int64_t begin, end;
};

template <typename Logit>
__device__ Targets targets_of(const LogitRows<Logit>& in) {
  const std::int64_t zero = in.first[0];
  return {in.first[blockIdx.x] - zero, in.first[blockIdx.x + 1] - zero};
}

template <typename Logit>
__global__ void __launch_bounds__(kRowThreads, 3) forward(LogitRows<Logit> in, SoftmaxResult out) {
  const Logit* const row = in.logits + blockIdx.x * in.stride;
  const RowSoftmax softmax = block_softmax(row, in.vocab, in.inverse_temperature);
  if (threadIdx.x == 0) out.softmax[blockIdx.x] = softmax;
  const Targets targets = targets_of(in);
  for (std::int64_t k = targets.begin + threadIdx.x; k < targets.end; k += kRowThreads) {
    out.logp[k] = logp_of(widened(row[in.token[k]]), softmax, in.inverse_temperature);
    out.entropy[k] = static_cast<float>(softmax.entropy);
  }
}

// The tokens of a row's targets, by hash: tells most units that they hold none of them.
constexpr unsigned kMarkWords = kRowThreads, kMarks = kMarkWords * 32;

__device__ void mark_targets(unsigned* marks, const std::int64_t* token, const Targets& targets) {
  marks[threadIdx.x] = 0;
  __syncthreads();
  for (std::int64_t k = targets.begin + threadIdx.x; k < targets.end; k += kRowThreads) {
    const auto mark = static_cast<unsigned>(token[k] / kUnit % kMarks);
    atomicOr(&marks[mark / 32], 1U << mark % 32);
  }
  __syncthreads();
}

__device__ inline bool is_marked(const unsigned* marks, std::int64_t at) {
  const auto mark = static_cast<unsigned>(at / kUnit % kMarks);
  return (marks[mark / 32] >> mark % 32 & 1U) != 0;
}

__device__ inline void store_vector(float* to, const Unit& unit) {
  *reinterpret_cast<float4*>(to) = {unit.x[0], unit.x[1], unit.x[2], unit.x[3]};
}

// Returns two bfloat16, the nearest, ties to even; NaN stays NaN.
__device__ inline unsigned narrowed(float low, float high) {
#if defined(__CUDA_ARCH__)
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  return to_bfloat16(low).bits | static_cast<unsigned>(to_bfloat16(high).bits) << 16;
#endif
}

__device__ inline void store_vector(BFloat16* to, const Unit& unit) {
  *reinterpret_cast<uint2*>(to) = {narrowed(unit.x[0], unit.x[1]), narrowed(unit.x[2], unit.x[3])};
}
__device__ inline void store_one(float* to, float value) { *to = value; }
__device__ inline void store_one(BFloat16* to, float value) {
  to->bits = static_cast<std::uint16_t>(narrowed(value, 0));
}

template <typename Gradient>
__device__ void store_unit(Gradient* row, std::int64_t at, std::int64_t vocab, bool vectors,
                           const Unit& unit) {
  if (vectors && at + kUnit <= vocab) return store_vector(row + at, unit);
  for (int i = 0; i < kUnit; ++i)
    if (at + i < vocab) store_one(row + at + i, unit.x[i]);
}

// The gradient by a logit: p (constant + slope log2 p) + onehot d_logp / temperature.
struct RowGradient {
  float max, factor, log2_sum;
  float constant, slope;

  __device__ float at(float logit) const {
    const float log2_p = fmaf(logit - max, factor, -log2_sum);
    return quick_exp2(log2_p) * fmaf(slope, fmaxf(log2_p, kLowestExponent2), constant);
  }
};

template <typename Logit, typename Gradient>
__device__ RowGradient row_gradient(const LogitRows<Logit>& in, const SoftmaxGradient<Gradient>& out,
                                    const Targets& targets) {
  float d_logp = 0, d_entropy = 0;
  for (std::int64_t k = targets.begin; k < targets.end; ++k) {
    if (out.d_logp) d_logp += out.d_logp[k];
    if (out.d_entropy) d_entropy += out.d_entropy[k];
  }
  const RowSoftmax softmax = out.softmax[blockIdx.x];
  const float scale = -in.inverse_temperature;
  return {softmax.max, factor_of(in.inverse_temperature), static_cast<float>(softmax.log_normaliser / kLn2),
          scale * (d_logp + d_entropy * static_cast<float>(softmax.entropy)),
          scale * d_entropy * static_cast<float>(kLn2)};
}

// Adds d_logp / temperature of the targets that are tokens of the unit at `at`.
__device__ void add_one_hot(Unit& unit, std::int64_t at, const std::int64_t* token, const float* d_logp,
                            const Targets& targets, float inverse_temperature) {
  float sum[kUnit] = {};
  for (std::int64_t k = targets.begin; k < targets.end; ++k)
    for (int i = 0; i < kUnit; ++i) sum[i] += token[k] == at + i ? d_logp[k] : 0.0F;
  for (int i = 0; i < kUnit; ++i) unit.x[i] += sum[i] * inverse_temperature;
}

template <typename Logit, typename Gradient>
__global__ void __launch_bounds__(kRowThreads, 2)
    backward(LogitRows<Logit> in, SoftmaxGradient<Gradient> out, bool in_place) {
  __shared__ unsigned marks[kMarkWords];
  const Logit* const row = in.logits + blockIdx.x * in.stride;
  Gradient* const to = out.d_logits + blockIdx.x * out.stride;
  const Targets targets = targets_of(in);
  mark_targets(marks, in.token, out.d_logp ? targets : Targets{0, 0});
  const RowGradient gradient = row_gradient(in, out, targets);
  const bool load_vectors = takes_vectors(row), store_vectors = takes_vectors(to);
  for (std::int64_t begin = 0; begin < in.vocab; begin += kRowStep) {
    Unit units[kUnits];
    load_step(row, begin, in.vocab, load_vectors, units);
    // Narrower numbers are written over logits of this step and of steps before, which all have read by now.
    if (in_place && sizeof(Gradient) < sizeof(Logit)) __syncthreads();
    for (int u = 0; u < kUnits; ++u) {
      const std::int64_t at = unit_begin(begin, u);
      for (float& x : units[u].x) x = gradient.at(x);
      if (is_marked(marks, at))
        add_one_hot(units[u], at, in.token, out.d_logp, targets, in.inverse_temperature);
      store_unit(to, at, in.vocab, store_vectors, units[u]);
    }
  }
}

}  // namespace

template <typename Logit>
void softmax_forward(const LogitRows<Logit>& in, const SoftmaxResult& out, Stream stream) {
  launch("softmax_forward", stream, {.grid = blocks_of(in.rows, 1), .block = kRowThreads}, forward<Logit>, in,
         out);
}

template <typename Logit, typename Gradient>
void softmax_backward(const LogitRows<Logit>& in, const SoftmaxGradient<Gradient>& out, Stream stream) {
  const bool in_place = static_cast<const void*>(in.logits) == out.d_logits;
  launch("softmax_backward", stream, {.grid = blocks_of(in.rows, 1), .block = kRowThreads},
         backward<Logit, Gradient>, in, out, in_place);
}

template void softmax_forward(const LogitRows<float>&, const SoftmaxResult&, Stream);
template void softmax_forward(const LogitRows<BFloat16>&, const SoftmaxResult&, Stream);
template void softmax_backward(const LogitRows<float>&, const SoftmaxGradient<float>&, Stream);
template void softmax_backward(const LogitRows<float>&, const SoftmaxGradient<BFloat16>&, Stream);
template void softmax_backward(const LogitRows<BFloat16>&, const SoftmaxGradient<BFloat16>&, Stream);

}  // namespace TEMPO_BACKEND
}  // namespace tempo::kernels
