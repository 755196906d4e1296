// A launcher's store outlives the ranks, so it holds what those of earlier starts left there; and which start
// this is, torchrun does not tell: it counts on each machine for itself.
#include <chrono>
#include <map>
#include <random>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <utility>

#include "backend.h"
#include "tempo/core/error.h"
#include "tempo/core/hex.h"

namespace tempo::dist {
namespace {

constexpr const char *kStarts = "tempo/starts", *kArrived = "arrived", *kAllArrived = "all arrived";

std::string hello_key(int rank) { return core::concat("tempo/hello/", rank); }
std::string welcome_key(const std::string& name) { return "tempo/welcome/" + name; }

std::string text_at(c10d::Store& store, const std::string& key) {
  const auto bytes = store.get(key);
  return {bytes.begin(), bytes.end()};
}

// Rank 0 tells every name that it finds the prefix, until all have come: a name may be one of an earlier
// start.
void welcome_all(c10d::Store& store, c10d::Store& own, const std::string& prefix,
                 const GroupOptions& options) {
  constexpr std::chrono::milliseconds kPause(20);
  const auto deadline = std::chrono::steady_clock::now() + milliseconds_of(options.start_timeout_s);
  std::map<int, std::string> welcomed;
  while (!own.check({kAllArrived})) {
    TEMPO_CHECK(std::chrono::steady_clock::now() < deadline, "too few of them");
    for (int rank = 1; rank < options.size; ++rank) {
      if (!store.check({hello_key(rank)})) continue;
      const std::string name = text_at(store, hello_key(rank));
      if (std::exchange(welcomed[rank], name) != name) store.set(welcome_key(name), prefix);
    }
    std::this_thread::sleep_for(kPause);
  }
}

// Another rank writes a name that nobody had before, and waits until it is told the prefix.
std::string ask_for_prefix(c10d::Store& store, const GroupOptions& options) {
  std::random_device random;
  const std::string name = core::hex_text(std::uint64_t{random()} << 32 | random());
  store.set(hello_key(options.rank), name);
  store.wait({welcome_key(name)}, milliseconds_of(options.start_timeout_s));
  return text_at(store, welcome_key(name));
}

}  // namespace

StorePtr with_prefix(StorePtr store, const std::string& prefix) {
  if (prefix.empty()) return store;
  return c10::make_intrusive<c10d::PrefixStore>(prefix, std::move(store));
}

Meeting meet_at(const StorePtr& store, const GroupOptions& options) {
  const std::string prefix = options.rank == 0 ? core::concat("tempo/start-", store->add(kStarts, 1))
                                               : ask_for_prefix(*store, options);
  Meeting meeting{.store = with_prefix(store, prefix), .prefix = prefix};
  if (options.rank == 0) {
    welcome_all(*store, *meeting.store, prefix, options);
  } else {
    if (meeting.store->add(kArrived, 1) == options.size - 1)
      meeting.store->set(kAllArrived, std::string("1"));
    meeting.store->wait({kAllArrived}, milliseconds_of(options.start_timeout_s));
  }
  return meeting;
}

}  // namespace tempo::dist
