#include "pack_memory.h"

#include <cassert>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tempo::model {
namespace {

constexpr std::int64_t kAlignment = 64;

at::Tensor make_block(std::int64_t bytes) {
#if defined(__linux__)
  constexpr std::int64_t kPage = std::int64_t{2} << 20;
  const std::int64_t size = (bytes + kPage - 1) / kPage * kPage + kPage;
  void* const memory = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) {
    madvise(memory, static_cast<std::size_t>(size), MADV_HUGEPAGE);  // advice: without it, small pages
    const auto release = [size](void* block) { munmap(block, static_cast<std::size_t>(size)); };
    const std::int64_t skip = kPage - reinterpret_cast<std::intptr_t>(memory) % kPage;
    return at::from_blob(memory, {size}, release, at::kByte).narrow(0, skip % kPage, bytes);
  }
#endif
  return at::empty({bytes}, at::kByte);
}

}  // namespace

PackMemory::PackMemory(std::int64_t bytes) : bytes_(make_block(bytes)) {}

at::Tensor PackMemory::take(at::IntArrayRef sizes, const at::TensorOptions& options) {
  std::int64_t bytes = static_cast<std::int64_t>(options.dtype().itemsize());
  for (const std::int64_t size : sizes) bytes *= size;
  assert(used_ + bytes <= bytes_.size(0));
  const at::Tensor part = bytes_.narrow(0, used_, bytes).view(c10::typeMetaToScalarType(options.dtype()));
  used_ += used_by(bytes);
  return part.view(sizes);
}

std::int64_t PackMemory::used_by(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace tempo::model
