// A library that a test puts before the C library (LD_PRELOAD): file operations below one folder fail, or the
// machine "loses its power" there. The program under test is the one that users run.
//
//   TEMPO_FAULT_FOLDER=DIR       operations on what is below it are counted, from 1
//   TEMPO_FAULT_AT=N             the one that fails
//   TEMPO_FAULT_KIND=KIND        ENOSPC, EIO, EROFS: it returns this error, and so do all after it
//                                short: a write takes half of the bytes (of other operations the next one
//                                counts) kill: the process is killed before it power: likewise, and what was
//                                not synced is lost: bytes of files without fsync, names (created, renamed)
//                                whose folder had no fsync
//                                stop, starve: the process is stopped, or sleeps for a minute
//   TEMPO_FAULT_LOG=FILE         gets a line an operation
// Counted: write, writev, fsync, fdatasync, rename, mkdir, ftruncate, remove, unlinkat, and opening a file to
// create it. What was removed stays so.
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// A name that would not outlive a loss of power, until its folder is synced.
struct LooseName {
  std::string name;
  std::string before;  // what a rename moved; empty: the name was created
  std::string saved;   // a second name of the file that the rename replaced; empty: none
};

// Set during this library's own operations, such as making up the losses of a power failure: they are real
// ones.
bool g_is_own = false;

struct State {
  std::recursive_mutex mutex;
  std::string folder;
  long at = 0, count = 0;
  std::string kind;
  int log = -1;
  std::map<std::string, off_t> synced;  // bytes of files that were written to
  std::vector<LooseName> loose;

  State() {
    const auto value = [](const char* name) {
      return std::string(std::getenv(name) ? std::getenv(name) : "");
    };
    folder = value("TEMPO_FAULT_FOLDER");
    at = std::atol(value("TEMPO_FAULT_AT").c_str());
    kind = value("TEMPO_FAULT_KIND");
    const std::string file = value("TEMPO_FAULT_LOG");
    if (!file.empty())
      log = real<int(const char*, int, ...)>("open")(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                                     0600);
  }
};

State& state() {
  static State* const one = new State();  // outlives the program's last write
  return *one;
}

std::string absolute(const char* path) {
  if (path[0] == '/') return fs::path(path).lexically_normal();
  char current[PATH_MAX];
  return ::getcwd(current, sizeof(current))
             ? fs::path(std::string(current) + "/" + path).lexically_normal().string()
             : path;
}

std::string path_of(int descriptor) {
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(link, path, sizeof(path) - 1);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : std::string();
}

bool is_watched(const std::string& path) {
  const std::string& folder = state().folder;
  return !g_is_own && !folder.empty() && path.size() > folder.size() && path.starts_with(folder) &&
         path[folder.size()] == '/';
}
bool is_watched_folder(const std::string& path) { return path == state().folder || is_watched(path); }

off_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

void lose_unsynced() {
  State& s = state();
  g_is_own = true;
  for (const auto& [path, bytes] : s.synced) {
    if (size_of(path) > bytes && ::truncate(path.c_str(), bytes) != 0) continue;
  }
  for (auto name = s.loose.rbegin(); name != s.loose.rend(); ++name) {
    std::error_code ignored;
    if (name->before.empty()) {
      fs::remove_all(name->name, ignored);
    } else {
      fs::rename(name->name, name->before, ignored);
      if (!name->saved.empty()) fs::rename(name->saved, name->name, ignored);
    }
  }
}

// Counts an operation. Returns the error that it shall have, 0 for none, -1 for half of a write.
int fault(const char* operation, const std::string& path) {
  State& s = state();
  ++s.count;
  if (s.log >= 0) ::dprintf(s.log, "%ld %s %s\n", s.count, operation, path.c_str());
  if (s.at == 0 || s.count < s.at) return 0;
  if (s.kind == "ENOSPC") return ENOSPC;
  if (s.kind == "EIO") return EIO;
  if (s.kind == "EROFS") return EROFS;
  if (s.kind == "short" && std::strncmp(operation, "write", 5) == 0) {
    s.at = 0;
    return -1;
  }
  if (s.kind == "stop") ::kill(::getpid(), SIGSTOP);
  if (s.kind == "starve") ::sleep(60);
  if (s.kind == "power") lose_unsynced();
  if (s.kind == "power" || s.kind == "kill") ::kill(::getpid(), SIGKILL);
  return 0;
}

// A file is about to be written to: what it holds now is on the disk, unless this program wrote it.
void note_write(const std::string& path) { state().synced.try_emplace(path, size_of(path)); }

ssize_t counted_write(int descriptor, const void* bytes, std::size_t size) {
  static const auto write = real<ssize_t(int, const void*, std::size_t)>("write");
  const std::string path = path_of(descriptor);
  if (!is_watched(path)) return write(descriptor, bytes, size);
  const std::lock_guard lock(state().mutex);
  note_write(path);
  const int error = fault("write", path);
  if (error > 0) return errno = error, -1;
  return write(descriptor, bytes, error < 0 ? (size + 1) / 2 : size);
}

