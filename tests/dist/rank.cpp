// One rank of a test: RANK SIZE PORT TIMEOUT_S SCENARIO [store], where the store is there. Prints what
// it found, "error: LINE" for a failure.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "tempo/core/error.h"
#include "tempo/dist/group.h"

using tempo::dist::Group;

namespace {

void print_numbers(const at::Tensor& tensor) {
  for (std::int64_t i = 0; i < tensor.numel(); ++i) std::cout << (i ? " " : "") << tensor[i].item<double>();
  std::cout << '\n';
}

void collectives(Group& group) {
  const int rank = group.rank(), size = group.size();
  const at::Tensor sum = at::arange(3, at::kFloat) + rank;
  group.sum(sum, "sum");
  print_numbers(sum);
  const at::Tensor largest = at::full({2}, rank, at::kLong);
  group.maximum(largest, "maximum");
  print_numbers(largest);
  const at::Tensor from_last = at::full({2}, rank, at::kBFloat16);
  group.broadcast(from_last, size - 1, "broadcast");
  print_numbers(from_last);
  const at::Tensor whole = at::arange(2 * size, at::kFloat) + rank, part = at::empty({2});
  group.reduce_scatter(part, whole, "reduce_scatter").wait();
  print_numbers(part);
  group.all_gather(whole, part, "all_gather").wait();
  print_numbers(whole);
  for (const std::string& text : group.exchange(std::string(static_cast<std::size_t>(rank), 'x'), "exchange"))
    std::cout << '[' << text << ']';
  std::cout << '\n' << group.sum(0.5 * (rank + 1), "value") << ' ' << group.bytes_sent() << '\n';
}

// The last rank meets its end after a first collective; the others go on to a second.
template <typename End>
void second_without_last(Group& group, const End& end) {
  group.sum(at::ones({4}), "first");
  if (group.rank() == group.size() - 1) end();
  group.sum(at::ones({4}), "second");
}

void run(const std::string& scenario, const tempo::dist::GroupOptions& options) {
  Group group(options);
  if (scenario == "collectives") {
    collectives(group);
  } else if (scenario == "dies") {
    second_without_last(group, [] { ::kill(::getpid(), SIGKILL); });
  } else if (scenario == "stops") {
    second_without_last(group, [] { ::kill(::getpid(), SIGSTOP); });
  } else if (scenario == "fails") {
    second_without_last(group, [&] {
      group.report_failure("data.jsonl:3: expected JSON");
      std::_Exit(1);
    });
  } else if (scenario == "is_late") {
    second_without_last(group, [&] { std::this_thread::sleep_for(std::chrono::seconds(60)); });
  } else if (scenario == "first_dies" || scenario == "first_stops") {
    group.sum(at::ones({4}), "first");
    if (group.rank() == 0) ::kill(::getpid(), scenario == "first_dies" ? SIGKILL : SIGSTOP);
    group.sum(at::ones({4}), "second");
  } else if (scenario == "first_stops_alone") {
    if (group.rank() == 0) ::kill(::getpid(), SIGSTOP);
    std::this_thread::sleep_for(std::chrono::seconds(60));
  } else if (scenario == "waits") {
    std::this_thread::sleep_for(std::chrono::seconds(60));
  } else if (scenario == "dies_alone") {  // while the others are busy with something else
    if (group.rank() == group.size() - 1) ::kill(::getpid(), SIGKILL);
    std::this_thread::sleep_for(std::chrono::seconds(60));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) return 2;
  tempo::dist::GroupOptions options;
  options.rank = std::stoi(argv[1]);
  options.size = std::stoi(argv[2]);
  options.port = std::stoi(argv[3]);
  options.timeout_s = std::stod(argv[4]);
  options.store_is_there = argc == 7;
  options.on_failure = [](const std::string& line) {
    std::cout << "told: " << line << std::endl;
    std::_Exit(1);
  };
  try {
    run(argv[5], options);
  } catch (const tempo::Error& error) {
    std::cout << "error: " << error.what() << std::endl;
    std::_Exit(1);
  }
}
