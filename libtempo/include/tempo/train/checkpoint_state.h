// Where a run is, and what it is made from: what a checkpoint holds beside its tensors.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tempo::train {

// Where a trainer is. Together with the weights, the optimiser's state and the options, it decides everything
// that comes: the order of the data and every draw follow from the seed.
struct TrainerState {
  std::int64_t step = 0;        // steps done
  std::int64_t cursor = 0;      // position in the order of the prompts
  std::int64_t updates = 0;     // optimiser updates
  std::int64_t num_tokens = 0;  // prompt and response tokens sampled

  bool operator==(const TrainerState&) const = default;
};

// What a run is made from. Equal identities and equal checkpoints give equal runs.
struct RunIdentity {
  std::string version;                   // of tempo
  std::string config;                    // resolved, as YAML
  std::uint64_t data = 0;                // fingerprint of the training data as the model sees it
  std::uint64_t config_fingerprint = 0;  // of what of the configuration decides the run's numbers

  bool operator==(const RunIdentity&) const = default;
};

struct CheckpointState {
  TrainerState trainer;
  bool evaluated = false;                     // the evaluation that is due after the step is complete
  std::map<std::string, std::uint64_t> logs;  // bytes of each log file
  std::map<std::string, double> metrics;      // the last of each name
  RunIdentity identity;
};

}  // namespace tempo::train