int counted_sync(const char* name, int descriptor) {
  const auto sync = real<int(int)>(name);
  const std::string path = path_of(descriptor);
  if (!is_watched_folder(path)) return sync(descriptor);
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (const int error = fault(name, path); error > 0) return errno = error, -1;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    g_is_own = true;
    std::erase_if(s.loose, [&](const LooseName& loose) {
      const bool is_here = fs::path(loose.name).parent_path() == path;
      if (is_here && !loose.saved.empty()) fs::remove(loose.saved, ignored);
      return is_here;
    });
    g_is_own = false;
  } else {
    s.synced[path] = size_of(path);
  }
  return sync(descriptor);
}

int counted_open(const char* path, int flags, mode_t mode) {
  static const auto open = real<int(const char*, int, ...)>("open");
  const std::string where = absolute(path);
  std::error_code ignored;
  if ((flags & O_CREAT) == 0 || !is_watched(where) || fs::exists(where, ignored))
    return open(path, flags, mode);
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (const int error = fault("open", where); error > 0) return errno = error, -1;
  s.loose.push_back({where, "", ""});
  s.synced.try_emplace(where, 0);
  return open(path, flags, mode);
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t size) {
  return counted_write(descriptor, bytes, size);
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  static const auto writev = real<ssize_t(int, const struct iovec*, int)>("writev");
  const std::string path = path_of(descriptor);
  if (!is_watched(path)) return writev(descriptor, parts, count);
  const std::lock_guard lock(state().mutex);
  note_write(path);
  const int error = fault("writev", path);
  if (error > 0) return errno = error, -1;
  return writev(descriptor, parts, error < 0 ? 1 : count);
}

int fsync(int descriptor) { return counted_sync("fsync", descriptor); }
int fdatasync(int descriptor) { return counted_sync("fdatasync", descriptor); }

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return counted_open(path, flags, mode);
}
int open64(const char* path, int flags, ...) __attribute__((alias("open")));

int mkdir(const char* path, mode_t mode) {
  static const auto mkdir = real<int(const char*, mode_t)>("mkdir");
  const std::string where = absolute(path);
  std::error_code ignored;
  if (!is_watched(where) || fs::exists(where, ignored)) return mkdir(path, mode);
  const std::lock_guard lock(state().mutex);
  if (const int error = fault("mkdir", where); error > 0) return errno = error, -1;
  state().loose.push_back({where, "", ""});
  return mkdir(path, mode);
}

int remove(const char* path) {
  static const auto remove = real<int(const char*)>("remove");
  const std::string where = absolute(path);
  std::error_code ignored;
  if (!is_watched(where) || !fs::exists(where, ignored)) return remove(path);
  const std::lock_guard lock(state().mutex);
  if (const int error = fault("remove", where); error > 0) return errno = error, -1;
  return remove(path);
}

int unlinkat(int folder, const char* path, int flags) {
  static const auto unlinkat = real<int(int, const char*, int)>("unlinkat");
  const std::string where = folder == AT_FDCWD ? absolute(path) : path_of(folder) + "/" + path;
  if (!is_watched(where)) return unlinkat(folder, path, flags);
  const std::lock_guard lock(state().mutex);
  if (const int error = fault("unlinkat", where); error > 0) return errno = error, -1;
  return unlinkat(folder, path, flags);
}

int rename(const char* from, const char* to) {
  static const auto rename = real<int(const char*, const char*)>("rename");
  const std::string source = absolute(from), target = absolute(to);
  if (!is_watched(target)) return rename(from, to);
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (const int error = fault("rename", target); error > 0) return errno = error, -1;
  LooseName loose{target, source, ""};
  std::error_code failed;
  if (s.kind == "power" && fs::is_regular_file(target, failed)) {
    loose.saved = target + ".saved";
    fs::create_hard_link(target, loose.saved, failed);
  }
  const int result = rename(from, to);
  if (result == 0) {
    s.loose.push_back(loose);
    if (auto moved = s.synced.extract(source); !moved.empty()) {
      s.synced.erase(target);
      moved.key() = target;
      s.synced.insert(std::move(moved));
    }
  }
  return result;
}

int ftruncate(int descriptor, off_t size) {
  static const auto ftruncate = real<int(int, off_t)>("ftruncate");
  const std::string path = path_of(descriptor);
  if (!is_watched(path)) return ftruncate(descriptor, size);
  const std::lock_guard lock(state().mutex);
  note_write(path);
  if (const int error = fault("ftruncate", path); error > 0) return errno = error, -1;
  return ftruncate(descriptor, size);
}

}  // extern "C"
