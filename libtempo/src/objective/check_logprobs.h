// What token_logprobs and policy_loss require of their inputs.
#pragma once

#include "tempo/objective/logprobs.h"

namespace tempo::objective {

// Throws tempo::Error: shapes or dtypes that do not fit, options out of range.
void check_logprobs(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const at::Tensor& row_N,
                    const at::Tensor& target_N, const LogprobOptions& options);

}  // namespace tempo::objective
