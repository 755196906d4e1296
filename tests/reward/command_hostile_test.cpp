// Reward programs that hang, die, lie or flood: a batch ends in bounded time, and nothing of them stays.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "io/scratch.h"
#include "reward/command_fixture.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;
using reward::CommandPool;
using reward::Failure;

namespace {

double seconds_of(auto&& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Without an interpreter that has to start: their first answer is due soon too.
reward::CommandOptions impatient(const std::string& script) {
  auto options = command_options(shell(script));
  options.timeout_s = options.start_timeout_s = 0.5;
  return options;
}

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

// Whether a process runs: one that waits to be reaped does not.
bool runs(int process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto state = text.rfind(')');
  return state != text.npos && text.substr(state + 2, 1) != "Z";
}

// Waits for a process to be gone, a second at most.
bool goes(int process) {
  for (int i = 0; i < 200 && runs(process); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return !runs(process);
}

const Items& five() {
  static const Items items({"1", "2", "3", "4", "5"});
  return items;
}

// Scores five responses by a program that always fails: three times, then the others are not tried.
void check_always(const reward::CommandOptions& options, Failure failure, const std::string& reason) {
  CommandPool pool(options);
  std::vector<reward::Verdict> verdicts;
  // Three failures at up to 0.5 s each, 0.15 s between them, and time to start and end processes.
  CHECK(seconds_of([&] { verdicts = pool.score(five().all()); }) < 10);
  CHECK(failures_of(verdicts) ==
        std::vector{failure, failure, failure, Failure::kUnavailable, Failure::kUnavailable});
  CHECK(scores_of(verdicts) == std::vector<double>(5, -2));
  CHECK_THAT(verdicts[0].reason, ContainsSubstring(reason));
  CHECK(verdicts[4].reason == "not sent: processes failed 3 times in a row");
}

}  // namespace

TEST_CASE("CommandPool: a process that hangs is late", "[reward]") {
  check_always(impatient("sleep 1000"), Failure::kTimeout, "no answer in time");
  check_always(impatient("trap '' TERM INT HUP; while :; do sleep 1000; done"), Failure::kTimeout,
               "no answer in time");
  check_always(impatient("read line; printf '{\"score\": 1'; sleep 1000"), Failure::kTimeout,
               "no answer in time");
}

TEST_CASE("CommandPool: a process that ends, or closes its output, is dead", "[reward]") {
  check_always(impatient("exit 0"), Failure::kDeath, "the process ended with status 0");
  check_always(impatient("read line; exit 7"), Failure::kDeath, "the process ended with status 7");
  check_always(impatient("kill -9 $$"), Failure::kDeath, "the process ended by signal 9");
  check_always(impatient("exec >&-; sleep 1000"), Failure::kDeath, "the process closed its output");
  check_always(command_options({"/no/such/program"}), Failure::kDeath, "No such file");
}

TEST_CASE("CommandPool: a process that writes something else gives a bad answer", "[reward]") {
  check_always(impatient("read line; echo hello; sleep 1000"), Failure::kBadAnswer, "got 'hello'");
  check_always(impatient("read line; echo; sleep 1000"), Failure::kBadAnswer, "expected a JSON object");
  check_always(impatient("read line; echo '{\"score\": 1, \"id\": 99}'; sleep 1000"), Failure::kBadAnswer,
               "expected the id of a request that waits, got 99");
  check_always(impatient("head -c 10000000 /dev/zero; sleep 1000"), Failure::kBadAnswer,
               "longer than 1048576 bytes");
  check_always(impatient("exec cat /dev/zero"), Failure::kBadAnswer, "longer than 1048576 bytes");
  check_always(impatient("exec yes"), Failure::kBadAnswer, "got 'y'");
}

TEST_CASE("CommandPool: what one response does to a process is not the others' failure", "[reward]") {
  auto options =
      command_options(python("  t = r['response']\n"
                             "  if t == 'die': sys.exit(1)\n"
                             "  if t == 'hang': time.sleep(1000)\n"
                             "  if t == 'lie': print('hm', flush=True)\n" +
                             kLength));
  const Items items({"a", "die", "bb", "hang", "ccc", "lie", "dddd"});
  const std::vector<double> scores{1, -2, 2, -2, 3, -2, 4};
  const std::vector failures{Failure::kNone, Failure::kDeath,     Failure::kNone, Failure::kTimeout,
                             Failure::kNone, Failure::kBadAnswer, Failure::kNone};
  for (const int workers : {1, 3}) {
    options.workers = workers;
    CommandPool pool(options);
    const auto verdicts = pool.score(items.all());
    CHECK(scores_of(verdicts) == scores);
    CHECK(failures_of(verdicts) == failures);
  }
}

TEST_CASE("CommandPool: a line too many makes the next answer a bad one", "[reward]") {
  auto options = command_options(python("  print(json.dumps({'score': 1}))\n  a = {'score': 2}"));
  CommandPool pool(options);
  const Items one({"a"});
  CHECK(pool.score(one.all())[0].score == 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(pool.score(one.all())[0].failure == Failure::kBadAnswer);
  CHECK(pool.score(one.all())[0].score == 1);
}

TEST_CASE("CommandPool: a process that ends between batches is replaced without a failure", "[reward]") {
  CommandPool pool(command_options(shell("read line; echo '{\"score\": 1}'")));
  const Items one({"a"});
  for (int i = 0; i < 3; ++i) {
    CHECK(pool.score(one.all())[0].failure == Failure::kNone);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

TEST_CASE("CommandPool: a batch after a hopeless one tries again, once", "[reward]") {
  const Scratch scratch;
  const auto mended = (scratch.folder() / "mended").string();
  CommandPool pool(
      impatient("test -e " + mended + " || exit 1; while read line; do echo '{\"score\": 1}'; done"));
  CHECK(pool.score(five().all())[4].failure == Failure::kUnavailable);
  CHECK(failures_of(pool.score(five().all())) == std::vector{Failure::kDeath, Failure::kUnavailable,
                                                             Failure::kUnavailable, Failure::kUnavailable,
                                                             Failure::kUnavailable});
  scratch.write("mended", "");
  CHECK(scores_of(pool.score(five().all())) == std::vector<double>(5, 1));
}

TEST_CASE("CommandPool: neither side waits for the other over long lines", "[reward]") {
  auto options = command_options(python("  a = {'score': len(r['response']) / 1e6}", "time.sleep(0.3)"));
  options.batch = 3;
  options.timeout_s = 20;
  const Items items({std::string(5'000'000, 'x'), std::string(5'000'000, '\xff'), "x"});
  CHECK(scores_of(CommandPool(options).score(items.all())) == std::vector<double>{5, 5, 1e-6});
  // Answers before it reads: both pipes would be full.
  options.command = {"python3", "-c",
                     "import sys\nfor i in range(3): print('{\"score\": 1, \"reason\": \"' + "
                     "'x' * 900000 + '\"}', flush=True)\nsys.stdin.read()"};
  CHECK(scores_of(CommandPool(options).score(items.all())) == std::vector<double>(3, 1));
}

TEST_CASE("CommandPool: children of a process go with it", "[reward]") {
  const Scratch scratch;
  const auto file = (scratch.folder() / "child").string();
  auto options = impatient("(trap '' TERM; sleep 1000) & echo $! >" + file + "; wait");
  options.max_failures = 1;
  CommandPool pool(options);
  CHECK(pool.score(five().all())[0].failure == Failure::kTimeout);
  int child = 0;
  std::ifstream(file) >> child;
  REQUIRE(child > 0);
  CHECK(goes(child));
}

TEST_CASE("CommandPool: its end is that of its processes, willing or not", "[reward]") {
  int process = 0;
  {
    CommandPool pool(command_options(python("  a = {'score': os.getpid()}")));
    process = static_cast<int>(pool.score(five().all())[0].score);
    CHECK(runs(process));
  }
  CHECK_FALSE(runs(process));
  auto options = command_options(
      python("  a = {'score': os.getpid()}\n  print(json.dumps(a), flush=True); time.sleep(1000)"));
  auto pool = std::make_unique<CommandPool>(options);
  process = static_cast<int>(pool->score(Items({"a"}).all())[0].score);
  CHECK(seconds_of([&] { pool.reset(); }) < 5);  // half a second of grace
  CHECK_FALSE(runs(process));
}

TEST_CASE("CommandPool: leaves no open file and no process to reap", "[reward]") {
  const auto before = open_files();
  for (const char* script :
       {"exit 0", "read line; echo x", "while read line; do echo '{\"score\": 1}'; done"}) {
    auto options = impatient(script);
    options.workers = 4;
    CommandPool pool(options);
    pool.score(five().all());
  }
  CHECK(open_files() == before);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("CommandPool: processes have their standard streams and no other file", "[reward]") {
  const Scratch scratch;
  scratch.write("open", "");
  std::ifstream open_file(scratch.folder() / "open");
  CommandPool pool(command_options(python("  a = {'score': len(os.listdir('/proc/self/fd'))}")));
  CHECK(pool.score(five().all())[0].score == 4);  // and the one that lists
}

TEST_CASE("CommandPool: batches of several threads follow one another", "[reward]") {
  auto options = command_options(python(kLength));
  options.workers = 2;
  CommandPool pool(options);
  std::vector<std::vector<double>> scores(4);
  std::vector<std::thread> threads;
  for (auto& mine : scores) threads.emplace_back([&] { mine = scores_of(pool.score(five().all())); });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : scores) CHECK(mine == std::vector<double>(5, 1));
}
