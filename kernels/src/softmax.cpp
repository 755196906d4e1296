#include "tempo/kernels/softmax.h"

#include <cstddef>
#include <vector>

namespace tempo::kernels::cpu {
namespace {

// A row of float32: the logits themselves, or widened into a row that the caller keeps.
const float* widened(const float* row, std::int64_t, std::vector<float>&) { return row; }
const float* widened(const BFloat16* row, std::int64_t vocab, std::vector<float>& wide) {
  wide.resize(static_cast<std::size_t>(vocab));
  for (std::int64_t v = 0; v < vocab; ++v) wide[static_cast<std::size_t>(v)] = to_float(row[v]);
  return wide.data();
}

}  // namespace

template <typename Logit>
void softmax_forward(const LogitRows<Logit>& in, const SoftmaxResult& out, std::int64_t begin,
                     std::int64_t end) {
  std::vector<float> wide;
  for (std::int64_t c = begin; c < end; ++c) {
    const float* const row = widened(in.logits + c * in.stride, in.vocab, wide);
    const RowSoftmax softmax = row_softmax(row, in.vocab, in.inverse_temperature);
    out.softmax[c] = softmax;
    for (std::int64_t k = in.first[c] - in.first[0]; k < in.first[c + 1] - in.first[0]; ++k) {
      out.logp[k] = row_logp(row[in.token[k]], softmax, in.inverse_temperature);
      out.entropy[k] = static_cast<float>(softmax.entropy);
    }
  }
}

template <typename Logit, typename Gradient>
void softmax_backward(const LogitRows<Logit>& in, const SoftmaxGradient<Gradient>& out, std::int64_t begin,
                      std::int64_t end) {
  std::vector<float> wide;
  std::vector<RowTarget> targets;
  for (std::int64_t c = begin; c < end; ++c) {
    targets.clear();
    float d_entropy = 0;
    for (std::int64_t k = in.first[c] - in.first[0]; k < in.first[c + 1] - in.first[0]; ++k) {
      targets.push_back({in.token[k], out.d_logp ? out.d_logp[k] : 0.0F});
      if (out.d_entropy) d_entropy += out.d_entropy[k];
    }
    row_softmax_backward(widened(in.logits + c * in.stride, in.vocab, wide), in.vocab, in.inverse_temperature,
                         out.softmax[c], targets, d_entropy, out.d_logits + c * out.stride);
  }
}

template void softmax_forward(const LogitRows<float>&, const SoftmaxResult&, std::int64_t, std::int64_t);
template void softmax_forward(const LogitRows<BFloat16>&, const SoftmaxResult&, std::int64_t, std::int64_t);
template void softmax_backward(const LogitRows<float>&, const SoftmaxGradient<float>&, std::int64_t,
                               std::int64_t);
template void softmax_backward(const LogitRows<float>&, const SoftmaxGradient<BFloat16>&, std::int64_t,
                               std::int64_t);
template void softmax_backward(const LogitRows<BFloat16>&, const SoftmaxGradient<BFloat16>&, std::int64_t,
                               std::int64_t);

}  // namespace tempo::kernels::cpu
