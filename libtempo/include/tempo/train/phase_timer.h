// Wall-clock seconds of the phases of a step.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tempo::train {

class PhaseTimer {
 public:
  // Runs the function, adds its time to the phase and returns what it returns.
  template <typename Function>
  auto measure(std::string_view phase, Function&& function) {
    const Stopwatch stopwatch(*this, phase);
    return std::forward<Function>(function)();
  }

  // Seconds by phase, in the order of their first run.
  const std::vector<std::pair<std::string, double>>& phases() const { return phases_; }

  // Seconds since construction.
  double total() const { return seconds_since(start_); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Stopwatch {
    Stopwatch(PhaseTimer& timer, std::string_view name) : owner(timer), phase(name) {}
    ~Stopwatch() { owner.add(phase, seconds_since(start)); }
    PhaseTimer& owner;
    std::string_view phase;
    Clock::time_point start = Clock::now();
  };

  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  void add(std::string_view phase, double seconds);

  Clock::time_point start_ = Clock::now();
  std::vector<std::pair<std::string, double>> phases_;
};

}  // namespace tempo::train
