// Rotary position embedding: the frequencies of a model and the angles of one call's positions.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "tempo/model/config.h"

namespace tempo::model {

// Returns the angle a position, in radians, of each pair of dimensions, [head_dim / 2], scaled as in Llama 3
// where the model has it.
std::vector<float> inverse_frequencies(const ModelConfig& config);

// Cosine and sine of each token's angles, [T, E / 2], float32 on the device. The two halves of a head are
// turned by the same angles.
struct RotaryTables {
  at::Tensor cos_TF;
  at::Tensor sin_TF;
};

RotaryTables rotary_tables(const ModelConfig& config, std::span<const std::int32_t> positions,
                           at::Device device);

}  // namespace tempo::model
