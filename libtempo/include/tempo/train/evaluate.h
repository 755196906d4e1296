// Measures a model on sets of problems with known answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/dist/group.h"
#include "tempo/model/model.h"
#include "tempo/rollout/sampler.h"
#include "tempo/train/answers.h"
#include "tempo/train/set_statistics.h"
#include "tempo/train/stop.h"
#include "tempo/train/task.h"

namespace tempo::train {

struct EvaluationOptions {
  bool greedy = false;                  // one greedy answer a problem
  std::int32_t samples = 1;             // and that many drawn ones, by `sampling`; 0: none
  rollout::SamplingOptions sampling{};  // its temperature is not the greedy answer's
  std::uint64_t seed = 0;
  std::int64_t chunk_problems = 0;  // sampled between two writes to the file; 0: as keeps the sampler busy.
                                    // Changes no answer

  // Throws tempo::Error naming the field.
  void validate() const;
};

struct EvaluationSet {
  std::string name;
  std::string metrics = "eval/";  // before the names of its metrics in a training run
  bool in_distribution = true;    // like the training data; for reports
  Task task;
  EvaluationOptions options{};
};

struct Evaluation {
  std::vector<Answer> answers;  // greedy ones, then samples; by problem, then sample
  SetStatistics statistics;
};

// How far one set is.
struct EvaluationProgress {
  bool greedy = false;               // greedy answers are under way, or samples
  std::int64_t done = 0, total = 0;  // responses of that kind, stored ones too
  std::int64_t sampled = 0;          // responses of both kinds sampled by this call, those that are kept
  std::int64_t tokens = 0;           // of those
  bool kept = false;                 // a chunk of responses has just been kept
};

// Returns the model; called when the first response has to be sampled, if any has.
using ModelSource = std::function<const model::Model&()>;

// Where answers are kept, for an evaluation that can be interrupted.
struct AnswerStore {
  AnswerFile* file = nullptr;  // null: nowhere; of a group, rank 0's alone is used
  std::uint64_t model_fingerprint = 0;
};

// Samples what the store lacks, scores everything, and computes the statistics. A draw's key is (seed, 0,
// index of the problem in the set, sample, position): the same seed and weights give the same responses,
// however often the evaluation was interrupted and however many ranks it has, up to the rounding of matrix
// products. group: of ranks that make the same call and share the sampling, null for a process alone; rank 0
// alone scores, the result of others is empty. Throws Stopped, on all ranks, when one's `stop` wants it,
// asked between two tokens; tempo::Error as its parts do. What was kept before stays.
Evaluation evaluate(const ModelSource& model, const EvaluationSet& set, const AnswerStore& store = {},
                    const std::function<void(const EvaluationProgress&)>& progress = {},
                    dist::Group* group = nullptr, const StopRequest& stop = {});

// Returns the number of responses that the store lacks. Throws tempo::Error as AnswerFile::stored does.
std::int64_t missing_responses(const EvaluationSet& set, const AnswerStore& store);

}  // namespace tempo::train
