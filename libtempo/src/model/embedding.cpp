#include "embedding.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace tempo::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class Embedding : public torch::autograd::Function<Embedding> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& weight_VD,
                            const at::Tensor& token_T) {
    context->save_for_backward({token_T});
    context->saved_data["vocab"] = weight_VD.size(0);
    return at::embedding(weight_VD, token_T);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor token_T = context->get_saved_variables()[0];
    const at::Tensor& grad_TD = gradients[0];
    const std::int64_t vocab = context->saved_data["vocab"].toInt();
    const auto [distinct_U, inverse_T, counts] = at::_unique2(token_T, /*sorted=*/true, true, false);
    const at::Tensor sum_UD =
        at::zeros({distinct_U.size(0), grad_TD.size(1)}, grad_TD.options().dtype(at::kFloat))
            .index_add_(0, inverse_T, grad_TD.to(at::kFloat));
    const at::Tensor grad_VD = at::zeros({vocab, grad_TD.size(1)}, grad_TD.options());
    return {grad_VD.index_copy_(0, distinct_U, sum_UD.to(grad_TD.scalar_type())), at::Tensor()};
  }
};

}  // namespace

at::Tensor token_embedding(const at::Tensor& weight_VD, const at::Tensor& token_T) {
  const bool own = at::GradMode::is_enabled() && weight_VD.is_cpu() && weight_VD.scalar_type() != at::kDouble;
  return own ? Embedding::apply(weight_VD, token_T) : at::embedding(weight_VD, token_T);
}

}  // namespace tempo::model
