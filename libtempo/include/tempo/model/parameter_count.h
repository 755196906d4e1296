// How many numbers a model holds, from its shape alone.
#pragma once

#include <cstdint>

#include "tempo/model/config.h"

namespace tempo::model {

struct ParameterCount {
  std::int64_t all = 0;
  std::int64_t multiplied = 0;  // in the matrices of products: all but norms, biases and an untied embedding
};

ParameterCount parameter_count(const ModelConfig& config);

}  // namespace tempo::model
