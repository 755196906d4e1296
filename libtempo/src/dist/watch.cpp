#include "watch.h"

#include <chrono>
#include <utility>

#include "watch_core.h"

namespace tempo::dist {
namespace {

// Runs the function in a thread that nobody has to wait for.
template <typename T, typename Function>
std::future<T> in_thread(Function function) {
  std::packaged_task<T()> task(std::move(function));
  auto future = task.get_future();
  std::thread(std::move(task)).detach();
  return future;
}

}  // namespace

Watch::Watch(const GroupOptions& options, const std::string& prefix)
    : core_(std::make_shared<WatchCore>(options, prefix)) {
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
