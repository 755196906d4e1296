// The JSON files of a checkpoint: the manifest and the state. What is read is written as it was.
#include "fuzz/fuzz.h"
#include "train/checkpoint_files.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz::run([&] {
    const train::Manifest files = train::parse_manifest("manifest", text);
    for (const auto& [name, digest] : files)
      fuzz::require(name.find('/') == name.npos && !name.starts_with('.'), "a file of the folder", name);
    fuzz::require(train::parse_manifest("manifest", train::manifest_text(files)) == files,
                  "the same manifest");
  });
  fuzz::run([&] {
    const train::CheckpointState state = train::parse_state("state", text);
    const auto& at = state.trainer;
    fuzz::require(at.step >= 0 && at.cursor >= 0 && at.updates >= 0 && at.num_tokens >= 0, "counters");
    const train::CheckpointState again = train::parse_state("state", train::state_text(state));
    fuzz::require(again.trainer == at && again.identity == state.identity && again.logs == state.logs &&
                      again.metrics == state.metrics && again.evaluated == state.evaluated,
                  "the same state");
  });
  return 0;
}
