// The processes that work on one run together: who one of them is, and what they exchange. A group of one
// does nothing, so that code for many is the code for one.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::dist {

struct GroupOptions {
  int rank = 0;
  int size = 1;
  std::string address = "127.0.0.1";  // of the machine where rank 0 runs
  int port = 29500;                   // there; rank 0 listens on it
  bool store_is_there = false;        // a launcher listens there instead, whenever it starts the ranks anew
  at::Device device = at::kCPU;       // of the tensors: on a CPU by Gloo, on CUDA by NCCL
  double timeout_s = 600;             // silence of a rank, or delay of a collective, that ends all
  double start_timeout_s = 600;       // in which all ranks come
  // Called once, from a thread of the group's, when another rank fails while this one is not in a collective.
  // The line is that of the error a collective would throw. Empty: the next collective throws.
  std::function<void(const std::string& line)> on_failure{};

  // Throws tempo::Error naming the field.
  void validate() const;
};

// A collective under way. Destroyed without wait(), it goes on.
class Pending {
 public:
  struct State;
  explicit Pending(std::unique_ptr<State> state = nullptr);
  Pending(Pending&&) noexcept;
  Pending& operator=(Pending&&) noexcept;
  ~Pending();

  // Returns when this rank's part is done; on CUDA, when the current stream will wait for it. Throws as the
  // collectives do.
  void wait();

 private:
  std::unique_ptr<State> state_;
};

// Every rank makes the same calls in the same order, with tensors of the same sizes and dtypes; tensors are
// contiguous. `what` says what is exchanged, for errors. Each throws tempo::Error, one line that names the
// rank at fault and the collective, when a rank has died, failed, or not come within timeout_s ("rank 2:
// ..."), or a launcher's store has gone ("launcher: ..."); no call on the group succeeds after that. Not
// thread-safe.
class Group {
 public:
  // Alone: rank 0 of 1.
  Group();
  // Meets the others. Throws tempo::Error when they do not all come within
  // start_timeout_s.
  explicit Group(const GroupOptions& options);
  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;
  // Leaves without a failure, unless an exception is on its way: the others may leave later. Rank 0 waits for
  // them. Waits for collectives under way.
  ~Group();

  int rank() const;
  int size() const;

  // In place, the same bits on every rank.
  void sum(const at::Tensor& tensor, std::string_view what);
  void maximum(const at::Tensor& tensor, std::string_view what);
  double sum(double value, std::string_view what);
  // From rank `root` to all.
  void broadcast(const at::Tensor& tensor, int root, std::string_view what);
  // Writes the ranks' inputs [n], one after another, to out [size * n].
  Pending all_gather(const at::Tensor& out, const at::Tensor& in, std::string_view what);
  // Writes part `rank` of the sum of the ranks' inputs [size * n] to out [n].
  Pending reduce_scatter(const at::Tensor& out, const at::Tensor& in, std::string_view what);
  // Returns the bytes of every rank, of any lengths.
  std::vector<std::string> exchange(std::string_view bytes, std::string_view what);

  // Tells the other ranks that this one ends for an error, so that theirs name it. Does not throw.
  void report_failure(std::string_view line) noexcept;

  // Bytes of tensors that this rank has sent so far, by the ring algorithms: n (size - 1) / size for each
  // gathered or scattered half of a collective over n bytes (docs/scaling.md).
  std::int64_t bytes_sent() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tempo::dist
