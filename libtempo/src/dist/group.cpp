#include "tempo/dist/group.h"

#include <cmath>
#include <cstring>
#include <exception>
#include <torch/csrc/distributed/c10d/Types.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>
#include <type_traits>
#include <utility>

#include "backend.h"
#include "tempo/core/error.h"
#include "watch.h"

namespace tempo::dist {
namespace {

// The exchange of a group of one.
Pending copied(const at::Tensor& out, const at::Tensor& in) {
  if (out.data_ptr() != in.data_ptr()) at::Tensor(out).copy_(in);
  return Pending();
}

void check_parts(const at::Tensor& whole, const at::Tensor& part, std::int64_t size, std::string_view what) {
  TEMPO_CHECK(whole.is_contiguous() && part.is_contiguous(), what, ": expected contiguous tensors");
  TEMPO_CHECK(whole.scalar_type() == part.scalar_type(), what, ": expected one dtype, got ",
              at::toString(whole.scalar_type()), " and ", at::toString(part.scalar_type()));
  TEMPO_CHECK(whole.numel() == size * part.numel(), what, ": expected ", size, " times ", part.numel(),
              " numbers, got ", whole.numel());
}

}  // namespace

void GroupOptions::validate() const {
  TEMPO_CHECK(size >= 1, "size: expected 1 or more, got ", size);
  TEMPO_CHECK(rank >= 0 && rank < size, "rank: expected 0 to ", size - 1, ", got ", rank);
  TEMPO_CHECK(port > 0 && port < 65536, "port: expected 1 to 65535, got ", port);
  TEMPO_CHECK(!address.empty(), "address: expected a host, got nothing");
  TEMPO_CHECK(std::isfinite(timeout_s) && timeout_s > 0, "timeout_s: expected seconds, more than 0, got ",
              timeout_s);
  TEMPO_CHECK(std::isfinite(start_timeout_s) && start_timeout_s > 0,
              "start_timeout_s: expected seconds, more than 0, got ", start_timeout_s);
}

struct Pending::State {
  std::function<void()> wait;
};

Pending::Pending(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pending::Pending(Pending&&) noexcept = default;
Pending& Pending::operator=(Pending&&) noexcept = default;
Pending::~Pending() = default;

void Pending::wait() {
  if (state_) std::exchange(state_, nullptr)->wait();
}

struct Group::Impl {
  explicit Impl(const GroupOptions& options_in)
      : options(options_in), meeting(meet(options)), watch(options, meeting.prefix) {
    watch.enter("start");
    backend = guarded("start", [&] {
      return options.device.is_cuda() ? make_nccl(options, meeting.store) : make_gloo(options, meeting.store);
    });
  }
  ~Impl() {
    const bool unwinding = std::uncaught_exceptions() > 0;
    if (failure.empty() && !reported && !unwinding) watch.leave();
    if (!failure.empty())
      backend.release();  // a backend that has failed may wait for what it began, for ever
  }

  // Calls function; its exception becomes the line that says which rank is at fault.
  template <typename Function>
  std::invoke_result_t<Function> guarded(std::string_view what, const Function& function) {
    TEMPO_CHECK(failure.empty(), failure);
    try {
      return function();
    } catch (const std::exception& error) {
      failure = watch.explain(what, error.what());
    }
    core::fail(failure);
  }

  // Begins a collective over all ranks' parts of `whole`; each rank sends what is not its own `passes` times.
  template <typename Collective>
  Pending start(std::string_view what, const at::Tensor& whole, std::int64_t passes,
                const Collective& collective) {
    watch.enter(what);
    sent += passes * static_cast<std::int64_t>(whole.nbytes()) * (options.size - 1) / options.size;
    auto work = guarded(what, collective);
    return Pending(std::make_unique<Pending::State>(Pending::State{
        [this, what = std::string(what), work] { guarded(what, [&] { return work->wait(); }); }}));
  }

  void reduce(const at::Tensor& tensor, c10d::ReduceOp::RedOpType operation, std::string_view what) {
    TEMPO_CHECK(tensor.is_contiguous(), what, ": expected contiguous tensors");
    c10d::AllreduceOptions how;
    how.reduceOp = operation;
    std::vector<at::Tensor> tensors{tensor};
    start(what, tensor, 2, [&] { return backend->allreduce(tensors, how); }).wait();
  }

  GroupOptions options;
  Meeting meeting;
  Watch watch;
  BackendPtr backend;
  std::string failure;    // the first; empty: none
  bool reported = false;  // to the others
  std::int64_t sent = 0;
};

Group::Group() = default;
Group::Group(const GroupOptions& options) {
  options.validate();
  if (options.size > 1) impl_ = std::make_unique<Impl>(options);
}
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;

int Group::rank() const { return impl_ ? impl_->options.rank : 0; }
int Group::size() const { return impl_ ? impl_->options.size : 1; }
std::int64_t Group::bytes_sent() const { return impl_ ? impl_->sent : 0; }

void Group::sum(const at::Tensor& tensor, std::string_view what) {
  if (impl_) impl_->reduce(tensor, c10d::ReduceOp::SUM, what);
}

void Group::maximum(const at::Tensor& tensor, std::string_view what) {
  if (impl_) impl_->reduce(tensor, c10d::ReduceOp::MAX, what);
}

double Group::sum(double value, std::string_view what) {
  if (!impl_) return value;
  const at::Tensor tensor = at::full({1}, value, at::TensorOptions(impl_->options.device).dtype(at::kDouble));
  sum(tensor, what);
  return tensor.item<double>();
}

void Group::broadcast(const at::Tensor& tensor, int root, std::string_view what) {
  if (!impl_) return;
  TEMPO_CHECK(tensor.is_contiguous(), what, ": expected contiguous tensors");
  c10d::BroadcastOptions how;
  how.rootRank = root;
  std::vector<at::Tensor> tensors{tensor};
  impl_->start(what, tensor, 1, [&] { return impl_->backend->broadcast(tensors, how); }).wait();
}

Pending Group::all_gather(const at::Tensor& out, const at::Tensor& in, std::string_view what) {
  check_parts(out, in, size(), what);
  if (!impl_) return copied(out, in);
  at::Tensor whole = out, part = in;
  return impl_->start(what, out, 1, [&] { return impl_->backend->all_gather_single(whole, part, {}); });
}

Pending Group::reduce_scatter(const at::Tensor& out, const at::Tensor& in, std::string_view what) {
  check_parts(in, out, size(), what);
  if (!impl_) return copied(out, in);
  at::Tensor whole = in, part = out;
  return impl_->start(what, in, 1, [&] { return impl_->backend->reduce_scatter_single(part, whole, {}); });
}

// Lengths first, then the bytes, padded to the longest.
std::vector<std::string> Group::exchange(std::string_view bytes, std::string_view what) {
  if (!impl_) return {std::string(bytes)};
  const auto on_device = at::TensorOptions(impl_->options.device);
  const at::Tensor own = at::full({1}, static_cast<std::int64_t>(bytes.size()), on_device.dtype(at::kLong));
  const at::Tensor lengths = at::empty({size()}, own.options());
  all_gather(lengths, own, what).wait();
  const at::Tensor lengths_on_cpu = lengths.cpu();
  const auto longest = std::max<std::int64_t>(1, lengths_on_cpu.max().item<std::int64_t>());
  const at::Tensor part = at::zeros({longest}, at::kByte);
  if (!bytes.empty()) std::memcpy(part.mutable_data_ptr(), bytes.data(), bytes.size());
  const at::Tensor whole = at::empty({size() * longest}, on_device.dtype(at::kByte));
  all_gather(whole, part.to(impl_->options.device), what).wait();
  const at::Tensor whole_on_cpu = whole.cpu();
  const auto* const data = reinterpret_cast<const char*>(whole_on_cpu.const_data_ptr<std::uint8_t>());
  std::vector<std::string> out;
  for (int rank = 0; rank < size(); ++rank) {
    const auto length = static_cast<std::size_t>(lengths_on_cpu[rank].item<std::int64_t>());
    out.emplace_back(data + rank * longest, length);
  }
  return out;
}

void Group::report_failure(std::string_view line) noexcept {
  if (!impl_ || !impl_->failure.empty()) return;
  impl_->reported = true;
  impl_->watch.report(line);
}

}  // namespace tempo::dist
