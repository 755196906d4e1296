#include "tempo/optim/adamw.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "adamw_tensors.h"
#include "tempo/core/error.h"

namespace tempo::optim {
namespace {

AdamWConstants constants_of(const AdamWOptions& options, double learning_rate, double gradient_scale,
                            std::int64_t update) {
  const auto t = static_cast<double>(update);
  const auto f = [](double x) { return static_cast<float>(x); };
  return {.decay = f(1 - learning_rate * options.weight_decay),
          .step_size = f(learning_rate / (1 - std::pow(options.beta1, t))),
          .beta2 = f(options.beta2),
          .one_minus_beta1 = f(1 - options.beta1),
          .one_minus_beta2 = f(1 - options.beta2),
          .sqrt_correction2 = f(std::sqrt(1 - std::pow(options.beta2, t))),
          .epsilon = f(options.epsilon),
          .gradient_scale = f(gradient_scale)};
}

double squares_on_cpu(const at::Tensor& gradient) {
  const std::int64_t n = gradient.numel();
  std::vector<double> partial(static_cast<std::size_t>((n + kChunk - 1) / kChunk));
  with_element_type(gradient.scalar_type(), [&]<typename T>(T) {
    const T* values = gradient.const_data_ptr<T>();
    const auto chunks = static_cast<std::int64_t>(partial.size());
    at::parallel_for(0, chunks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t c = begin; c < end; ++c) {
        const std::int64_t size = std::min(kChunk, n - c * kChunk);
        partial[static_cast<std::size_t>(c)] = sum_of_squares(size, values + c * kChunk);
      }
    });
  });
  double sum = 0;
  for (const double part : partial) sum += part;
  return sum;
}

}  // namespace

void AdamWOptions::validate() const {
  TEMPO_CHECK(std::isfinite(learning_rate) && learning_rate >= 0,
              "learning_rate: expected a finite number, 0 or more, got ", learning_rate);
  TEMPO_CHECK(beta1 >= 0 && beta1 < 1, "beta1: expected a number of [0, 1), got ", beta1);
  TEMPO_CHECK(beta2 >= 0 && beta2 < 1, "beta2: expected a number of [0, 1), got ", beta2);
  TEMPO_CHECK(std::isfinite(epsilon) && epsilon > 0, "epsilon: expected a finite number above 0, got ",
              epsilon);
  TEMPO_CHECK(std::isfinite(weight_decay) && weight_decay >= 0,
              "weight_decay: expected a finite number, 0 or more, got ", weight_decay);
}

AdamW::AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options)
    : options_(options), parameters_(std::move(parameters)) {
  state_.updates.resize(parameters_.size());
  options.validate();
  at::NoGradGuard no_grad;
  for (const at::Tensor& parameter : parameters_) {
    const at::ScalarType dtype = parameter.scalar_type();
    TEMPO_CHECK(dtype == at::kFloat || dtype == at::kBFloat16 || dtype == at::kHalf,
                "AdamW: expected parameters of float32, bfloat16 or float16, got ", at::toString(dtype));
    TEMPO_CHECK(parameter.is_contiguous(), "AdamW: expected contiguous parameters, got shape ",
                parameter.sizes(), " with strides ", parameter.strides());
    state_.master.push_back(make_master(parameter));
    state_.moment1.push_back(at::zeros(parameter.sizes(), parameter.options().dtype(at::kFloat)));
    state_.moment2.push_back(at::zeros_like(state_.moment1.back()));
  }
}

void AdamW::step(double learning_rate, double gradient_scale) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters_) gradients.push_back(parameter.grad());
  step(gradients, learning_rate, gradient_scale);
}

void AdamW::step(std::span<const at::Tensor> gradients, double learning_rate, double gradient_scale) {
  TEMPO_CHECK(std::isfinite(learning_rate) && learning_rate >= 0,
              "AdamW::step: expected a finite learning rate, 0 or more, got ", learning_rate);
  TEMPO_CHECK(std::isfinite(gradient_scale), "AdamW::step: expected a finite gradient scale, got ",
              gradient_scale);
  TEMPO_CHECK(gradients.size() == parameters_.size(), "AdamW::step: expected ", parameters_.size(),
              " gradients, got ", gradients.size());
  at::NoGradGuard no_grad;
  ++state_.steps;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& gradient = gradients[i];
    if (!gradient.defined()) continue;
    TEMPO_CHECK(gradient.sizes() == parameters_[i].sizes(), "AdamW::step: expected a gradient of shape ",
                parameters_[i].sizes(), ", got ", gradient.sizes());
    const AdamWConstants constants =
        constants_of(options_, learning_rate, gradient_scale, ++state_.updates[i]);
    update_tensors(constants, gradient,
                   {parameters_[i], state_.master[i], state_.moment1[i], state_.moment2[i]});
    // Raw writes are invisible to autograd: without this a graph made before the update would go unnoticed.
    parameters_[i].unsafeGetTensorImpl()->bump_version();
  }
}

void AdamW::restore(const AdamWState& state) {
  const at::NoGradGuard no_grad;
  TEMPO_CHECK(state.updates.size() == parameters_.size(), "AdamW::restore: expected the state of ",
              parameters_.size(), " parameters, got that of ", state.updates.size());
  const auto check = [](const std::vector<at::Tensor>& from, const std::vector<at::Tensor>& to) {
    TEMPO_CHECK(from.size() == to.size(), "AdamW::restore: expected ", to.size(), " tensors, got ",
                from.size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      TEMPO_CHECK(from[i].sizes() == to[i].sizes() && from[i].scalar_type() == to[i].scalar_type(),
                  "AdamW::restore: expected ", at::toString(to[i].scalar_type()), " ", to[i].sizes(),
                  ", got ", at::toString(from[i].scalar_type()), " ", from[i].sizes());
    }
  };
  const auto copy = [](const std::vector<at::Tensor>& from, std::vector<at::Tensor>& to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
  };
  check(state.master, state_.master);
  check(state.moment1, state_.moment1);
  check(state.moment2, state_.moment2);
  copy(state.master, state_.master);
  copy(state.moment1, state_.moment1);
  copy(state.moment2, state_.moment2);
  state_.updates = state.updates;
  state_.steps = state.steps;
}

std::vector<at::Tensor> AdamW::master_weights() const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> weights;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    weights.push_back(read_master(parameters_[i], state_.master[i]));
  return weights;
}

void AdamW::zero_grad() {
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

double gradient_norm(std::span<const at::Tensor> parameters) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) gradients.push_back(parameter.grad());
  return std::sqrt(squared_norm(gradients));
}

double squared_norm(std::span<const at::Tensor> tensors) {
  at::NoGradGuard no_grad;
  double sum = 0;
  std::vector<at::Tensor> norms;  // of tensors elsewhere: read together, for each read waits for the device
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.defined()) continue;
    if (is_flat_on_cpu(tensor)) {
      sum += squares_on_cpu(tensor);
    } else {
      norms.push_back(at::linalg_vector_norm(tensor, 2, {}, false, at::kDouble));
    }
  }
  if (!norms.empty()) sum += at::stack(norms).square().sum().item<double>();
  return sum;
}

double clip_scale(double norm, double max_norm) {
  TEMPO_CHECK(std::isfinite(norm), "clip_scale: expected a finite norm, got ", norm);
  TEMPO_CHECK(max_norm >= 0, "clip_scale: expected max_norm 0 or more, got ", max_norm);
  if (max_norm == 0) return 1.0;
  return std::min(1.0, max_norm / (norm + 1e-6));
}

}  // namespace tempo::optim
