#include "adamw_tensors.h"

#include <ATen/Parallel.h>

#include <type_traits>

namespace tempo::optim {
namespace {

// Calls update(begin, end) on parts of the tensor's elements, on all threads.
template <typename Update>
void deal_elements(const at::Tensor& tensor, const Update& update) {
  at::parallel_for(0, tensor.numel(), kChunk, update);
}

template <typename Parameter, typename Gradient>
void update_flat(const AdamWConstants& constants, const Gradient* g, const AdamWTensors& tensors) {
  auto* const w = tensors.parameter.mutable_data_ptr<Parameter>();
  float* const m = tensors.moment1.mutable_data_ptr<float>();
  float* const v = tensors.moment2.mutable_data_ptr<float>();
  deal_elements(tensors.parameter, [&](std::int64_t begin, std::int64_t end) {
    if constexpr (std::is_same_v<Parameter, float>) {
      adamw_update(constants, end - begin, g + begin, w + begin, m + begin, v + begin);
    } else {
      using Master = std::conditional_t<std::is_same_v<Parameter, c10::BFloat16>, std::int16_t, float>;
      auto* const master = tensors.master.mutable_data_ptr<Master>();
      adamw_update(constants, end - begin, g + begin, w + begin, master + begin, m + begin, v + begin);
    }
  });
}

void update_on_cpu(const AdamWConstants& constants, const at::Tensor& gradient, const AdamWTensors& tensors) {
  with_element_type(tensors.parameter.scalar_type(), [&]<typename Parameter>(Parameter) {
    if (gradient.scalar_type() == at::kFloat) {
      update_flat<Parameter>(constants, gradient.const_data_ptr<float>(), tensors);
    } else {
      update_flat<Parameter>(constants, gradient.const_data_ptr<Parameter>(), tensors);
    }
  });
}

// The remainders and the rounded weights of float32 weights: bits_of() on tensors.
void write_master(const at::Tensor& weight, const AdamWTensors& tensors) {
  if (tensors.master.scalar_type() != at::kShort) {
    if (!tensors.parameter.is_same(tensors.master)) tensors.master.copy_(weight);
    tensors.parameter.copy_(weight);
    return;
  }
  at::Tensor bits = weight.view(at::kInt);
  bits = bits - at::bitwise_and(bits, 0x1ffff).eq(0x8000).to(at::kInt);
  tensors.parameter.copy_(bits.view(at::kFloat));
  const at::Tensor rounded = tensors.parameter.view(at::kShort).to(at::kInt).bitwise_left_shift(16);
  tensors.master.copy_(bits - rounded);
}

void update_anywhere(const AdamWConstants& constants, const at::Tensor& gradient,
                     const AdamWTensors& tensors) {
  const at::Tensor g = gradient.to(at::kFloat).mul(constants.gradient_scale);
  tensors.moment1.lerp_(g, constants.one_minus_beta1);
  tensors.moment2.mul_(constants.beta2).addcmul_(g, g, constants.one_minus_beta2);
  const at::Tensor denominator =
      tensors.moment2.sqrt().div_(constants.sqrt_correction2).add_(constants.epsilon);
  const at::Tensor weight = read_master(tensors.parameter.detach(), tensors.master)
                                .mul(constants.decay)
                                .addcdiv_(tensors.moment1, denominator, -constants.step_size);
  write_master(weight, tensors);
}

}  // namespace

at::Tensor make_master(const at::Tensor& parameter) {
  switch (parameter.scalar_type()) {
    case at::kFloat:
      return parameter;
    case at::kBFloat16:
      return at::zeros(parameter.sizes(), parameter.options().dtype(at::kShort).requires_grad(false));
    default:
      return parameter.detach().to(at::kFloat);
  }
}

at::Tensor read_master(const at::Tensor& parameter, const at::Tensor& master) {
  if (master.scalar_type() != at::kShort) return master;
  const at::Tensor rounded = parameter.detach().view(at::kShort).to(at::kInt).bitwise_left_shift(16);
  return rounded.add_(master).view(at::kFloat);
}

void update_tensors(const AdamWConstants& constants, const at::Tensor& gradient,
                    const AdamWTensors& tensors) {
  const bool flat = is_flat_on_cpu(gradient) && is_flat_on_cpu(tensors.parameter);
  const auto update = flat ? update_on_cpu : update_anywhere;
  update(constants, gradient, tensors);
}

}  // namespace tempo::optim
