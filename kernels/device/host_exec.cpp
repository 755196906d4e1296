#include "device/host_exec.h"

#include <ucontext.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "tempo/core/error.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace tempo::kernels::host_exec {
namespace {

constexpr std::size_t kStackBytes = std::size_t{64} << 10;
constexpr unsigned kWarp = 32;

enum class State { kReady, kAtBlock, kAtWarp, kDone };

struct Fiber {
  ucontext_t context{};
  std::unique_ptr<std::byte[]> stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  Index thread;
  State state = State::kReady;
  std::source_location site;
  std::uint64_t sent = 0;
  void* fake_stack = nullptr;  // AddressSanitizer's, while the fiber waits
};

// The fibers of one block after another.
class Executor {
 public:
  Executor(Extent blocks, Extent threads, std::size_t shared_bytes, const std::function<void()>& body)
      : place_{.thread = {}, .block = {}, .threads = threads, .blocks = blocks},
        shared_(shared_bytes),
        fibers_(std::size_t{threads.x} * threads.y * threads.z),
        exchange_((fibers_.size() + kWarp - 1) / kWarp * kWarp),
        body_(body) {}

  void run_block(Index block, std::mt19937_64& random);
  void wait(State state, std::source_location site);
  const std::uint64_t* exchange(std::uint64_t value, std::source_location site);
  void enter();

  const Place& place() const { return place_; }
  std::byte* shared() { return shared_.data(); }

 private:
  void start(unsigned index);
  void resume(Fiber& fiber);
  void suspend(Fiber& fiber, bool ends);
  bool release_warps();
  bool release_warp(std::size_t begin, std::size_t end);
  bool release_block();
  [[noreturn]] void diverged(const Fiber& a, const Fiber& b) const;

  Place place_;
  std::vector<std::byte> shared_;
  std::vector<Fiber> fibers_;
  std::vector<std::uint64_t> exchange_;
  const std::function<void()>& body_;
  Fiber* current_ = nullptr;
  std::exception_ptr error_;
  ucontext_t scheduler_{};
  void* scheduler_fake_stack_ = nullptr;
  const void* scheduler_stack_ = nullptr;
  std::size_t scheduler_stack_bytes_ = 0;
};

Executor* executor = nullptr;  // of the grid that runs
std::uint64_t schedule_seed = 0;

bool same(const std::source_location& a, const std::source_location& b) {
  return a.line() == b.line() && a.column() == b.column() && std::string_view(a.file_name()) == b.file_name();
}

void Executor::start(unsigned index) {
  Fiber& fiber = fibers_[index];
  const Extent& threads = place_.threads;
  fiber.thread = {index % threads.x, index / threads.x % threads.y, index / (threads.x * threads.y)};
  fiber.state = State::kReady;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = nullptr;
  makecontext(
      &fiber.context, [] { executor->enter(); }, 0);
}

void Executor::enter() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &scheduler_stack_, &scheduler_stack_bytes_);
#endif
  try {
    body_();
  } catch (...) {
    error_ = std::current_exception();
  }
  current_->state = State::kDone;
  suspend(*current_, true);
}

void Executor::resume(Fiber& fiber) {
  current_ = &fiber;
  place_.thread = fiber.thread;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&scheduler_fake_stack_, fiber.stack.get(), kStackBytes);
#endif
  swapcontext(&scheduler_, &fiber.context);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(scheduler_fake_stack_, nullptr, nullptr);
#endif
}

void Executor::suspend(Fiber& fiber, [[maybe_unused]] bool ends) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(ends ? nullptr : &fiber.fake_stack, scheduler_stack_,
                                 scheduler_stack_bytes_);
#endif
  swapcontext(&fiber.context, &scheduler_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fiber.fake_stack, &scheduler_stack_, &scheduler_stack_bytes_);
#endif
}

void Executor::wait(State state, std::source_location site) {
  current_->state = state;
  current_->site = site;
  suspend(*current_, false);
}

const std::uint64_t* Executor::exchange(std::uint64_t value, std::source_location site) {
  const auto warp = static_cast<std::size_t>(current_ - fibers_.data()) / kWarp * kWarp;
  current_->sent = value;
  wait(State::kAtWarp, site);
  return &exchange_[warp];
}

