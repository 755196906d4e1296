#include "common/tensor_memory.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "common/byte_size.h"
#include "common/range_pool.h"

namespace tempo::common {
namespace {

constexpr std::size_t kLeast = std::size_t{64} << 10;

// Small tensors, and those that the addresses do not suffice for, are the other allocator's.
class TensorMemory : public c10::Allocator {
 public:
  TensorMemory(char* memory, std::int64_t bytes, c10::Allocator& other)
      : memory_(memory), bytes_(bytes), ranges_(bytes), other_(other) {
    instance = this;
  }

  c10::DataPtr allocate(std::size_t bytes) override {
    if (bytes < kLeast) return other_.allocate(bytes);
    const std::scoped_lock lock(mutex_);
    const auto begin = ranges_.take(static_cast<std::int64_t>(bytes));
    if (!begin) return other_.allocate(bytes);
    char* const data = memory_ + *begin;
    return {data, data, &release, at::kCPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

 private:
  // Deleters get nothing but the data.
  static void release(void* data) {
    const std::int64_t begin = static_cast<char*>(data) - instance->memory_;
    if (begin < 0 || begin >= instance->bytes_) return instance->other_.raw_deleter()(data);
    const std::scoped_lock lock(instance->mutex_);
    instance->ranges_.give_back(begin);
  }

  static inline TensorMemory* instance = nullptr;

  char* memory_;
  std::int64_t bytes_;
  std::mutex mutex_;
  RangePool ranges_;
  c10::Allocator& other_;
};

}  // namespace

void keep_tensor_memory() {
  const std::int64_t bytes = physical_memory();
  if (bytes == 0) return;
  void* const memory = mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  madvise(memory, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);  // advice: without it, small pages
  // Never destroyed: tensors of static objects outlive what the program could destroy it in.
  c10::SetCPUAllocator(new TensorMemory(static_cast<char*>(memory), bytes, *c10::GetDefaultCPUAllocator()));
}

}  // namespace tempo::common
