#include "tempo_eval/monitor.h"

#include <fmt/format.h>

#include "tempo_eval/table.h"

namespace tempo::programs {

void Monitor::loading() { line_.update("loading the model"); }

void Monitor::start_sampling() { start_ = Clock::now(); }

void Monitor::begin(const train::EvaluationSet& set) {
  name_ = set.name;
  max_new_tokens_ = set.options.sampling.max_new_tokens;
  set_responses_ = set_tokens_ = 0;
}

void Monitor::show(const train::EvaluationProgress& progress) {
  if (progress.kept) count(progress);
  const std::string text =
      fmt::format("{}  {} {}/{}{}", name_, progress.greedy ? "greedy answers" : "samples", progress.done,
                  progress.total, rate());
  if (progress.kept && !line_.is_live()) {
    line_.finish(text);
  } else {
    line_.update(text);
  }
}

void Monitor::count(const train::EvaluationProgress& progress) {
  const std::int64_t most = (progress.sampled - set_responses_) * max_new_tokens_;
  tokens_ += progress.tokens - set_tokens_;
  most_ += most;
  most_left_ -= most;
  set_responses_ = progress.sampled;
  set_tokens_ = progress.tokens;
  seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
}

// Responses to come are taken to be as long, for their limits, as those before.
std::string Monitor::rate() const {
  if (tokens_ == 0 || seconds_ <= 0) return "";
  const double left = seconds_ * static_cast<double>(most_left_) / static_cast<double>(most_);
  return fmt::format("  {:.0f} tokens/s  about {} left", static_cast<double>(tokens_) / seconds_,
                     common::format_duration(left));
}

void Monitor::end(const train::SetStatistics& statistics) {
  std::string text = name_;
  if (statistics.greedy) text += "  greedy " + percent_with_interval(statistics.greedy->accuracy);
  if (statistics.sampled)
    text += fmt::format("  mean@{} {}", statistics.sampled->samples,
                        percent_with_interval(statistics.sampled->accuracy));
  line_.finish(text);
}

}  // namespace tempo::programs