void Executor::diverged(const Fiber& a, const Fiber& b) const {
  core::fail("host_exec: expected all threads at one barrier, got thread ", &a - fibers_.data(), " at ",
             a.site.file_name(), ":", a.site.line(), " and thread ", &b - fibers_.data(), " at ",
             b.site.file_name(), ":", b.site.line(), " of block ", place_.block.x);
}

// Lets a warp go on whose lanes have all come to the same exchange, or ended.
bool Executor::release_warp(std::size_t begin, std::size_t end) {
  const Fiber* first = nullptr;
  for (std::size_t i = begin; i < end; ++i) {
    const Fiber& fiber = fibers_[i];
    if (fiber.state == State::kDone) continue;
    if (fiber.state != State::kAtWarp) return false;
    if (first && !same(first->site, fiber.site)) diverged(*first, fiber);
    if (!first) first = &fiber;
  }
  if (!first) return false;
  for (std::size_t i = begin; i < end; ++i) {
    exchange_[i] = fibers_[i].state == State::kDone ? 0 : fibers_[i].sent;
    if (fibers_[i].state == State::kAtWarp) fibers_[i].state = State::kReady;
  }
  return true;
}

bool Executor::release_warps() {
  bool any = false;
  for (std::size_t begin = 0; begin < fibers_.size(); begin += kWarp)
    any |= release_warp(begin, std::min<std::size_t>(begin + kWarp, fibers_.size()));
  return any;
}

// Lets all go on from the block's barrier; returns whether any thread is left. On a GPU a thread that has
// ended counts as arrived.
bool Executor::release_block() {
  const Fiber* first = nullptr;
  for (const Fiber& fiber : fibers_) {
    if (fiber.state == State::kDone) continue;
    if (first && (fiber.state != first->state || !same(fiber.site, first->site))) diverged(*first, fiber);
    if (!first) first = &fiber;
  }
  if (!first) return false;
  for (Fiber& fiber : fibers_)
    if (fiber.state == State::kAtBlock) fiber.state = State::kReady;
  return true;
}

void Executor::run_block(Index block, std::mt19937_64& random) {
  place_.block = block;
  std::fill(shared_.begin(), shared_.end(), std::byte{0xc7});
  for (unsigned i = 0; i < fibers_.size(); ++i) start(i);
  std::vector<std::size_t> order(fibers_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (;;) {
    std::shuffle(order.begin(), order.end(), random);
    bool progressed = false;
    for (const std::size_t i : order) {
      if (fibers_[i].state != State::kReady) continue;
      resume(fibers_[i]);
      progressed = true;
    }
    if (error_) std::rethrow_exception(error_);
    if (release_warps() || progressed) continue;
    if (!release_block()) return;
  }
}

}  // namespace

void set_schedule_seed(std::uint64_t seed) { schedule_seed = seed; }

void run_grid(Extent blocks, Extent threads, std::size_t shared_bytes, const std::function<void()>& body) {
  std::vector<Index> order;
  for (unsigned y = 0; y < blocks.y; ++y)
    for (unsigned x = 0; x < blocks.x; ++x) order.push_back({x, y, 0});
  std::mt19937_64 random(schedule_seed);
  std::shuffle(order.begin(), order.end(), random);
  Executor grid(blocks, threads, shared_bytes, body);
  executor = &grid;
  try {
    for (const Index block : order) grid.run_block(block, random);
  } catch (...) {
    executor = nullptr;
    throw;
  }
  executor = nullptr;
}

const Place& place() { return executor->place(); }
std::byte* dynamic_shared() { return executor->shared(); }
void block_barrier(std::source_location site) { executor->wait(State::kAtBlock, site); }
const std::uint64_t* warp_exchange(std::uint64_t value, std::source_location site) {
  return executor->exchange(value, site);
}

unsigned lane() {
  const Place& at = place();
  return (at.thread.x + at.threads.x * (at.thread.y + at.threads.y * at.thread.z)) % kWarp;
}

}  // namespace tempo::kernels::host_exec
