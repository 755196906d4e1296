// What tempo-eval shows while it works.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/progress.h"
#include "tempo/train/evaluate.h"

namespace tempo::programs {

// A live line on a terminal, a line for every chunk of stored responses elsewhere, and a line for every set.
class Monitor {
 public:
  // most_tokens: of all responses that are to be sampled, each as long as it may get.
  explicit Monitor(std::int64_t most_tokens) : most_left_(most_tokens) {}

  void loading();         // the model is about to be loaded
  void start_sampling();  // it has been: time counts from here
  void begin(const train::EvaluationSet& set);
  void show(const train::EvaluationProgress& progress);
  void end(const train::SetStatistics& statistics);

 private:
  using Clock = std::chrono::steady_clock;

  void count(const train::EvaluationProgress& progress);
  // Returns tokens a second and the time left; nothing before the first chunk.
  std::string rate() const;

  std::string name_;
  std::int64_t max_new_tokens_ = 0;                  // of the set
  std::int64_t set_responses_ = 0, set_tokens_ = 0;  // of the set, counted
  std::int64_t tokens_ = 0, most_ = 0;  // of all counted responses; if all were as long as may be
  std::int64_t most_left_;
  double seconds_ = 0;  // until the last count
  Clock::time_point start_{};
  common::ProgressLine line_;
};

}  // namespace tempo::programs
