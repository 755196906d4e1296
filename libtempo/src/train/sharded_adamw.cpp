#include "tempo/train/sharded_adamw.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <optional>
#include <utility>

#include "gradient_buckets.h"
#include "tempo/core/error.h"

namespace tempo::train {
namespace {

std::vector<std::int64_t> sizes_of(const std::vector<at::Tensor>& parameters) {
  std::vector<std::int64_t> sizes;
  for (const at::Tensor& parameter : parameters) sizes.push_back(parameter.numel());
  return sizes;
}

// Flat, sharing the parameter's memory.
at::Tensor range_of(const at::Tensor& parameter, const OwnedRange& range) {
  return parameter.detach().view(-1).narrow(0, range.begin, range.end - range.begin);
}

}  // namespace

struct ShardedAdamW::Impl {
  Impl(const model::Model& model, const optim::AdamWOptions& options, dist::Group* others)
      : group(others ? *others : alone), parameters(model::parameter_tensors(model)) {
    if (group.size() == 1) {
      for (std::size_t i = 0; i < parameters.size(); ++i) ranges.push_back({i, 0, parameters[i].numel()});
    } else {
      buckets = optim::make_buckets(sizes_of(parameters), group.size(), kBucketNumbers);
      for (const optim::Bucket& bucket : buckets) {
        for (const optim::Piece& piece : optim::owned_pieces(bucket, group.rank(), group.size()))
          ranges.push_back({piece.parameter, piece.begin, piece.end});
      }
      gradients.emplace(parameters, buckets, group);
    }
    adamw.emplace(weights(), options);
  }

  std::vector<at::Tensor> weights() const {
    if (buckets.empty()) return parameters;
    std::vector<at::Tensor> owned;
    for (const OwnedRange& range : ranges) owned.push_back(range_of(parameters[range.parameter], range));
    return owned;
  }

  // Calls use(bucket, gathered) with every rank's parts of a bucket, [bucket.size]; one bucket is under way
  // meanwhile. values: of this rank's ranges, in their order.
  void gather(const std::vector<at::Tensor>& values, at::ScalarType dtype,
              const std::function<void(const optim::Bucket&, const at::Tensor&)>& use) {
    struct Gathering {
      const optim::Bucket* bucket;
      at::Tensor in, out;
      dist::Pending pending;
    };
    std::optional<Gathering> before;
    const auto finish = [&] {
      if (!before) return;
      before->pending.wait();
      use(*before->bucket, before->out);
      before.reset();
    };
    std::size_t next = 0;
    for (const optim::Bucket& bucket : buckets) {
      const auto options = parameters.front().options().dtype(dtype).requires_grad(false);
      const at::Tensor in = at::zeros({bucket.size / group.size()}, options),
                       out = at::empty({bucket.size}, options);
      for (const optim::Piece& piece : optim::owned_pieces(bucket, group.rank(), group.size()))
        in.narrow(0, piece.offset, piece.numbers()).copy_(values[next++].view(-1));
      Gathering now{&bucket, in, out, group.all_gather(out, in, "weights")};
      finish();
      before.emplace(std::move(now));
    }
    finish();
  }

  dist::Group alone;
  dist::Group& group;
  std::vector<at::Tensor> parameters;
  std::vector<optim::Bucket> buckets;  // none when alone
  std::vector<OwnedRange> ranges;
  std::optional<GradientBuckets> gradients;  // none when alone
  std::optional<optim::AdamW> adamw;
  std::int64_t passes = 0;
};

ShardedAdamW::ShardedAdamW(const model::Model& model, const optim::AdamWOptions& options, dist::Group* group)
    : impl_(std::make_unique<Impl>(model, options, group)) {}
ShardedAdamW::~ShardedAdamW() = default;

dist::Group& ShardedAdamW::group() const { return impl_->group; }
const std::vector<OwnedRange>& ShardedAdamW::ranges() const { return impl_->ranges; }
const optim::AdamWState& ShardedAdamW::state() const { return impl_->adamw->state(); }
std::vector<at::Tensor> ShardedAdamW::weights() const { return impl_->weights(); }
void ShardedAdamW::restore(const optim::AdamWState& state) { impl_->adamw->restore(state); }

void ShardedAdamW::begin_update(std::int64_t passes) {
  impl_->passes = passes;
  if (impl_->gradients) {
    impl_->gradients->begin();
  } else {
    impl_->adamw->zero_grad();
  }
}

void ShardedAdamW::add(const std::function<void()>& backward) {
  if (impl_->gradients) return impl_->gradients->add(backward);
  if (backward) backward();
  if (impl_->passes == 1) return;
  for (at::Tensor& parameter : impl_->parameters) {  // sums in bfloat16 would lose what is added
    at::Tensor& gradient = parameter.mutable_grad();
    if (gradient.defined()) gradient = gradient.to(at::kFloat);
  }
}

double ShardedAdamW::norm() {
  if (!impl_->gradients) return optim::gradient_norm(impl_->parameters);
  return std::sqrt(impl_->group.sum(optim::squared_norm(impl_->gradients->sums()), "gradient norm"));
}

void ShardedAdamW::step(double learning_rate, double gradient_scale) {
  Impl& impl = *impl_;
  if (!impl.gradients) {
    impl.adamw->step(learning_rate, gradient_scale);
    return impl.adamw->zero_grad();
  }
  const at::NoGradGuard no_grad;
  const auto sums = impl.gradients->sums();
  impl.adamw->step(sums, learning_rate, gradient_scale);
  impl.gather(
      impl.weights(), impl.parameters.front().scalar_type(),
      [&](const optim::Bucket& bucket, const at::Tensor& gathered) {
        for (const optim::Piece& piece : bucket.pieces)
          impl.parameters[piece.parameter].view(-1).copy_(gathered.narrow(0, piece.offset, piece.numbers()));
      });
}

std::vector<at::Tensor> ShardedAdamW::master_weights() {
  Impl& impl = *impl_;
  auto own = impl.adamw->master_weights();
  if (!impl.gradients) return own;
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> whole;
  const bool keeps = impl.group.rank() == 0;
  if (keeps) {
    for (const at::Tensor& parameter : impl.parameters)
      whole.push_back(at::empty(parameter.sizes(), at::TensorOptions(at::kFloat)));
  }
  impl.gather(own, at::kFloat, [&](const optim::Bucket& bucket, const at::Tensor& gathered) {
    if (!keeps) return;
    for (const optim::Piece& piece : bucket.pieces)
      whole[piece.parameter].view(-1).copy_(gathered.narrow(0, piece.offset, piece.numbers()));
  });
  return whole;
}

std::int64_t ShardedAdamW::bytes_per_update(std::int64_t passes) const {
  const std::int64_t size = impl_->group.size();
  std::int64_t numbers = 0;
  for (const optim::Bucket& bucket : impl_->buckets) numbers += bucket.size;
  const auto element = static_cast<std::int64_t>(impl_->parameters.front().element_size());
  return numbers / size * (size - 1) * (passes * std::int64_t{sizeof(float)} + element);
}

}  // namespace tempo::train
