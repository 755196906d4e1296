#include "rotary.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace tempo::model {
namespace {

float scaled_frequency(float frequency, const Llama3Scaling& scaling) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  const double turns = scaling.original_max_positions / wavelength;  // over the original context
  if (turns > scaling.high_freq_factor) return frequency;
  if (turns < scaling.low_freq_factor) return static_cast<float>(frequency / scaling.factor);
  const double kept =
      (turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor);
  return static_cast<float>((1 - kept) * frequency / scaling.factor + kept * frequency);
}

}  // namespace

std::vector<float> inverse_frequencies(const ModelConfig& config) {
  // float32 throughout, as models were trained: at a long position the rounding of the frequency shows.
  const at::Tensor exponents =
      at::arange(0, config.head_dim, 2, at::kFloat) / static_cast<double>(config.head_dim);
  const at::Tensor values = at::pow(config.rope_theta, exponents).reciprocal().contiguous();
  std::vector<float> frequencies(values.const_data_ptr<float>(),
                                 values.const_data_ptr<float>() + values.numel());
  if (config.rope_scaling) {
    for (float& frequency : frequencies) frequency = scaled_frequency(frequency, *config.rope_scaling);
  }
  return frequencies;
}

RotaryTables rotary_tables(const ModelConfig& config, std::span<const std::int32_t> positions,
                           at::Device device) {
  const std::vector<float> frequencies = inverse_frequencies(config);
  const at::Tensor frequency_F = at::tensor(frequencies, at::kFloat);
  const at::Tensor position_T = at::tensor(at::ArrayRef<std::int32_t>(positions.data(), positions.size()));
  const at::Tensor angle_TF = position_T.to(device, at::kFloat).unsqueeze(1) * frequency_F.to(device);
  return {.cos_TF = angle_TF.cos(), .sin_TF = angle_TF.sin()};
}

}  // namespace tempo::model
