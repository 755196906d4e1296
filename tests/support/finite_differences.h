// Compares gradients with central differences in double.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace tempo::testing {

// Returns the largest |gradient - central difference| over all elements of all inputs, float64.
// With steps of 1e-5 on values near 1 the differences are good to about 1e-10.
inline double gradient_error(const std::function<at::Tensor(const std::vector<at::Tensor>&)>& value,
                             std::vector<at::Tensor> inputs) {
  constexpr double kStep = 1e-5;
  for (at::Tensor& x : inputs) x = x.detach().clone().requires_grad_();
  value(inputs).backward();
  at::NoGradGuard no_grad;
  double worst = 0;
  for (const at::Tensor& x : inputs) {
    const at::Tensor flat = x.detach().view(-1), gradient = x.grad().view(-1);
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
      const double center = flat[i].item<double>();
      flat[i].fill_(center + kStep);
      const double above = value(inputs).item<double>();
      flat[i].fill_(center - kStep);
      const double below = value(inputs).item<double>();
      flat[i].fill_(center);
      worst = std::max(worst, std::abs(gradient[i].item<double>() - (above - below) / (2 * kStep)));
    }
  }
  return worst;
}

}  // namespace tempo::testing
