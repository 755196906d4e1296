// What the functions of the C interface share: results, messages, checks, workspace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include "tempo/core/error.h"
#include "tempo/kernels/forest.h"
#include "tempo_kernels.h"

namespace tempo::kernels {

// The message of this thread's last call.
std::string& last_message();

// Runs the checks, then the work, and turns what they throw into a result and its message.
template <typename Check, typename Work>
std::int32_t run_checked(const Check& check, const Work& work) {
  last_message().clear();
  std::int32_t result = TEMPO_BAD_INPUT;
  try {
    check();
    result = TEMPO_DEVICE_ERROR;
    return work();
  } catch (const std::exception& error) {
    last_message() = error.what();
    return result;
  }
}

// Throws tempo::Error naming the function and argument unless the device is one that this build has.
void check_device(const char* function, std::int32_t device);

// Throws unless the pointer is there, or there is nothing behind it.
void check_pointer(const char* function, const char* name, const void* pointer, std::int64_t size);

// Throws unless sizes and pointers make sense; what stands in the arrays is another matter.
void check_groups(const char* function, std::int32_t device, const tempo_groups* groups);

void check_workspace(const char* function, const void* workspace, std::size_t bytes, std::size_t needed);

FlatGroups flat_groups(const tempo_groups& groups);

// Deals out aligned parts of a workspace; from null it only counts.
class Workspace {
 public:
  explicit Workspace(void* memory) : memory_(static_cast<std::byte*>(memory)) {}

  template <typename T>
  T* take(std::int64_t count) {
    return reinterpret_cast<T*>(take_bytes(static_cast<std::size_t>(count) * sizeof(T)));
  }
  std::byte* take_bytes(std::size_t bytes) {
    constexpr std::size_t kAlignment = 256;
    std::byte* const part = memory_ ? memory_ + used_ : nullptr;
    used_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return part;
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* memory_;
  std::size_t used_ = 0;
};

// Returns the result of groups that were looked at: at once when the caller has a place for the error, else
// it waits for the device and sets the message.
std::int32_t result_of_groups(const char* function, std::int32_t device, const GroupsError* error,
                              const std::int32_t* callers, Stream stream);

}  // namespace tempo::kernels
