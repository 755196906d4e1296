// The ranks' signs of life, and which rank is at fault when a collective fails.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "backend.h"

namespace tempo::dist {

// Every rank counts beats in the store and says in which collective it is. All read rank 0's, and rank 0
// those of all. The first line that says who is at fault stands in the store, so all ranks end with the same
// one.
class Watch {
 public:
  explicit Watch(const GroupOptions& options);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  // This rank begins a collective.
  void enter(std::string_view what);

  // Returns the line for a collective that failed with `cause`. Takes a few beats.
  std::string explain(std::string_view what, const std::string& cause);

  void report(std::string_view line) noexcept;

  // This rank ends without a failure. Rank 0, with whom the store ends, waits for the others to do so, too.
  void leave() noexcept;

 private:
  struct Beat {
    std::int64_t count = -1;
    std::int64_t collectives = 0;
    std::string what;  // the last one
  };
  using Clock = std::chrono::steady_clock;

  void run();
  void beat();
  std::optional<std::string> silent_rank();
  Beat read(int rank);
  bool has_left(int rank);
  std::optional<std::string> failure();
  std::string settle(const std::string& line);
  void learn(const std::string& line);
  std::string last_word(const std::string& place);
  std::string judge(std::string_view what, const std::string& cause);

  GroupOptions options_;
  StorePtr store_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  Beat own_;
  std::string known_;               // who is at fault, as this rank has heard
  std::atomic<bool> told_ = false;  // this rank's caller has the line, or made it
  std::map<int, std::pair<std::int64_t, Clock::time_point>> seen_;
  std::thread thread_;
};

}  // namespace tempo::dist
