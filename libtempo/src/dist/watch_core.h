// What a rank says of itself in the store, and reads of the others there. Calls to the store may never
// return: whoever makes them runs in a thread that can be left behind (watch.h).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "backend.h"

namespace tempo::dist {

class WatchCore {
 public:
  WatchCore(const GroupOptions& options, const std::string& prefix);

  // Bodies of the threads, until stop().
  void run_beats();
  void run_clock();
  void stop();

  void enter(std::string_view what);
  std::string explain(std::string_view what, const std::string& cause);
  void report(std::string_view line);
  void leave();

  // The line that this rank has heard, else the one for a store that does not answer.
  std::string last_word(std::string_view what);
  // This rank's caller has a line, or made it.
  void set_told() { told_ = true; }
  // In which explain, report and leave end where the store answers.
  std::chrono::milliseconds patience() const;

 private:
  struct Beat {
    std::int64_t count = -1;
    std::int64_t collectives = 0;
    std::string what;  // the last one
  };
  using Clock = std::chrono::steady_clock;

  bool wait_an_interval();
  void tell(const std::string& line, int& beats_left);
  void beat();
  std::optional<std::string> silent_rank();
  Beat read(int rank);
  bool has_left(int rank);
  std::optional<std::string> failure();
  std::string settle(const std::string& line);
  void learn(const std::string& line);
  std::string judge(std::string_view what, const std::string& cause);

  GroupOptions options_;
  StorePtr store_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  Beat own_;
  std::string known_;                         // who is at fault, as this rank has heard
  Clock::time_point contact_ = Clock::now();  // the store answered
  std::atomic<bool> told_ = false;            // this rank's caller has the line, or made it
  std::map<int, std::pair<std::int64_t, Clock::time_point>> seen_;
};

}  // namespace tempo::dist
