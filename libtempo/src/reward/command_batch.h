// Scores one batch of responses by a pool's processes.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tempo/reward/command.h"
#include "worker.h"

namespace tempo::reward {

using Clock = std::chrono::steady_clock;

// The place of one process.
struct WorkerSlot {
  std::unique_ptr<Worker> worker;   // null: none runs
  bool has_answered = false;        // the process, at least once
  Clock::time_point start_after{};  // before that, no other is started
  std::deque<std::size_t> waiting;  // items that were sent and have no answer, in order
  Clock::time_point deadline{};     // of their next answer
};

// What stays between the batches of a pool.
struct CommandWorkers {
  CommandOptions options;
  std::vector<WorkerSlot> slots = std::vector<WorkerSlot>(static_cast<std::size_t>(options.workers));
  std::int32_t failures_in_a_row = 0;
  std::int64_t next_id = 0;  // of requests
};

// Lets the processes see the end of their input, and kills those that go on for half a second.
void end_workers(CommandWorkers& workers);

class CommandBatch {
 public:
  CommandBatch(CommandWorkers& workers, std::span<const Item> items);

  // To be called once.
  std::vector<Verdict> run();

 private:
  bool has_unsent() const { return next_ < items_.size(); }
  void feed(WorkerSlot& slot);
  bool prepare(WorkerSlot& slot);
  void send(WorkerSlot& slot);
  void wait();
  void serve(WorkerSlot& slot);
  bool take_answers(WorkerSlot& slot);
  void accept(WorkerSlot& slot, const std::string& line);
  void fail(WorkerSlot& slot, Failure failure, const std::string& why);
  void fail_item(std::size_t item, Failure failure, const std::string& why);
  void give_up();

  CommandWorkers& workers_;
  std::span<const Item> items_;
  std::vector<Verdict> verdicts_;  // [items]
  std::vector<std::int64_t> ids_;  // [items] of the requests
  std::size_t next_ = 0;           // the first item that was not sent
  std::size_t left_;               // items without a verdict
};

}  // namespace tempo::reward
