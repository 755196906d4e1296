#include "watch.h"

#include <algorithm>
#include <sstream>

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

Watch::Watch(const GroupOptions& options)
    : options_(options),
      store_(connect_again(options)),
      interval_(std::clamp(timeout_of(options) / 10, std::chrono::milliseconds(50),
                           std::chrono::milliseconds(1000))) {
  beat();
  thread_ = std::thread([this] { run(); });
}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

void Watch::enter(std::string_view what) {
  const std::lock_guard lock(mutex_);
  ++own_.collectives;
  own_.what = what;
}

void Watch::beat() {
  std::ostringstream text;
  {
    const std::lock_guard lock(mutex_);
    text << ++own_.count << ' ' << own_.collectives << ' ' << own_.what;
  }
  store_->set(beat_key(options_.rank), bytes_of(text.str()));
}

Watch::Beat Watch::read(int rank) {
  Beat beat;
  const std::string key = beat_key(rank);
  if (!store_->check({key})) return beat;
  std::istringstream text(text_of(store_->get(key)));
  text >> beat.count >> beat.collectives;
  std::getline(text >> std::ws, beat.what);
  return beat;
}

bool Watch::has_left(int rank) { return store_->check({left_key(rank)}); }

std::optional<std::string> Watch::failure() {
  if (!store_->check({kFailure})) return {};
  return text_of(store_->get(kFailure));
}

// The first line stays. The store ends with rank 0: the others have some beats to read it.
std::string Watch::settle(const std::string& line) {
  const std::string first = text_of(store_->compareSet(kFailure, {}, bytes_of(line)));
  if (options_.rank == 0) std::this_thread::sleep_for(kBeatsToSpeak * interval_);
  return first;
}

void Watch::learn(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (known_.empty()) known_ = line;
}

// The line that this rank has heard, else the one for a store that is gone.
std::string Watch::last_word(const std::string& place) {
  const std::lock_guard lock(mutex_);
  return known_.empty() ? "rank 0: died or lost its connection" + place : known_;
}

std::optional<std::string> Watch::silent_rank() {
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

void Watch::run() {
  std::optional<std::string> line;
  int beats_left = kBeatsToSpeak;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (stopping_.wait_for(lock, interval_, [&] { return stop_; })) return;
    }
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
    // The caller's own collective is about to fail as well: it has some time to say so itself.
    if (line && !told_ && options_.on_failure && --beats_left <= 0 && !told_.exchange(true))
      options_.on_failure(*line);
  }
}

std::string Watch::judge(std::string_view what, const std::string& cause) {
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

std::string Watch::explain(std::string_view what, const std::string& cause) {
  told_ = true;
  try {
    return judge(what, cause);
  } catch (const std::exception&) {
    return last_word(core::concat(" (rank ", options_.rank, " was in '", what, "')"));
  }
}

void Watch::report(std::string_view line) noexcept {
  told_ = true;
  try {
    settle(core::concat("rank ", options_.rank, ": ", line));
  } catch (const std::exception&) {
    return;  // nobody is left to hear it
  }
}

void Watch::leave() noexcept {
  try {
    store_->set(left_key(options_.rank), bytes_of("1"));
    const auto deadline = Clock::now() + timeout_of(options_);
    for (int rank = 1; options_.rank == 0 && rank < options_.size; ++rank)
      while (!has_left(rank) && !failure() && Clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    told_ = true;
  } catch (const std::exception&) {
    return;  // whoever holds the store has ended: there is nobody to tell
  }
}

}  // namespace tempo::dist
