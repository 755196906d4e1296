#include "gradient_buckets.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <utility>

#include "tempo/core/error.h"

namespace tempo::train {

// Called by autograd when a parameter's gradient of a backward pass is whole.
struct GradientBuckets::Hook : torch::autograd::PostAccumulateGradHook {
  Hook(GradientBuckets& buckets, std::size_t index) : owner(buckets), parameter(index) {}
  void operator()(const torch::autograd::Variable&) override { owner.take_gradient(parameter); }

  GradientBuckets& owner;
  std::size_t parameter;
};

GradientBuckets::GradientBuckets(const std::vector<at::Tensor>& parameters,
                                 const std::vector<optim::Bucket>& buckets, dist::Group& group)
    : parameters_(parameters),
      buckets_(buckets),
      group_(group),
      places_(parameters.size()),
      sums_(buckets.size()),
      buffers_(buckets.size()),
      missing_(buckets.size()) {
  for (std::size_t b = 0; b < buckets_.size(); ++b)
    for (const optim::Piece& piece : buckets_[b].pieces) places_[piece.parameter] = {b, &piece};
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    torch::autograd::impl::set_post_acc_grad_hooks(parameters_[i], std::make_unique<Hook>(*this, i));
}

GradientBuckets::~GradientBuckets() {
  for (const at::Tensor& parameter : parameters_)
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
}

void GradientBuckets::begin() {
  for (at::Tensor& sum : sums_) sum.reset();
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

void GradientBuckets::add(const std::function<void()>& backward) {
  next_ = 0;
  for (std::size_t b = 0; b < buckets_.size(); ++b) missing_[b] = buckets_[b].pieces.size();
  for (Place& place : places_) place.filled = false;
  if (backward) backward();
  const at::NoGradGuard no_grad;
  while (next_ < buckets_.size()) reduce_next();
  while (!under_way_.empty()) finish_oldest();
}

void GradientBuckets::take_gradient(std::size_t parameter) {
  const at::NoGradGuard no_grad;
  Place& place = places_[parameter];
  at::Tensor& gradient = parameters_[parameter].mutable_grad();
  TEMPO_CHECK(!place.filled, "gradients: expected one of a parameter in a backward pass, got a second");
  place.filled = true;
  buffer_of(place.bucket).narrow(0, place.piece->offset, place.piece->numbers()).copy_(gradient.reshape(-1));
  gradient.reset();
  --missing_[place.bucket];
  while (next_ < buckets_.size() && missing_[next_] == 0) reduce_next();
}

at::Tensor& GradientBuckets::buffer_of(std::size_t bucket) {
  at::Tensor& buffer = buffers_[bucket];
  if (buffer.defined()) return buffer;
  buffer = at::empty({buckets_[bucket].size},
                     parameters_.front().options().dtype(at::kFloat).requires_grad(false));
  const optim::Piece& last = buckets_[bucket].pieces.back();
  const std::int64_t filled = last.offset + last.numbers();
  buffer.narrow(0, filled, buckets_[bucket].size - filled).zero_();
  return buffer;
}

// What has not come is zero.
void GradientBuckets::reduce_next() {
  const std::size_t b = next_++;
  at::Tensor& buffer = buffer_of(b);
  for (const optim::Piece& piece : buckets_[b].pieces)
    if (!places_[piece.parameter].filled) buffer.narrow(0, piece.offset, piece.numbers()).zero_();
  at::Tensor in = std::exchange(buffer, {});
  at::Tensor out = at::empty({buckets_[b].size / group_.size()}, in.options());
  auto pending = group_.reduce_scatter(out, in, "gradients");
  under_way_.push_back({b, std::move(in), std::move(out), std::move(pending)});
  while (under_way_.size() > kMostUnderWay) finish_oldest();
}

void GradientBuckets::finish_oldest() {
  Reduction& oldest = under_way_.front();
  oldest.pending.wait();
  at::Tensor& sum = sums_[oldest.bucket];
  sum = sum.defined() ? sum.add_(oldest.out) : oldest.out;
  under_way_.pop_front();
}

std::vector<at::Tensor> GradientBuckets::sums() const {
  std::vector<at::Tensor> sums;
  for (std::size_t b = 0; b < buckets_.size(); ++b)
    for (const optim::Piece& piece : optim::owned_pieces(buckets_[b], group_.rank(), group_.size()))
      sums.push_back(sums_[b].narrow(0, piece.offset, piece.numbers()));
  return sums;
}

}  // namespace tempo::train
