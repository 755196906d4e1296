#include "tempo/train/run.h"

#include <string>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

bool is_due(std::int64_t step, std::int64_t every) { return every > 0 && step % every == 0; }

Metrics evaluation_metrics(std::int64_t step, const Evaluation& evaluation) {
  Metrics metrics;
  metrics.set("step", static_cast<double>(step));
  metrics.set("eval/accuracy", evaluation.accuracy);
  metrics.set("eval/accuracy_stderr", evaluation.standard_error);
  metrics.set("eval/mean_length", evaluation.mean_length);
  metrics.set("eval/clipped_ratio", evaluation.truncated);
  return metrics;
}

}  // namespace

void RunOptions::validate() const {
  evaluation.validate();
  TEMPO_CHECK(evaluate_every >= 0, "evaluate_every: expected 0 or more, got ", evaluate_every);
  TEMPO_CHECK(save_every >= 0, "save_every: expected 0 or more, got ", save_every);
  TEMPO_CHECK(completions_every >= 0, "completions_every: expected 0 or more, got ", completions_every);
}

RunSummary run(Trainer& trainer, const model::Model& model, const Task& task, const Task* evaluation_task,
               RunFolder& folder, const RunOptions& options, const RunObserver& observer) {
  options.validate();
  const auto evaluation = [&]() -> std::optional<Evaluation> {
    if (evaluation_task == nullptr) return std::nullopt;
    rollout::Progress progress;
    if (observer.progress) {
      progress = [&](std::int64_t done, std::int64_t total) { observer.progress("evaluation", done, total); };
    }
    Evaluation result = evaluate(model, *evaluation_task, options.evaluation, progress);
    folder.add_metrics(evaluation_metrics(trainer.steps_done(), result));
    folder.add_evaluation(trainer.steps_done(), *evaluation_task, result);
    if (observer.on_evaluation) observer.on_evaluation(trainer.steps_done(), result);
    return result;
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
