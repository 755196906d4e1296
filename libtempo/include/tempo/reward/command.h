// Rewards that programs outside of this process give: one JSON line in, one out (docs/rewards.md).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/reward/response.h"
#include "tempo/reward/verdict.h"

namespace tempo::reward {

struct CommandOptions {
  std::vector<std::string> command;  // program, looked up in PATH, and its arguments
  std::int32_t workers = 1;          // processes
  std::int32_t batch = 1;            // lines that a process is sent ahead of its answers
  double timeout_s = 10;             // for an answer, since the lines were sent or the last answer came
  double start_timeout_s = 30;       // the same for the first answer of a new process, where it is longer
  double failure_score = 0;          // of a response whose process failed
  std::int32_t max_failures = 16;    // of processes in a row; then the rest of a batch fails at once

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Processes that score responses, started when they are needed and kept. A process that does not answer in
// time, ends, or writes something else than an answer is killed, with all processes of its group, and
// replaced; what it was sent scores failure_score, with the cause in the verdict. A replacement waits after
// several failures in a row, up to 2 s. With T the longer of the two timeouts, a batch of N items takes at
// most ceil(N / workers) (T + 2 s), and at most max_failures (T + 2 s) from the last answer on.
//
// Thread-safe: batches of several threads follow one another. Processes have groups of their own, standard
// error as this process has it, and no other file of it. They see the end of their input when the pool is
// destroyed, or when this process ends in whatever way; the pool kills those that go on half a second later.
class CommandPool {
 public:
  // Starts nothing yet. Throws tempo::Error as validate does.
  explicit CommandPool(CommandOptions options);
  CommandPool(const CommandPool&) = delete;
  CommandPool& operator=(const CommandPool&) = delete;
  ~CommandPool();

  // Sends an empty response to the example, to see a wrong command before the work. Once: later calls do
  // nothing. Throws tempo::Error where the program cannot be started or does not answer.
  void start(const data::Example& example);

  // Returns a verdict for each item. Throws nothing for what processes do.
  std::vector<Verdict> score(std::span<const Item> items);

  const CommandOptions& options() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tempo::reward
