#include "common/children.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tempo/core/error.h"

using tempo::common::run_children;
namespace fs = std::filesystem;

namespace {

struct Outcome {
  int status = 0;
  std::string output;
  double seconds = 0;
};

// Runs a shell script as every rank, in a process of its own with its output in a file.
class Run {
 public:
  Run(int count, const std::string& script, double grace_s = 1)
      : file_(fs::temp_directory_path() / ("tempo-children-" + std::to_string(::getpid()))) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    const int output = ::creat(file_.c_str(), 0600);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::_exit(run_children({.command = {"/bin/sh", "-c", script}, .count = count, .grace_s = grace_s}));
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { fs::remove(file_); }

  void send(int number) const { ::kill(pid_, number); }

  std::string output() const {
    std::ifstream file(file_);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // Waits until the output holds the text, ten seconds at most.
  bool says(const std::string& text) const {
    for (int i = 0; i < 500; ++i) {
      if (output().find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  Outcome wait() const {
    const auto begin = std::chrono::steady_clock::now();
    int status = 0;
    ::waitpid(pid_, &status, 0);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output(), passed.count()};
  }

 private:
  fs::path file_;
  pid_t pid_ = 0;
};

bool has_line(const Outcome& outcome, const std::string& line) {
  return ("\n" + outcome.output).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("run_children: ranks know themselves, and their lines are labelled", "[children]") {
  const Outcome outcome = Run(3, "echo $RANK $LOCAL_RANK of $WORLD_SIZE at $MASTER_ADDR").wait();
  CHECK(outcome.status == 0);
  CHECK(has_line(outcome, "0 0 of 3 at 127.0.0.1"));
  CHECK(has_line(outcome, "[rank 1] 1 1 of 3 at 127.0.0.1"));
  CHECK(has_line(outcome, "[rank 2] 2 2 of 3 at 127.0.0.1"));
}

TEST_CASE("run_children: a launcher that started this program is not theirs", "[children]") {
  ::setenv("TORCHELASTIC_USE_AGENT_STORE", "True", 1);
  const Outcome outcome = Run(2, "echo store=$TORCHELASTIC_USE_AGENT_STORE of $WORLD_SIZE").wait();
  ::unsetenv("TORCHELASTIC_USE_AGENT_STORE");
  CHECK(outcome.status == 0);
  CHECK(has_line(outcome, "store= of 2"));
}

TEST_CASE("run_children: a last line without its end is shown", "[children]") {
  CHECK(has_line(Run(2, "[ $RANK = 0 ] || printf half").wait(), "[rank 1] half"));
}

TEST_CASE("run_children: one that fails ends all, with its status", "[children]") {
  const Outcome outcome = Run(3, "[ $RANK = 1 ] && exit 7; exec sleep 60").wait();
  CHECK(outcome.status == 7);
  CHECK(outcome.seconds < 20);
}

TEST_CASE("run_children: one that does not end is killed, and told what was lost", "[children]") {
  const Outcome outcome = Run(2, "[ $RANK = 1 ] && kill -9 $$; while :; do sleep 0.1; done").wait();
  CHECK(outcome.status == 128 + SIGKILL);
  CHECK(has_line(outcome, "error: rank 1: ended by signal 9 (Killed)"));
  CHECK(outcome.seconds < 20);
}

TEST_CASE("run_children: a loss that another has told is not told again", "[children]") {
  const Outcome outcome = Run(2, "[ $RANK = 1 ] && kill -9 $$; sleep 0.3; echo rank 1 died; exit 1").wait();
  CHECK(outcome.status == 128 + SIGKILL);
  CHECK(has_line(outcome, "rank 1 died"));
  CHECK_FALSE(has_line(outcome, "error: rank 1: ended by signal 9 (Killed)"));
}

TEST_CASE("run_children: a signal is passed on once", "[children]") {
  const Run run(2,
                "n=0; trap 'n=$((n+1)); echo got $n' TERM; echo ready; "
                "while [ $n = 0 ]; do sleep 0.1; done; sleep 0.5; echo $n in all");
  REQUIRE(run.says("[rank 1] ready"));
  run.send(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.status == 0);
  CHECK(has_line(outcome, "1 in all"));
  CHECK(has_line(outcome, "[rank 1] 1 in all"));
}

TEST_CASE("run_children: no child outlives the parent", "[children]") {
  const Run run(2, "echo $$ is here; exec sleep 60");
  REQUIRE(run.says("[rank 1]"));
  REQUIRE(run.says(" is here"));
  run.send(SIGKILL);
  run.wait();
  std::istringstream lines(run.output());
  int found = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.starts_with('[') ? line.find(' ', 6) + 1 : 0;
    const pid_t pid = std::stoi(line.substr(begin));
    ++found;
    bool lives = true;
    for (int i = 0; i < 250 && lives; ++i) {
      // Without a parent it stays a zombie where no process collects those.
      std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
      std::string text;
      lives = static_cast<bool>(std::getline(status, text)) && text.find(") Z") == std::string::npos;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    CHECK_FALSE(lives);
  }
  CHECK(found >= 1);
}

TEST_CASE("run_children: a program that is not there fails", "[children]") {
  CHECK(run_children({.command = {"/nonexistent/program"}, .count = 2, .grace_s = 1}) == 127);
}
