// The ranks' signs of life, and which rank is at fault when a collective fails.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "tempo/dist/group.h"

namespace tempo::dist {

class WatchCore;

// Every rank counts beats in the store and says in which collective it is. All read rank 0's, and rank 0
// those of all. The first line that says who is at fault stands in the store, so all ranks end with the same
// one.
class Watch {
 public:
  Watch(const GroupOptions& options, const std::string& prefix);
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
  // Calls to the store may never return, where its machine is cut off or its process stopped: what makes them
  // runs in threads of its own, which are left behind then, and share the core.
  std::shared_ptr<WatchCore> core_;
  std::future<void> beats_;
  std::thread clock_;
};

}  // namespace tempo::dist
