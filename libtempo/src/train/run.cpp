#include "tempo/train/run.h"

#include <string>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

bool is_due(std::int64_t step, std::int64_t every) { return every > 0 && step % every == 0; }

void add_evaluation_metrics(const EvaluationSet& set, const SetStatistics& statistics, Metrics& metrics) {
  const auto add = [&](const std::string& name, double value) { metrics.set(set.metrics + name, value); };
  const AnswerStatistics& main = statistics.main();
  add("accuracy", main.accuracy.value);
  add("accuracy_stderr", main.accuracy.standard_error);
  add("mean_length", main.mean_length);
  add("clipped_ratio", main.truncated);
  if (main.samples > 1) {
    const std::string n = std::to_string(main.samples);
    add("pass@" + n, main.pass_at.back().second.value);
    add("maj@" + n, main.majority_at.back().second.value);
  }
  if (statistics.sampled && statistics.greedy) add("greedy_accuracy", statistics.greedy->accuracy.value);
}

Evaluation evaluate_set(const model::Model& model, const EvaluationSet& set, const PhaseProgress& progress) {
  std::function<void(const EvaluationProgress&)> report;
  if (progress) {
    report = [&](const EvaluationProgress& state) {
      progress(state.greedy ? "greedy evaluation" : "evaluation", state.done, state.total);
    };
  }
  return evaluate([&]() -> const model::Model& { return model; }, set, {}, report);
}

}  // namespace

void RunOptions::validate() const {
  TEMPO_CHECK(evaluate_every >= 0, "evaluate_every: expected 0 or more, got ", evaluate_every);
  TEMPO_CHECK(save_every >= 0, "save_every: expected 0 or more, got ", save_every);
  TEMPO_CHECK(completions_every >= 0, "completions_every: expected 0 or more, got ", completions_every);
}

RunSummary run(Trainer& trainer, const model::Model& model, const Task& task,
               std::span<const EvaluationSet> sets, RunFolder& folder, const RunOptions& options,
               const RunObserver& observer) {
  options.validate();
  const auto evaluation = [&] {
    std::vector<Evaluation> results;
    if (sets.empty()) return results;
    const std::int64_t step = trainer.steps_done();
    Metrics metrics;
    metrics.set("step", static_cast<double>(step));
    for (const EvaluationSet& set : sets) {
      results.push_back(evaluate_set(model, set, observer.progress));
      add_evaluation_metrics(set, results.back().statistics, metrics);
      folder.add_evaluation(step, set, results.back());
    }
    folder.add_metrics(metrics);
    if (observer.on_evaluation) observer.on_evaluation(step, results);
    return results;
  };
  const auto save = [&](const std::string& name) {
    // In the model's dtype the parameters are the master weights, rounded.
    const auto weights =
        options.save_dtype == model.dtype() ? model::parameter_tensors(model) : trainer.master_weights();
    return folder.save(name, model, weights, task, options.save_dtype);
  };

  RunSummary summary;
  summary.before = evaluation();
  while (trainer.steps_done() < trainer.total_steps()) {
    const StepReport report = trainer.step(observer.progress);
    const std::int64_t step = trainer.steps_done();
    folder.add_metrics(report.metrics);
    if (is_due(step, options.completions_every)) folder.add_completions(step, task, report.batch);
    if (observer.on_step) observer.on_step(report);
    if (step == trainer.total_steps()) break;
    if (is_due(step, options.evaluate_every)) evaluation();
    if (is_due(step, options.save_every)) save("step-" + std::to_string(step));
  }
  summary.after = evaluation();
  summary.model = save("final");
  return summary;
}

}  // namespace tempo::train
