#include "tempo/io/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tempo/io/mapped_file.h"

namespace tempo::io {

struct Digest::State {
  XXH3_state_t hash;
};

Digest::Digest() : state_(std::make_unique<State>()) { XXH3_64bits_reset(&state_->hash); }
Digest::~Digest() = default;

void Digest::add(std::span<const std::byte> bytes) {
  XXH3_64bits_update(&state_->hash, bytes.data(), bytes.size());
  size_ += bytes.size();
}

FileDigest Digest::value() const { return {.size = size_, .xxh3 = XXH3_64bits_digest(&state_->hash)}; }

FileDigest digest_file(const std::filesystem::path& path) {
  const MappedFile file = MappedFile::open(path);
  Digest digest;
  digest.add(file.bytes());
  return digest.value();
}

}  // namespace tempo::io
