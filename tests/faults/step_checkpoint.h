// Checkpoints whose weights are those of a tiny model made from the step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/tiny_language.h"
#include "tempo/train/checkpoint.h"
#include "tempo/train/checkpoints.h"

namespace tempo::tests {

// Writes step-STEP and keeps it and the one before.
inline void save_step(const std::filesystem::path& folder, std::int64_t step) {
  const train::Checkpoints checkpoints(folder, {});
  const auto model = testing::tiny_language_model(static_cast<std::uint64_t>(step));
  const train::ShardedAdamW optimizer(model, {});
  train::CheckpointState state;
  state.trainer.step = step;
  train::write_checkpoint(checkpoints.path(step), state, model, optimizer);
  checkpoints.prune();
}

// Returns the step of the newest whole checkpoint; throws unless it holds that step's weights and none is
// damaged.
inline std::int64_t newest_step(const std::filesystem::path& folder) {
  std::vector<std::string> damage;
  const auto newest = train::Checkpoints(folder, {}).newest(damage);
  TEMPO_CHECK(newest && damage.empty(), "expected a whole checkpoint and none that is damaged");
  const auto model = testing::tiny_language_model(0);
  train::ShardedAdamW optimizer(model, {});
  train::restore_checkpoint(*newest, model, optimizer);
  const std::int64_t step = train::read_checkpoint_state(*newest).trainer.step;
  const auto expected = testing::tiny_language_model(static_cast<std::uint64_t>(step));
  TEMPO_CHECK(testing::equal_bits(testing::copy_of_weights(model), testing::copy_of_weights(expected)),
              "expected the weights of step ", step);
  return step;
}

}  // namespace tempo::tests
