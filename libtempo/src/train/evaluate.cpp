#include "tempo/train/evaluate.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

// Share of right responses of each problem.
std::vector<double> problem_accuracies(const Batch& batch) {
  std::vector<double> shares;
  for (std::size_t g = 0; g < batch.example.size(); ++g) {
    const auto begin = batch.forest.group_response[g], end = batch.forest.group_response[g + 1];
    double right = 0;
    for (auto r = begin; r < end; ++r) right += batch.scores[static_cast<std::size_t>(r)].correct ? 1 : 0;
    shares.push_back(right / (end - begin));
  }
  return shares;
}

}  // namespace

void EvaluationOptions::validate() const {
  TEMPO_CHECK(samples > 0, "samples: expected 1 or more, got ", samples);
  sampling.validate();
}

Evaluation evaluate(const model::Model& model, const Task& task, const EvaluationOptions& options,
                    const rollout::Progress& progress) {
  options.validate();
  std::vector<std::int64_t> examples(static_cast<std::size_t>(task.size()));
  std::iota(examples.begin(), examples.end(), std::int64_t{0});

  Evaluation result;
  result.batch =
      roll_out(model, task, examples, options.samples, options.sampling, {.seed = options.seed}, progress);
  score_responses(task, result.batch);

  const auto shares = problem_accuracies(result.batch);
  const auto problems = static_cast<double>(shares.size());
  const auto responses = static_cast<double>(result.batch.forest.responses());
  result.accuracy = std::accumulate(shares.begin(), shares.end(), 0.0) / problems;
  double squares = 0;
  for (const double share : shares) squares += (share - result.accuracy) * (share - result.accuracy);
  if (problems > 1) result.standard_error = std::sqrt(squares / (problems - 1) / problems);

  const auto& lengths = result.batch.forest.response_length;
  result.mean_length = std::accumulate(lengths.begin(), lengths.end(), 0.0) / responses;
  result.truncated =
      std::accumulate(result.batch.truncated.begin(), result.batch.truncated.end(), 0.0) / responses;
  return result;
}

}  // namespace tempo::train
