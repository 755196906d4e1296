#include "watch_core.h"

#include <algorithm>
#include <sstream>
#include <thread>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::dist {
namespace {

constexpr const char* kFailure = "tempo/failure";
constexpr int kBeatsToSpeak = 4;  // in which a living rank has given a sign of life

std::string beat_key(int rank) { return "tempo/beat/" + std::to_string(rank); }

std::string left_key(int rank) { return "tempo/left/" + std::to_string(rank); }

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

WatchCore::WatchCore(const GroupOptions& options, const std::string& prefix)
    : options_(options),
      store_(connect_again(options, prefix)),
      interval_(std::clamp(timeout_of(options) / 10, std::chrono::milliseconds(50),
                           std::chrono::milliseconds(1000))) {
  beat();
}

std::chrono::milliseconds WatchCore::patience() const {
  return timeout_of(options_) + kBeatsToSpeak * interval_;
}

void WatchCore::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
}

void WatchCore::enter(std::string_view what) {
  const std::lock_guard lock(mutex_);
  ++own_.collectives;
  own_.what = what;
}

void WatchCore::beat() {
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

WatchCore::Beat WatchCore::read(int rank) {
  Beat beat;
  const std::string key = beat_key(rank);
  if (!store_->check({key})) return beat;
  std::istringstream text(text_of(store_->get(key)));
  text >> beat.count >> beat.collectives;
  std::getline(text >> std::ws, beat.what);
  return beat;
}

bool WatchCore::has_left(int rank) { return store_->check({left_key(rank)}); }

std::optional<std::string> WatchCore::failure() {
  if (!store_->check({kFailure})) return {};
  return text_of(store_->get(kFailure));
}

// The first line stays. The store ends with rank 0: the others have some beats to read it.
std::string WatchCore::settle(const std::string& line) {
  const std::string first = text_of(store_->compareSet(kFailure, {}, bytes_of(line)));
  if (options_.rank == 0) std::this_thread::sleep_for(kBeatsToSpeak * interval_);
  return first;
}

void WatchCore::learn(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (known_.empty()) known_ = line;
}

std::string WatchCore::last_word(std::string_view what) {
  const std::lock_guard lock(mutex_);
  if (!known_.empty()) return known_;
  const std::string line =
      core::concat(options_.store_is_there ? "launcher" : "rank 0", ": died or lost its connection");
  return what.empty() ? core::concat(line, ", rank ", options_.rank, " was after '", own_.what, "'")
                      : core::concat(line, " (rank ", options_.rank, " was in '", what, "')");
}

std::optional<std::string> WatchCore::silent_rank() {
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
bool WatchCore::wait_an_interval() {
  std::unique_lock lock(mutex_);
  return !stopping_.wait_for(lock, interval_, [&] { return stop_; });
}

// The caller's own collective is about to fail as well: it has some beats to say so itself.
void WatchCore::tell(const std::string& line, int& beats_left) {
  if (!told_ && options_.on_failure && --beats_left <= 0 && !told_.exchange(true)) options_.on_failure(line);
}

void WatchCore::run_beats() {
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
void WatchCore::run_clock() {
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

std::string WatchCore::judge(std::string_view what, const std::string& cause) {
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

std::string WatchCore::explain(std::string_view what, const std::string& cause) {
  try {
    return judge(what, cause);
  } catch (const std::exception&) {
    return last_word(what);
  }
}

void WatchCore::report(std::string_view line) { settle(core::concat("rank ", options_.rank, ": ", line)); }

void WatchCore::leave() {
  store_->set(left_key(options_.rank), bytes_of("1"));
  const auto deadline = Clock::now() + timeout_of(options_);
  for (int rank = 1; options_.rank == 0 && rank < options_.size; ++rank)
    while (!has_left(rank) && !failure() && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace tempo::dist
