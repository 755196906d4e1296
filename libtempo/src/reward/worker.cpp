#include "worker.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "extract.h"
#include "tempo/core/error.h"

extern char** environ;

namespace tempo::reward {
namespace {

std::string error_text(int code) { return std::generic_category().message(code); }

// Returns the descriptor, or a copy where it would be overwritten by a child's standard streams.
Descriptor above_standard(int number) {
  Descriptor original(number);
  if (number > STDERR_FILENO) return original;
  return Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

struct Ends {
  Descriptor ours, theirs;
};

// A socket: writing to a process that has ended gives an error there, and no signal.
Ends input_ends() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    core::fail("expected a socket for a process, got: ", error_text(errno));
  return {above_standard(pair[0]), above_standard(pair[1])};
}

Ends output_ends() {
  std::array<int, 2> pair{};
  if (::pipe2(pair.data(), O_CLOEXEC) != 0)
    core::fail("expected a pipe for a process, got: ", error_text(errno));
  Ends ends{above_standard(pair[0]), above_standard(pair[1])};
  ::fcntl(ends.ours.number(), F_SETFL, O_NONBLOCK);
  return ends;
}

// What a child has from this process: two streams and standard error; no signal masks, and no other files.
class SpawnSettings {
 public:
  SpawnSettings(int input, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD})
      sigaddset(&defaults, number);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // Returns 0, or what the system says.
  int spawn(pid_t& process, const std::vector<std::string>& command) const {
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    return ::posix_spawnp(&process, arguments[0], &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

void Descriptor::close() {
  if (number_ >= 0) ::close(release());
}

int Descriptor::release() { return std::exchange(number_, -1); }

Worker::Worker(const std::vector<std::string>& command) {
  Ends in = input_ends(), out = output_ends();
  const SpawnSettings settings(in.theirs.number(), out.theirs.number());
  const int error = settings.spawn(process_, command);
  TEMPO_CHECK(error == 0, "expected a program that can be started, got ", quoted(command[0]), ": ",
              error_text(error));
  input_ = std::move(in.ours);
  output_ = std::move(out.ours);
}

Worker::~Worker() {
  // The group's number is free for others once its leader is reaped: so it is killed first.
  ::kill(-process_, SIGKILL);
  // A killed process is gone within a moment, unless the system keeps it; then it stays unreaped rather than
  // waited for.
  constexpr int kTries = 200;
  for (int i = 0; i < kTries; ++i) {
    const pid_t reaped = ::waitpid(process_, nullptr, WNOHANG);
    if (reaped == process_ || (reaped < 0 && errno != EINTR)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(i < 10 ? 1 : 5));
  }
}

bool Worker::write() {
  while (has_unsent()) {
    const ssize_t count =
        ::send(input_.number(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    sent_ += static_cast<std::size_t>(count);
  }
  unsent_.clear();
  sent_ = 0;
  return true;
}

bool Worker::read() {
  constexpr std::size_t kBlock = 65536;
  for (std::size_t total = 0; total <= kMaxLine;) {
    const std::size_t before = received_.size();
    received_.resize(before + kBlock);
    const ssize_t count = ::read(output_.number(), received_.data() + before, kBlock);
    const int error = errno;
    received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && error == EINTR) continue;
    if (count < 0) return error == EAGAIN || error == EWOULDBLOCK;
    if (count == 0) return false;
    total += static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<std::string> Worker::take_line() {
  const std::size_t end = received_.find('\n', taken_);
  if (end == received_.npos) {
    received_.erase(0, std::exchange(taken_, 0));
    return std::nullopt;
  }
  std::string line = received_.substr(taken_, end - taken_);
  taken_ = end + 1;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string Worker::ending() const {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0)
    return {};
  return core::concat(info.si_code == CLD_EXITED ? "with status " : "by signal ", info.si_status);
}

}  // namespace tempo::reward
