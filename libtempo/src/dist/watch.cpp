#include "watch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>

#include "backend.h"
#include "tempo/core/error.h"

namespace tempo::dist {
namespace {

constexpr const char* kFailure = "tempo/failure";
constexpr int kBeatsToSpeak = 4;  // in which a living rank has given a sign of life

std::string beat_key(int rank) { return "tempo/beat/" + std::to_string(rank); }

std::string left_key(int rank) { return "tempo/left/" + std::to_string(rank); }

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

// Runs the function in a thread that nobody has to wait for.
template <typename T, typename Function>
std::future<T> in_thread(Function function) {
  std::packaged_task<T()> task(std::move(function));
  auto future = task.get_future();
  std::thread(std::move(task)).detach();
  return future;
}

}  // namespace

class Watch::Core {
 public:
  explicit Core(const GroupOptions& options)
      : options_(options),
        store_(connect_again(options)),
        interval_(std::clamp(timeout_of(options) / 10, std::chrono::milliseconds(50),
                             std::chrono::milliseconds(1000))) {
    beat();
  }

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
  std::chrono::milliseconds patience() const { return timeout_of(options_) + kBeatsToSpeak * interval_; }

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

void Watch::Core::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
}

void Watch::Core::enter(std::string_view what) {
  const std::lock_guard lock(mutex_);
  ++own_.collectives;
  own_.what = what;
}

void Watch::Core::beat() {
  std::ostringstream text;
  {
    const std::lock_guard lock(mutex_);
    text << ++own_.count << ' ' << own_.collectives << ' ' << own_.what;
  }
  store_->set(beat_key(options_.rank), bytes_of(text.str()));
  store_->check({kFailure});  // set does not wait for an answer
  const std::lock_guard lock(mutex_);
  contact_ = Clock::now();
}

Watch::Core::Beat Watch::Core::read(int rank) {
  Beat beat;
  const std::string key = beat_key(rank);
  if (!store_->check({key})) return beat;
  std::istringstream text(text_of(store_->get(key)));
  text >> beat.count >> beat.collectives;
  std::getline(text >> std::ws, beat.what);
  return beat;
}

bool Watch::Core::has_left(int rank) { return store_->check({left_key(rank)}); }

std::optional<std::string> Watch::Core::failure() {
  if (!store_->check({kFailure})) return {};
  return text_of(store_->get(kFailure));
}

// The first line stays. The store ends with rank 0: the others have some beats to read it.
std::string Watch::Core::settle(const std::string& line) {
  const std::string first = text_of(store_->compareSet(kFailure, {}, bytes_of(line)));
  if (options_.rank == 0) std::this_thread::sleep_for(kBeatsToSpeak * interval_);
  return first;
}

void Watch::Core::learn(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (known_.empty()) known_ = line;
}

std::string Watch::Core::last_word(std::string_view what) {
  const std::lock_guard lock(mutex_);
  if (!known_.empty()) return known_;
  const std::string line = "rank 0: died or lost its connection";
  return what.empty() ? core::concat(line, ", rank ", options_.rank, " was after '", own_.what, "'")
                      : core::concat(line, " (rank ", options_.rank, " was in '", what, "')");
}

std::optional<std::string> Watch::Core::silent_rank() {
  const auto now = Clock::now();
  const int last = options_.rank == 0 ? options_.size - 1 : 0;
  for (int rank = 0; rank <= last; ++rank) {
    if (rank == options_.rank || has_left(rank)) continue;
    const Beat beat = read(rank);
    auto [place, is_new] = seen_.try_emplace(rank, beat.count, now);
    if (beat.count != place->second.first) place->second = {beat.count, now};
    if (now - place->second.second > timeout_of(options_))
      return core::concat("rank ", rank, ": no sign of life for ", options_.timeout_s, " s, it was after '",
                          beat.what, "'");
  }
  return {};
}

// Returns false when the watch ends.
bool Watch::Core::wait_an_interval() {
  std::unique_lock lock(mutex_);
  return !stopping_.wait_for(lock, interval_, [&] { return stop_; });
}

// The caller's own collective is about to fail as well: it has some beats to say so itself.
void Watch::Core::tell(const std::string& line, int& beats_left) {
  if (!told_ && options_.on_failure && --beats_left <= 0 && !told_.exchange(true)) options_.on_failure(line);
}

void Watch::Core::run_beats() {
  std::optional<std::string> line;
  int beats_left = kBeatsToSpeak;
  while (wait_an_interval()) {
    try {
      beat();
      if (!line) line = failure();
      if (!line) {
        line = silent_rank();
        if (line) line = settle(*line);
      }
      if (line) learn(*line);
    } catch (const std::exception&) {
      if (!line) line = last_word("");
    }
    if (line) tell(*line, beats_left);
  }
}

// Makes no call to the store.
void Watch::Core::run_clock() {
  int beats_left = kBeatsToSpeak;
  while (wait_an_interval()) {
    bool is_silent = false;
    {
      const std::lock_guard lock(mutex_);
      is_silent = Clock::now() - contact_ > timeout_of(options_);
    }
    if (is_silent) tell(last_word(""), beats_left);
  }
}

std::string Watch::Core::judge(std::string_view what, const std::string& cause) {
  std::vector<Beat> before;
  for (int rank = 0; rank < options_.size; ++rank) before.push_back(read(rank));
  std::this_thread::sleep_for(kBeatsToSpeak * interval_);
  if (const auto known = failure()) return settle(*known);
  const auto waited = core::concat(" (rank ", options_.rank, " was in '", what, "')");
  std::int64_t own = 0;
  {
    const std::lock_guard lock(mutex_);
    own = own_.collectives;
  }
  for (int rank = 0; rank < options_.size; ++rank) {
    if (rank != options_.rank && read(rank).count == before[static_cast<std::size_t>(rank)].count)
      return settle(core::concat("rank ", rank, ": died or was stopped", waited));
  }
  for (int rank = 0; rank < options_.size; ++rank) {
    const Beat beat = read(rank);
    if (beat.collectives < own) {
      return settle(core::concat("rank ", rank, ": did not come within ", options_.timeout_s,
                                 " s, it was after '", beat.what, "'", waited));
    }
  }
  return settle(core::concat("rank ", options_.rank, ": '", what, "' failed: ", cause));
}

std::string Watch::Core::explain(std::string_view what, const std::string& cause) {
  try {
    return judge(what, cause);
  } catch (const std::exception&) {
    return last_word(what);
  }
}

void Watch::Core::report(std::string_view line) { settle(core::concat("rank ", options_.rank, ": ", line)); }

void Watch::Core::leave() {
  store_->set(left_key(options_.rank), bytes_of("1"));
  const auto deadline = Clock::now() + timeout_of(options_);
  for (int rank = 1; options_.rank == 0 && rank < options_.size; ++rank)
    while (!has_left(rank) && !failure() && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

Watch::Watch(const GroupOptions& options) : core_(std::make_shared<Core>(options)) {
  beats_ = in_thread<void>([core = core_] { core->run_beats(); });
  clock_ = std::thread([core = core_] { core->run_clock(); });
}

Watch::~Watch() {
  core_->stop();
  clock_.join();
  beats_.wait_for(std::chrono::seconds(1));
}

void Watch::enter(std::string_view what) { core_->enter(what); }

std::string Watch::explain(std::string_view what, const std::string& cause) {
  core_->set_told();
  auto line = in_thread<std::string>(
      [core = core_, where = std::string(what), cause] { return core->explain(where, cause); });
  if (line.wait_for(core_->patience()) == std::future_status::ready) return line.get();
  return core_->last_word(what);
}

void Watch::report(std::string_view line) noexcept {
  core_->set_told();
  const auto done = in_thread<void>([core = core_, text = std::string(line)] { core->report(text); });
  done.wait_for(core_->patience());  // else nobody is left to hear it
}

void Watch::leave() noexcept {
  const auto done = in_thread<void>([core = core_] { core->leave(); });
  done.wait_for(core_->patience());  // else whoever holds the store has ended: there is nobody to tell
  core_->set_told();
}

}  // namespace tempo::dist
