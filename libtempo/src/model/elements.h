// Tensors as the kernels see them: pointers to float32 or bfloat16.
#pragma once

#include <ATen/ATen.h>

#include "tempo/kernels/bfloat16.h"

namespace tempo::model {

// Both are null for an undefined tensor.
template <typename Element>
Element* data_of(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<Element*>(tensor.mutable_data_ptr()) : nullptr;
}
template <typename Element>
const Element* read_of(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<const Element*>(tensor.const_data_ptr()) : nullptr;
}

// Calls work<Element>() for the tensor's dtype.
template <typename Work>
void with_element(const at::Tensor& tensor, const Work& work) {
  if (tensor.scalar_type() == at::kFloat) {
    work.template operator()<float>();
  } else {
    work.template operator()<kernels::BFloat16>();
  }
}

}  // namespace tempo::model
