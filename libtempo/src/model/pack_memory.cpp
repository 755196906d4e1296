#include "pack_memory.h"

#include <cassert>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tempo::model {
namespace {

constexpr std::int64_t kAlignment = 64;

// Asks for large pages wherever the block has them whole, before its first touch.
void advise_large_pages(const at::Tensor& block) {
#if defined(__linux__)
  constexpr std::int64_t kPage = std::int64_t{2} << 20;
  const auto begin = reinterpret_cast<std::intptr_t>(block.data_ptr());
  const std::int64_t first = (begin + kPage - 1) / kPage * kPage;
  const std::int64_t last = (begin + block.numel()) / kPage * kPage;
  if (first >= last) return;
  madvise(reinterpret_cast<void*>(first), static_cast<std::size_t>(last - first), MADV_HUGEPAGE);
#else
  static_cast<void>(block);
#endif
}

}  // namespace

PackMemory::PackMemory(std::int64_t bytes) : bytes_(at::empty({bytes}, at::kByte)) {
  advise_large_pages(bytes_);
}

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
