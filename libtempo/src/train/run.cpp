#include "tempo/train/run.h"

#include <map>
#include <string>
#include <utility>

#include "run_evaluations.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::train {
namespace {

bool is_due(std::int64_t step, std::int64_t every) { return every > 0 && step % every == 0; }

// A run under way.
class Run {
 public:
  Run(Trainer& trainer, const RunParts& parts, const RunOptions& options, const RunObserver& observer,
      const StopRequest& stop)
      : trainer_(trainer),
        parts_(parts),
        options_(options),
        observer_(observer),
        stop_(stop),
        evaluations_(parts, observer, trainer.optimizer().group(), stop),
        checkpoints_(parts.checkpoints, options.keep) {}

  void restore(const ResumePoint& point) {
    restore_checkpoint(point.checkpoint, parts_.model, trainer_.optimizer());
    trainer_.restore(point.state.trainer);
    metrics_ = point.state.metrics;
    evaluated_ = point.state.evaluated;
    kept_step_ = step();
    if (step() > 0 || evaluated_) summary_.before = evaluations_.kept(0);
    if (is_last() && evaluated_) summary_.after = evaluations_.kept(step());
  }

  RunSummary finish() {
    if (parts_.folder) {
      io::make_folders(parts_.checkpoints);
      unmark_finished(parts_.checkpoints);
    }
    try {
      run_steps();
    } catch (const Stopped&) {
      summary_.stopped = true;
      if (kept_step_ != step()) checkpoint();
      return std::move(summary_);
    }
    summary_.model = save("final");
    if (parts_.folder) mark_finished(parts_.checkpoints);
    trainer_.optimizer().group().exchange("", "end of the run");  // rank 0 has saved
    return std::move(summary_);
  }

 private:
  std::int64_t step() const { return trainer_.steps_done(); }
  bool is_last() const { return step() == trainer_.total_steps(); }

  void run_steps() {
    if (!evaluated_) finish_step();
    while (!is_last()) {
      const StepReport report = trainer_.step(observer_.progress, stop_);
      evaluated_ = false;
      log(report);
      finish_step();
    }
  }

  // What is due after a step, or before the first.
  void finish_step() {
    const bool is_first = step() == 0;
    if (is_first || is_last() || is_due(step(), options_.evaluate_every)) {
      auto results = evaluations_.evaluate(step(), metrics_);
      if (is_first) summary_.before = results;
      if (is_last()) summary_.after = std::move(results);
    }
    evaluated_ = true;
    if (is_first) return;
    if (!is_last() && is_due(step(), options_.save_every)) save(core::concat("step-", step()));
    if (options_.checkpoint_every > 0 && (is_last() || is_due(step(), options_.checkpoint_every)) &&
        kept_step_ != step())
      checkpoint();
  }

  void log(const StepReport& report) {
    for (const auto& [name, value] : report.metrics.values()) metrics_[name] = value;
    if (parts_.folder) {
      parts_.folder->add_metrics(report.metrics);
      if (is_due(step(), options_.completions_every))
        parts_.folder->add_completions(step(), parts_.task, report.batch);
    }
    if (observer_.on_step) observer_.on_step(report);
  }

  std::filesystem::path save(const std::string& name) {
    // In the model's dtype the parameters are the master weights, rounded.
    const auto weights = options_.save_dtype == parts_.model.dtype() ? model::parameter_tensors(parts_.model)
                                                                     : trainer_.optimizer().master_weights();
    if (!parts_.folder) return {};
    return parts_.folder->save(name, parts_.model, weights, parts_.task, options_.save_dtype);
  }

  void checkpoint() {
    CheckpointState state{.trainer = trainer_.state(),
                          .evaluated = evaluated_,
                          .logs = {},
                          .metrics = metrics_,
                          .identity = parts_.identity};
    if (parts_.folder) state.logs = parts_.folder->sync_logs();
    const auto path = checkpoints_.path(step());
    write_checkpoint(path, state, parts_.model, trainer_.optimizer());
    kept_step_ = step();
    if (!parts_.folder) return;
    checkpoints_.prune();
    evaluations_.remove_before(step());
    if (observer_.on_checkpoint) observer_.on_checkpoint(path);
  }

  Trainer& trainer_;
  const RunParts& parts_;
  const RunOptions& options_;
  const RunObserver& observer_;
  const StopRequest& stop_;
  RunEvaluations evaluations_;
  Checkpoints checkpoints_;
  RunSummary summary_;
  bool evaluated_ = false;                 // what is due after the step so far, if anything is
  std::int64_t kept_step_ = -1;            // of the last checkpoint
  std::map<std::string, double> metrics_;  // the last of each name
};

}  // namespace

void RunOptions::validate() const {
  TEMPO_CHECK(evaluate_every >= 0, "evaluate_every: expected 0 or more, got ", evaluate_every);
  TEMPO_CHECK(save_every >= 0, "save_every: expected 0 or more, got ", save_every);
  TEMPO_CHECK(completions_every >= 0, "completions_every: expected 0 or more, got ", completions_every);
  TEMPO_CHECK(checkpoint_every >= 0, "checkpoint_every: expected 0 or more, got ", checkpoint_every);
  keep.validate();
}

RunSummary run(Trainer& trainer, const RunParts& parts, const RunOptions& options,
               const RunObserver& observer, const ResumePoint* resumed, const StopRequest& stop) {
  options.validate();
  Run run(trainer, parts, options, observer, stop);
  if (resumed) run.restore(*resumed);
  return run.finish();
}

}  // namespace tempo::train
