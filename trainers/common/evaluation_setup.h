// From the evaluation section of a configuration to sets that a model can be evaluated on.
#pragma once

#include <string>
#include <vector>

#include "common/run_config.h"
#include "tempo/train/evaluate.h"

namespace tempo::common {

// Reads the data of the sets, all of them or those of the names, in the configuration's order, as prompts of
// the model's tokenizer. Throws tempo::Error as data::read_examples and Task do, and for an unknown name.
std::vector<train::EvaluationSet> open_sets(const RunConfig& config,
                                            const std::vector<std::string>& names = {});

// Throws tempo::Error as train::check_fit does for a set whose prompts the model cannot answer.
void check_fit(const model::ModelConfig& model, const std::vector<train::EvaluationSet>& sets);

}  // namespace tempo::common
