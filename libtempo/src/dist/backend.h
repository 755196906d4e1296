// What a group is made of: the store through which ranks meet, and the backend that moves tensors.
#pragma once

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "tempo/dist/group.h"

namespace tempo::dist {

using StorePtr = c10::intrusive_ptr<c10d::Store>;
using BackendPtr = c10::intrusive_ptr<c10d::Backend>;

inline std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}
inline std::chrono::milliseconds timeout_of(const GroupOptions& options) {
  return milliseconds_of(options.timeout_s);
}

// The store through which the ranks of one start speak, and what its keys begin with.
struct Meeting {
  StorePtr store;
  std::string prefix{};
};

// Returns rank 0's store, or a part of the launcher's, once all ranks have come.
Meeting meet(const GroupOptions& options);

// The part of a launcher's store that is for this start. Throws what the store does when a rank does not
// come.
Meeting meet_at(const StorePtr& store, const GroupOptions& options);

// Returns one more connection to the same.
StorePtr connect_again(const GroupOptions& options, const std::string& prefix);
StorePtr with_prefix(StorePtr store, const std::string& prefix);

// Returns this machine's address on the way to rank 0's.
std::string own_address(const GroupOptions& options);

BackendPtr make_gloo(const GroupOptions& options, const StorePtr& store);
BackendPtr make_nccl(const GroupOptions& options, const StorePtr& store);

}  // namespace tempo::dist
