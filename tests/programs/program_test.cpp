#include "common/program.h"

#include <catch2/catch_test_macros.hpp>
#include <iostream>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "tempo/core/error.h"

namespace {

// What a program printed to each stream, and its exit status.
struct Outcome {
  int status;
  std::string out;
  std::string err;
};

// Runs a program that takes "--count N" with the given arguments and work.
Outcome run(std::vector<const char*> arguments, const std::function<void()>& work) {
  CLI::App app("Counts things");
  int count = 0;
  app.add_option("--count", count, "How many");
  arguments.insert(arguments.begin(), "program");
  const std::ostringstream out, err;
  auto* const old_out = std::cout.rdbuf(out.rdbuf());
  auto* const old_err = std::cerr.rdbuf(err.rdbuf());
  const int status =
      tempo::common::run_program(app, static_cast<int>(arguments.size()), arguments.data(), work);
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  return {status, out.str(), err.str()};
}

}  // namespace

TEST_CASE("run_program: returns 0 after its work", "[programs]") {
  bool worked = false;
  const auto outcome = run({"--count", "3"}, [&] { worked = true; });
  CHECK(worked);
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE("run_program: an error of the work is one line and status 1", "[programs]") {
  const auto outcome = run({}, [] { throw tempo::Error("a.yaml:3: expected x\nframe 0: main"); });
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "error: a.yaml:3: expected x\n");
  CHECK(run({}, [] { throw std::bad_alloc(); }).err == "error: expected enough memory, got none\n");
}

TEST_CASE("run_program: wrong usage is one line and status 2, and nothing runs", "[programs]") {
  bool worked = false;
  const auto outcome = run({"--cuont", "3"}, [&] { worked = true; });
  CHECK_FALSE(worked);
  CHECK(outcome.status == 2);
  CHECK(outcome.err.starts_with("error: "));
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
}

TEST_CASE("run_program: --help prints the options and returns 0", "[programs]") {
  const auto outcome = run({"--help"}, [] { throw tempo::Error("not reached"); });
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("--count") != std::string::npos);
}
