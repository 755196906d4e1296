#include "command_batch.h"

#include <poll.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "command_protocol.h"
#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::size_t;
using Seconds = std::chrono::duration<double>;

Clock::duration duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
}

// Nothing after the first failure in a row, then doubling from 50 ms up to 2 s.
Clock::duration backoff(std::int32_t failures_in_a_row) {
  if (failures_in_a_row < 2) return {};
  return duration(std::min(0.05 * std::exp2(failures_in_a_row - 2), 2.0));
}

// Returns how the process ended; one that has closed its output is given a moment to end.
std::string ending_of(const Worker& worker) {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    if (auto ending = worker.ending(); !ending.empty()) return "the process ended " + ending;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return "the process closed its output";
}

}  // namespace

void end_workers(CommandWorkers& workers) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(500);
  for (WorkerSlot& slot : workers.slots)
    if (slot.worker) slot.worker->close_input();
  const auto is_gone = [](const WorkerSlot& slot) { return !slot.worker || !slot.worker->ending().empty(); };
  while (!std::all_of(workers.slots.begin(), workers.slots.end(), is_gone) && Clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  for (WorkerSlot& slot : workers.slots) slot.worker.reset();
}

CommandBatch::CommandBatch(CommandWorkers& workers, std::span<const Item> items)
    : workers_(workers), items_(items), verdicts_(items.size()), ids_(items.size()), left_(items.size()) {
  // After a hopeless batch one failure more ends this one.
  const std::int32_t most = workers_.options.max_failures - 1;
  workers_.failures_in_a_row = std::min(workers_.failures_in_a_row, most);
  // A batch that an exception ended, for want of memory say, leaves processes that owe answers.
  for (WorkerSlot& slot : workers_.slots) {
    if (slot.waiting.empty()) continue;
    slot.waiting.clear();
    slot.worker.reset();
  }
}

std::vector<Verdict> CommandBatch::run() {
  while (left_ > 0) {
    for (WorkerSlot& slot : workers_.slots) {
      if (workers_.failures_in_a_row >= workers_.options.max_failures) give_up();
      if (slot.waiting.empty() && has_unsent()) feed(slot);
    }
    wait();
    for (WorkerSlot& slot : workers_.slots)
      if (!slot.waiting.empty()) serve(slot);
  }
  return std::move(verdicts_);
}

void CommandBatch::feed(WorkerSlot& slot) {
  if (Clock::now() < slot.start_after || !prepare(slot)) return;
  send(slot);
}

// Sees to a process that is ready for lines. Returns false where there is none now.
bool CommandBatch::prepare(WorkerSlot& slot) {
  if (slot.worker) {
    const bool runs = slot.worker->read();
    if (slot.worker->has_output()) {
      slot.waiting.push_back(next_++);
      fail(slot, Failure::kBadAnswer, "the process wrote more than it was asked for");
      return false;
    }
    if (runs) return true;
    slot.worker.reset();  // it ended after its last answer: no response was lost
  }
  try {
    slot.worker = std::make_unique<Worker>(workers_.options.command);
    slot.has_answered = false;
    return true;
  } catch (const Error& error) {
    slot.waiting.push_back(next_++);
    fail(slot, Failure::kDeath, error.what());
    return false;
  }
}

void CommandBatch::send(WorkerSlot& slot) {
  // The last lines are dealt to all processes.
  const size_t share = (items_.size() - next_ + workers_.slots.size() - 1) / workers_.slots.size();
  const size_t count = std::min(share, static_cast<size_t>(workers_.options.batch));
  for (size_t i = 0; i < count; ++i, ++next_) {
    ids_[next_] = workers_.next_id++;
    slot.worker->send(request_line(ids_[next_], items_[next_].response, *items_[next_].example));
    slot.waiting.push_back(next_);
  }
  const CommandOptions& options = workers_.options;
  const double first = std::max(options.timeout_s, options.start_timeout_s);
  slot.deadline = Clock::now() + duration(slot.has_answered ? options.timeout_s : first);
}

// Waits until a process can be served or started, or is late.
void CommandBatch::wait() {
  std::vector<pollfd> files;
  std::optional<Clock::time_point> until;
  for (const WorkerSlot& slot : workers_.slots) {
    if (slot.waiting.empty() && !has_unsent()) continue;
    const auto when = slot.waiting.empty() ? slot.start_after : slot.deadline;
    until = until ? std::min(*until, when) : when;
    if (slot.waiting.empty()) continue;
    files.push_back({slot.worker->output(), POLLIN, 0});
    if (slot.worker->has_unsent()) files.push_back({slot.worker->input(), POLLOUT, 0});
  }
  if (!until) return;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now()).count();
  constexpr std::int64_t kMinute = 60'000;
  ::poll(files.data(), files.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, kMinute)));
}

void CommandBatch::serve(WorkerSlot& slot) {
  const bool writes = slot.worker->write();
  const bool reads = slot.worker->read();
  if (!take_answers(slot) || slot.waiting.empty()) return;
  if (slot.worker->is_line_too_long()) {
    fail(slot, Failure::kBadAnswer, core::concat("the answer is longer than ", Worker::kMaxLine, " bytes"));
  } else if (!writes || !reads) {
    fail(slot, Failure::kDeath, ending_of(*slot.worker));
  } else if (Clock::now() >= slot.deadline) {
    fail(slot, Failure::kTimeout, "no answer in time");
  }
}

// Returns false where the process has failed.
bool CommandBatch::take_answers(WorkerSlot& slot) {
  try {
    while (!slot.waiting.empty()) {
      const auto line = slot.worker->take_line();
      if (!line) return true;
      accept(slot, *line);
    }
    return true;
  } catch (const Error& error) {
    fail(slot, Failure::kBadAnswer, error.what());
    return false;
  }
}

// Throws tempo::Error where the line answers nothing that was asked.
void CommandBatch::accept(WorkerSlot& slot, const std::string& line) {
  TEMPO_CHECK(line.size() <= Worker::kMaxLine, "the answer is longer than ", Worker::kMaxLine, " bytes");
  Answer answer = parse_answer(line);
  const auto asked = std::find_if(slot.waiting.begin(), slot.waiting.end(),
                                  [&](size_t item) { return !answer.id || *answer.id == ids_[item]; });
  TEMPO_CHECK(asked != slot.waiting.end(), "expected the id of a request that waits, got ", *answer.id);
  verdicts_[*asked] = {answer.score, std::move(answer.reason), std::move(answer.extracted), Failure::kNone};
  slot.waiting.erase(asked);
  slot.has_answered = true;
  slot.deadline = Clock::now() + duration(workers_.options.timeout_s);
  workers_.failures_in_a_row = 0;
  --left_;
}

// The slot's process has failed, and with it all that it was sent.
void CommandBatch::fail(WorkerSlot& slot, Failure failure, const std::string& why) {
  for (const size_t item : slot.waiting) fail_item(item, failure, why);
  slot.waiting.clear();
  slot.worker.reset();
  slot.start_after = Clock::now() + backoff(++workers_.failures_in_a_row);
}

void CommandBatch::fail_item(size_t item, Failure failure, const std::string& why) {
  verdicts_[item] = {workers_.options.failure_score, why, {}, failure};
  --left_;
}

void CommandBatch::give_up() {
  for (; has_unsent(); ++next_)
    fail_item(next_, Failure::kUnavailable,
              core::concat("not sent: processes failed ", workers_.failures_in_a_row, " times in a row"));
}

}  // namespace tempo::reward
