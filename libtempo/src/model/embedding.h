// The input embedding, with a gradient that is summed in float32.
#pragma once

#include <ATen/ATen.h>

namespace tempo::model {

// Returns the rows of weight_VD of the tokens [T], int64. The gradient of a row is the sum over its tokens in
// float32, rounded once: in bfloat16, as ATen sums it on a CPU, a token that stands there some hundred times
// stops counting. On other devices the gradient is ATen's.
at::Tensor token_embedding(const at::Tensor& weight_VD, const at::Tensor& token_T);

}  // namespace tempo::model
