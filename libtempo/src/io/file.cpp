#include "tempo/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "descriptor.h"

namespace tempo::io {
namespace {

constexpr int kNewFile = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// Process and counter keep writers of one file apart; a name left behind by a killed process is skipped.
std::pair<int, std::filesystem::path> create_beside(const std::filesystem::path& path) {
  for (int attempt = 0;; ++attempt) {
    const std::string name =
        core::concat(".", path.filename().string(), ".", ::getpid(), ".", attempt, ".tmp");
    auto temporary = folder_of(path) / name;
    const int descriptor = ::open(temporary.c_str(), kNewFile, 0666);
    if (descriptor >= 0) return {descriptor, std::move(temporary)};
    if (errno != EEXIST) fail_with_errno(path, "create");
  }
}

// Makes the renaming itself last through a power failure.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0) fail_with_errno(folder, "open");
  if (::fsync(opened.number()) != 0) fail_with_errno(folder, "sync");
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail_with_errno(path, "open");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail_with_errno(path, "read the size");
  TEMPO_CHECK(S_ISREG(status.st_mode), path.string(), ": expected a file, got a folder or a device");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count = ::read(file.number(), text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with_errno(path, "read");
    if (count == 0) break;  // another process cut the file short meanwhile
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  return text;
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  TEMPO_CHECK(path_.has_filename(), "AtomicFile: expected a path that ends in a file name, got '",
              path_.string(), "'");
  std::tie(descriptor_, temporary_) = create_beside(path_);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

// In pieces that are still in the cache when they are written.
void AtomicFile::write(std::span<const std::byte> bytes) {
  constexpr std::size_t kPiece = 1 << 20;
  while (bytes.size() > kPiece) {
    write(bytes.first(kPiece));
    bytes = bytes.subspan(kPiece);
  }
  digest_.add(bytes);
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with_errno(path_, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

FileDigest AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail_with_errno(path_, "sync");
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_with_errno(path_, "close");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_with_errno(path_, "rename into place");
  temporary_.clear();
  sync_folder(folder_of(path_));
  return digest_.value();
}

FileDigest write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  return file.commit();
}

FileDigest write_text_atomically(const std::filesystem::path& path, std::string_view text) {
  return write_atomically(path, std::as_bytes(std::span(text)));
}

void make_folders(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> missing;
  for (auto path = std::filesystem::absolute(folder).lexically_normal();
       !std::filesystem::exists(path, error); path = path.parent_path())
    missing.push_back(path);
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    std::filesystem::create_directory(*path, error);
    TEMPO_CHECK(!error, folder.string(), ": expected a folder that can be made, got ", error.message());
    sync_folder(path->parent_path());
  }
  TEMPO_CHECK(std::filesystem::is_directory(folder, error), folder.string(),
              ": expected a folder that can be made, got a file of that name");
}

void sync_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail_with_errno(path, "open");
  if (::fsync(file.number()) != 0) fail_with_errno(path, "sync");
}

}  // namespace tempo::io
