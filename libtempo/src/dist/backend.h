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

// Returns rank 0's store, once all ranks have come.
StorePtr meet(const GroupOptions& options);

// Returns one more connection to it.
StorePtr connect_again(const GroupOptions& options);

// Returns this machine's address on the way to rank 0's.
std::string own_address(const GroupOptions& options);

BackendPtr make_gloo(const GroupOptions& options, const StorePtr& store);
BackendPtr make_nccl(const GroupOptions& options, const StorePtr& store);

}  // namespace tempo::dist
