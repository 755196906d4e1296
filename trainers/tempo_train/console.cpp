#include "tempo_train/console.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "common/data_report.h"

namespace tempo::programs {
namespace {

constexpr std::int64_t kShownAnswers = 5;
constexpr std::size_t kShownCharacters = 60;

std::int64_t parameter_count(const model::Model& model) {
  std::int64_t count = 0;
  for (const auto& parameter : model.parameters()) count += parameter.tensor.numel();
  return count;
}

// One line of at most kShownCharacters characters, never cut inside a character.
std::string shortened(std::string_view text) {
  std::string line;
  std::size_t characters = 0;
  for (const char c : text) {
    const bool starts_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (starts_character && ++characters > kShownCharacters) return line + "...";
    line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return line;
}

// Prints the lines below each other, the label beside the first.
void print_lines(std::string_view label, std::span<const std::string> lines) {
  for (const std::string& line : lines) {
    fmt::print("{:<8} {}\n", label, line);
    label = "";
  }
}

std::string percent(const train::Evaluation& result) {
  const train::Estimate& accuracy = result.statistics.main().accuracy;
  return fmt::format("{:.1f} % (+-{:.1f})", 100 * accuracy.value, 100 * accuracy.standard_error);
}

void print_answers(const train::Task& task, const train::Evaluation& before, const train::Evaluation& after) {
  const std::int64_t count = std::min(kShownAnswers, task.size());
  fmt::print("\nAnswers before and after (* right):\n");
  for (std::int64_t i = 0; i < count; ++i) {
    const data::Example& example = task.example(i);
    const auto answer = [&](const train::Evaluation& evaluation) {
      const auto first = std::find_if(evaluation.answers.begin(), evaluation.answers.end(),
                                      [&](const train::Answer& a) { return a.problem == i; });
      return fmt::format("{} {}", first->score.correct ? '*' : ' ', shortened(first->response));
    };
    fmt::print("  {}  [{}]\n    before {}\n    after  {}\n", shortened(example.problem),
               shortened(example.answer), answer(before), answer(after));
  }
}

void print_set(const train::EvaluationSet& set, const train::Evaluation& before,
               const train::Evaluation& after) {
  const train::AnswerStatistics &first = before.statistics.main(), &last = after.statistics.main();
  fmt::print("\n{:<24}{:>20}{:>20}\n", set.metrics == "eval/" ? "held-out problems" : set.name, "before",
             "after");
  fmt::print("{:<24}{:>20}{:>20}\n", "accuracy", percent(before), percent(after));
  fmt::print("{:<24}{:>20.1f}{:>20.1f}\n", "mean length (tokens)", first.mean_length, last.mean_length);
  fmt::print("{:<24}{:>18.1f} %{:>18.1f} %\n", "cut at the limit", 100 * first.truncated,
             100 * last.truncated);
}

void print_sets(Console::Sets sets, const train::RunSummary& summary) {
  for (std::size_t i = 0; i < sets.size(); ++i) print_set(sets[i], summary.before[i], summary.after[i]);
  if (!sets.empty()) print_answers(sets[0].task, summary.before[0], summary.after[0]);
}

}  // namespace

void Console::begin(const common::RunConfig& config, const model::Model& model, const train::Task& task,
                    Sets sets, std::span<const std::string> duplicates, int ranks,
                    std::span<const std::string> notes) {
  fmt::print("model    {} ({:.1f} M parameters, {} on {})\n", config.model.path.string(),
             static_cast<double>(parameter_count(model)) / 1e6, at::toString(model.dtype()),
             model.device().str());
  print_lines("data", common::describe_sets(task));
  for (const train::EvaluationSet& set : sets) print_lines("held out", common::describe_sets(set.task));
  print_lines("twice", duplicates);
  fmt::print("training {} steps of {} prompts x {} responses{}\n", total_steps_,
             config.train.loop.prompts_per_step, config.train.loop.responses_per_prompt,
             ranks > 1 ? fmt::format(", {} processes", ranks) : "");
  fmt::print("output   {}\n", config.output.folder.string());
  print_lines("", notes);
  std::fflush(stdout);
}

train::RunObserver Console::observer(Sets sets) {
  return {.progress = [this](std::string_view phase, std::int64_t done,
                             std::int64_t total) { show_progress(phase, done, total); },
          .on_step = [this](const train::StepReport& report) { show_step(report); },
          .on_evaluation =
              [this, sets](std::int64_t step, std::span<const train::Evaluation> results) {
                show_evaluation(step, sets, results);
              },
          .on_checkpoint = [this](const std::filesystem::path& folder) { checkpoint_ = folder.string(); }};
}

void Console::show_progress(std::string_view phase, std::int64_t done, std::int64_t total) {
  std::string eta;
  if (step_ > first_step_) {
    const double seconds =
        step_seconds_ / static_cast<double>(step_ - first_step_) * static_cast<double>(total_steps_ - step_);
    eta = fmt::format("  about {} left", common::format_duration(seconds));
  }
  line_.update(fmt::format("step {}/{}  {} {}/{}{}{}", std::min(step_ + 1, total_steps_), total_steps_, phase,
                           done, total, last_, eta));
}

void Console::show_step(const train::StepReport& report) {
  const train::Metrics& m = report.metrics;
  ++step_;
  step_seconds_ += m.at("step_time");
  last_ = fmt::format("  reward {:.3f}", m.at("reward"));
  line_.finish(
      fmt::format("step {:>{}}/{}  reward {:.3f}  length {:5.1f}  entropy {:.3f}  unique {:.2f}  grad {:6.2f}"
                  "  {:5.1f} s",
                  step_, std::to_string(total_steps_).size(), total_steps_, m.at("reward"),
                  m.at("completions/mean_length"), m.at("entropy"), m.at("tree/unique_token_ratio"),
                  m.at("grad_norm"), m.at("step_time")));
}

void Console::show_evaluation(std::int64_t step, Sets sets, std::span<const train::Evaluation> results) {
  for (std::size_t i = 0; i < sets.size(); ++i)
    line_.finish(fmt::format("evaluation after {} steps: {}accuracy {}, mean length {:.1f} tokens", step,
                             sets.size() > 1 ? sets[i].name + " " : "", percent(results[i]),
                             results[i].statistics.main().mean_length));
}

void Console::end(const train::RunSummary& summary, Sets sets, const train::RunFolder& folder) {
  line_.clear();
  if (summary.stopped) {
    fmt::print("stopped after {} of {} steps; the same command goes on from {}\n", step_, total_steps_,
               checkpoint_.empty() ? "the checkpoint" : checkpoint_);
    return;
  }
  const bool compares = !summary.before.empty() && !summary.after.empty();
  if (compares) print_sets(sets, summary);
  fmt::print("\n{} steps in {} (whole run {})\n", step_ - first_step_, common::format_duration(step_seconds_),
             common::format_duration(elapsed_seconds()));
  const std::string path = folder.path().string();
  fmt::print("Written:\n  {:<34} trained model and tokenizer (Hugging Face format)\n",
             summary.model.string());
  fmt::print("  {:<34} metrics of every step\n  {:<34} sampled responses, rewards and why\n",
             path + "/metrics.jsonl", path + "/completions.jsonl");
  if (!sets.empty()) fmt::print("  {:<34} evaluation answers\n", path + "/evaluations.jsonl");
  fmt::print("  {:<34} every setting of this run\n", path + "/config.yaml");
}

double Console::elapsed_seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace tempo::programs
