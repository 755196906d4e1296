// Groups of processes on this machine: what they exchange, and that they end together.
#include "tempo/dist/group.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <sstream>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "dist/ranks.h"
#include "tempo/core/error.h"

using Catch::Matchers::ContainsSubstring;
using namespace tempo;

namespace {

std::string error_of(const dist::GroupOptions& options) {
  try {
    dist::Group group(options);
    return "made";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("Group: alone, collectives change nothing", "[dist]") {
  dist::Group group;
  const at::Tensor tensor = at::arange(3, at::kFloat), out = at::empty({3});
  group.sum(tensor, "sum");
  group.maximum(tensor, "maximum");
  group.broadcast(tensor, 0, "broadcast");
  group.reduce_scatter(out, tensor, "scatter").wait();
  CHECK(at::equal(out, at::arange(3, at::kFloat)));
  CHECK(at::equal(tensor, out));
  CHECK(group.exchange("text", "exchange") == std::vector<std::string>{"text"});
  CHECK(group.sum(2.5, "value") == 2.5);
  CHECK((group.rank() == 0 && group.size() == 1 && group.bytes_sent() == 0));
}

TEST_CASE("Group: ranks exchange tensors and bytes", "[dist]") {
  const int size = GENERATE(2, 3);
  const auto results = run_ranks(size, "collectives", 20);
  const int sum_of_ranks = size * (size - 1) / 2;
  for (int rank = 0; rank < size; ++rank) {
    CAPTURE(rank, size);
    std::ostringstream expected;
    for (int i = 0; i < 3; ++i) expected << (i ? " " : "") << i * size + sum_of_ranks;
    expected << '\n' << size - 1 << ' ' << size - 1 << '\n' << size - 1 << ' ' << size - 1 << '\n';
    for (int i = 0; i < 2; ++i) expected << (i ? " " : "") << (2 * rank + i) * size + sum_of_ranks;
    expected << '\n';
    for (int i = 0; i < 2 * size; ++i) expected << (i ? " " : "") << i * size + sum_of_ranks;
    expected << '\n';
    for (int i = 0; i < size; ++i) expected << '[' << std::string(static_cast<std::size_t>(i), 'x') << ']';
    expected << '\n' << 0.25 * size * (size + 1) << ' ';
    const auto& result = results[static_cast<std::size_t>(rank)];
    CHECK(result.status == 0);
    CHECK_THAT(result.output, ContainsSubstring(expected.str()));
  }
}

TEST_CASE("Group: in a launcher's store, ranks that are started again hear nothing of those before",
          "[dist]") {
  const auto launcher = c10::make_intrusive<c10d::TCPStore>(
      "127.0.0.1", c10d::TCPStoreOptions{.port = 0, .isServer = true, .waitWorkers = false});
  const int port = launcher->getPort();
  for (const auto& result : run_ranks(3, "fails", 5, 2, port)) CHECK(result.status == 1);
  for (const auto& result : run_ranks(3, "collectives", 20, -1, port)) {
    CAPTURE(result.output);
    CHECK(result.status == 0);
  }
  for (const int rank : {0, 1}) {
    CHECK_THAT(
        error_of({.rank = rank, .size = 2, .port = port, .store_is_there = true, .start_timeout_s = 0.3}),
        ContainsSubstring(": expected 2 ranks to meet at 127.0.0.1:") &&
            ContainsSubstring(" within 0.3 s, got: "));
  }
}

TEST_CASE("Group: when a launcher ends with its store, the ranks end, too", "[dist]") {
  auto launcher = c10::make_intrusive<c10d::TCPStore>(
      "127.0.0.1", c10d::TCPStoreOptions{.port = 0, .isServer = true, .waitWorkers = false});
  const int port = launcher->getPort();
  const std::jthread end([&] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    launcher.reset();
  });
  for (const auto& result : run_ranks(2, "waits", 5, -1, port)) {
    CHECK(result.status == 1);
    CHECK_THAT(result.output, ContainsSubstring("told: launcher: died or lost its connection, rank "));
  }
}

TEST_CASE("Group: a rank's end ends all with a line that names it", "[dist]") {
  struct Case {
    const char* scenario;
    const char* line;
  };
  const auto [scenario, line] =
      GENERATE(Case{"dies", "rank 2: died or was stopped (rank "}, Case{"stops", "rank 2: "},
               Case{"fails", "rank 2: data.jsonl:3: expected JSON"},
               Case{"is_late", "rank 2: did not come within 5 s, it was after 'first' (rank "},
               Case{"dies_alone", "told: rank 2: no sign of life for 5 s"});
  CAPTURE(scenario);
  const auto begin = std::chrono::steady_clock::now();
  const auto results = run_ranks(3, scenario, 5, 2);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(50));
  for (std::size_t rank = 0; rank < 2; ++rank) {
    CHECK(results[rank].status == 1);
    CHECK_THAT(results[rank].output, ContainsSubstring(line));
  }
}

TEST_CASE("Group: without rank 0 the others end, too", "[dist]") {
  const std::string scenario = GENERATE("first_dies", "first_stops", "first_stops_alone");
  CAPTURE(scenario);
  const auto begin = std::chrono::steady_clock::now();
  const auto results = run_ranks(3, scenario, 5, 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(40));
  for (std::size_t rank = 1; rank < 3; ++rank) {
    CHECK(results[rank].status == 1);
    CHECK_THAT(results[rank].output, ContainsSubstring("rank 0: "));
  }
}

TEST_CASE("Group: refuses options that make no group", "[dist]") {
  CHECK(error_of({.rank = 2, .size = 2}) == "rank: expected 0 to 1, got 2");
  CHECK(error_of({.size = 0}) == "size: expected 1 or more, got 0");
  CHECK(error_of({.size = 2, .port = 0}) == "port: expected 1 to 65535, got 0");
  CHECK_THAT(error_of({.size = 2, .port = free_port(), .start_timeout_s = 0.5}),
             ContainsSubstring("rank 0: expected 2 ranks to meet at 127.0.0.1:"));
}
