#include "dist/ranks.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tempo/core/error.h"

namespace {

namespace fs = std::filesystem;

pid_t start(std::vector<std::string> arguments, const fs::path& output) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int code = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  TEMPO_CHECK(code == 0, argv[0], ": expected a program that starts");
  return pid;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  TEMPO_CHECK(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) == 0, "bind");
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

std::vector<RankResult> run_ranks(int size, const std::string& scenario, double timeout_s, int lost,
                                  int store_port) {
  using std::chrono::steady_clock;
  const int port = store_port != 0 ? store_port : free_port();
  const fs::path folder =
      fs::temp_directory_path() / ("tempo-ranks-" + std::to_string(::getpid()) + "-" + std::to_string(port));
  fs::create_directories(folder);
  std::vector<pid_t> pids;
  const auto file_of = [&](std::size_t rank) { return folder / std::to_string(rank); };
  for (int rank = 0; rank < size; ++rank) {
    std::vector<std::string> arguments{TEMPO_RANK_PROGRAM,   std::to_string(rank),      std::to_string(size),
                                       std::to_string(port), std::to_string(timeout_s), scenario};
    if (store_port != 0) arguments.emplace_back("store");
    pids.push_back(start(std::move(arguments), file_of(static_cast<std::size_t>(rank))));
  }
  std::vector<RankResult> results(pids.size());
  std::size_t running = pids.size();
  const auto deadline = steady_clock::now() + std::chrono::minutes(1);
  while (running > 0) {
    for (std::size_t rank = 0; rank < pids.size(); ++rank) {
      int status = 0;
      if (pids[rank] == 0 || ::waitpid(pids[rank], &status, WNOHANG) != pids[rank]) continue;
      results[rank].status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pids[rank] = 0;
      --running;
    }
    const bool lost_is_left = running == 1 && lost >= 0 && pids[static_cast<std::size_t>(lost)] != 0;
    if (lost_is_left || steady_clock::now() > deadline) {
      for (const pid_t pid : pids)
        if (pid != 0) ::kill(pid, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (std::size_t rank = 0; rank < results.size(); ++rank) results[rank].output = text_of(file_of(rank));
  fs::remove_all(folder);
  return results;
}
