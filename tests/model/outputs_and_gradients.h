// A differentiable function at some inputs: what it returns and its gradients.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include "model/model_fixtures.h"

namespace tempo::testing {

using Tensors = std::vector<at::Tensor>;
using Function = std::function<Tensors(const Tensors&)>;

// Returns the outputs of f and the gradients of the weighted sum of `used` of them (empty: all) in all
// inputs, for inputs of a dtype.
inline Tensors outputs_and_gradients(const Function& f, const Tensors& inputs, at::ScalarType dtype,
                                     const std::vector<std::size_t>& used = {}) {
  Tensors leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.to(dtype, false, true).requires_grad_(true));
  Tensors results = f(leaves);
  at::Tensor loss = at::zeros({}, at::kDouble);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!used.empty() && std::find(used.begin(), used.end(), i) == used.end()) continue;
    loss = loss + (results[i].to(at::kDouble) * random_tensor(results[i].sizes(), 100 + i)).sum();
  }
  const Tensors grads = torch::autograd::grad({loss}, leaves, {}, {}, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < grads.size(); ++i)
    results.push_back(grads[i].defined() ? grads[i] : at::zeros_like(leaves[i]));
  for (at::Tensor& result : results) result = result.detach();
  return results;
}

}  // namespace tempo::testing
