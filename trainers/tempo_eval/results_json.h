// Results of an evaluation as JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "tempo_eval/table.h"

namespace tempo::programs {

// What was evaluated.
struct EvaluatedModel {
  std::filesystem::path path;
  std::uint64_t fingerprint = 0;
  std::string dtype;
};

// Returns the object of results.json (docs/evaluation.md): nothing in it depends on when, how fast, or in how
// many pieces the evaluation ran. configuration: the resolved one, YAML.
std::string results_json(const EvaluatedModel& model, std::span<const SetResult> results,
                         const std::string& configuration);

}  // namespace tempo::programs
