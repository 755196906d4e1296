#include "common/children.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "tempo/core/error.h"

namespace tempo::common {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t g_signal = 0;  // the last one that arrived
void keep_signal(int number) { g_signal = number; }
int take_signal() {
  const int number = g_signal;
  g_signal = 0;
  return number;
}

// Keeps SIGTERM and SIGINT for the parent to pass on.
class SignalsKept {
 public:
  SignalsKept() {
    struct sigaction action {};
    action.sa_handler = keep_signal;
    ::sigaction(SIGTERM, &action, &term_);
    ::sigaction(SIGINT, &action, &interrupt_);
  }
  SignalsKept(const SignalsKept&) = delete;
  SignalsKept& operator=(const SignalsKept&) = delete;
  ~SignalsKept() {
    ::sigaction(SIGTERM, &term_, nullptr);
    ::sigaction(SIGINT, &interrupt_, nullptr);
  }

 private:
  struct sigaction term_ {
  }, interrupt_{};
};

// A port of the loopback device that is free now.
int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  const bool bound = descriptor >= 0 &&
                     ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  TEMPO_CHECK(bound, "--nproc: expected a free port, got: ", std::strerror(error));
  return ntohs(address.sin_port);
}

struct Child {
  pid_t pid = 0;     // 0: has ended
  int output = -1;   // what it writes; -1: nothing more, or where this process writes
  std::string line;  // the begin of one
};

// Becomes the program; does not return.
[[noreturn]] void become(const Children& children, int rank, int port, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it ended before that
  ::setpgid(0, 0);  // a terminal's interrupt reaches the parent alone, which passes it on once
  if (rank > 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
  }
  const std::string rank_text = std::to_string(rank), count = std::to_string(children.count);
  ::setenv("RANK", rank_text.c_str(), 1);
  ::setenv("LOCAL_RANK", rank_text.c_str(), 1);
  ::setenv("WORLD_SIZE", count.c_str(), 1);
  ::setenv("LOCAL_WORLD_SIZE", count.c_str(), 1);
  ::setenv("MASTER_ADDR", "127.0.0.1", 1);
  ::setenv("MASTER_PORT", std::to_string(port).c_str(), 1);
  ::unsetenv("TORCHELASTIC_USE_AGENT_STORE");  // of a launcher that started this program
  std::vector<char*> argv;
  for (const std::string& argument : children.command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

Child start(const Children& children, int rank, int port) {
  std::array<int, 2> pipe{-1, -1};
  TEMPO_CHECK(::pipe2(pipe.data(), O_CLOEXEC) == 0, "--nproc: expected a pipe, got: ", std::strerror(errno));
  const pid_t parent = ::getpid(), pid = ::fork();
  TEMPO_CHECK(pid >= 0, "--nproc: expected a process more, got: ", std::strerror(errno));
  if (pid == 0) become(children, rank, port, pipe[1], parent);
  ::close(pipe[1]);
  if (rank > 0) return {.pid = pid, .output = pipe[0], .line = {}};
  ::close(pipe[0]);
  return {.pid = pid, .output = -1, .line = {}};
}

void write_line(int rank, std::string_view line) {
  const std::string text = core::concat("[rank ", rank, "] ", line, "\n");
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // nobody reads it
}

// Passes on what a child has written, line by line. At its end, the rest.
void read_output(int rank, Child& child) {
  std::array<char, 4096> bytes;
  const ssize_t count = ::read(child.output, bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return;
  if (count > 0) child.line.append(bytes.data(), static_cast<std::size_t>(count));
  for (std::size_t end = 0; (end = child.line.find('\n')) != std::string::npos;) {
    write_line(rank, std::string_view(child.line).substr(0, end));
    child.line.erase(0, end + 1);
  }
  if (count > 0) return;
  if (!child.line.empty()) write_line(rank, child.line);
  ::close(std::exchange(child.output, -1));
}

// The processes, until all have ended.
class Family {
 public:
  explicit Family(const Children& children) : grace_(children.grace_s), stop_status_(children.stop_status) {
    const int port = free_port();
    for (int rank = 0; rank < children.count; ++rank) members_.push_back(start(children, rank, port));
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() { send(SIGKILL); }

  int wait() {
    while (any([](const Child& child) { return child.pid != 0 || child.output >= 0; })) {
      if (const int number = take_signal()) send(number);
      read();
      reap();
      if (end_ && Clock::now() > *end_) send(SIGKILL);
    }
    if (end_) tell_loss();
    return status_;
  }

 private:
  template <typename Test>
  bool any(const Test& test) const {
    return std::any_of(members_.begin(), members_.end(), test);
  }

  void send(int number) const {
    for (const Child& child : members_)
      if (child.pid != 0) ::kill(child.pid, number);
  }

  // Waits for output, a signal, or a moment.
  void read() {
    constexpr int kMoment_ms = 50;
    std::vector<pollfd> outputs;
    std::vector<int> ranks;
    for (std::size_t rank = 0; rank < members_.size(); ++rank) {
      if (members_[rank].output < 0) continue;
      outputs.push_back({.fd = members_[rank].output, .events = POLLIN, .revents = 0});
      ranks.push_back(static_cast<int>(rank));
    }
    if (::poll(outputs.data(), outputs.size(), kMoment_ms) <= 0) return;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i].revents != 0) read_output(ranks[i], members_[static_cast<std::size_t>(ranks[i])]);
  }

  void reap() {
    for (std::size_t rank = 0; rank < members_.size(); ++rank) {
      Child& child = members_[rank];
      int code = 0;
      if (child.pid == 0 || ::waitpid(child.pid, &code, WNOHANG) != child.pid) continue;
      child.pid = 0;
      const int status = WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code);
      if (status == 0 || (status == stop_status_ && !end_)) {
        if (!end_ && status != 0) status_ = status;
        continue;
      }
      if (end_) {
        is_told_ = is_told_ || WIFEXITED(code);
        continue;
      }
      status_ = status;
      end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(grace_);
      is_told_ = WIFEXITED(code);
      if (!is_told_)
        loss_ = core::concat("error: rank ", rank, ": ended by signal ", WTERMSIG(code), " (",
                             ::strsignal(WTERMSIG(code)), ")\n");
    }
  }

  // What the others have not said themselves.
  void tell_loss() const {
    if (!is_told_ && ::write(STDERR_FILENO, loss_.data(), loss_.size()) < 0) return;  // nobody reads it
  }

  std::vector<Child> members_;
  std::chrono::duration<double> grace_;
  std::optional<Clock::time_point> end_;  // of those that are left after a failure
  int stop_status_;
  int status_ = 0;
  std::string loss_;      // the line about the first failure, if it was a signal
  bool is_told_ = false;  // by a process that ended with an error of its own
};

}  // namespace

int run_children(const Children& children) {
  const SignalsKept signals;
  return Family(children).wait();
}

}  // namespace tempo::common
