// What saving a checkpoint costs beside a plain copy of its bytes to the same disk with a sync, alternating:
// the stall that a save adds to a step. Prints one JSON object.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/model/model.h"
#include "tempo/train/checkpoint.h"
#include "timing.h"

namespace fs = std::filesystem;

namespace {

struct Options {
  std::string model = ".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf", dtype = "bfloat16";
  fs::path folder = "runs/checkpoint-rate";
  int repetitions = 7;
};

// What `cp` and `sync` of the file do: the source is in the system's cache.
void copy_and_sync(const fs::path& from, const fs::path& to) {
  const int in = ::open(from.c_str(), O_RDONLY), out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  TEMPO_CHECK(in >= 0 && out >= 0, to.string(), ": expected a file that can be written");
  std::vector<char> piece(1 << 20);
  for (ssize_t count = 0; (count = ::read(in, piece.data(), piece.size())) > 0;)
    TEMPO_CHECK(::write(out, piece.data(), static_cast<std::size_t>(count)) == count, to.string(),
                ": cannot write");
  TEMPO_CHECK(::fsync(out) == 0, to.string(), ": cannot sync");
  ::close(in);
  ::close(out);
}

std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) bytes += fs::file_size(entry.path());
  return bytes;
}

nlohmann::ordered_json measure(const Options& options) {
  const auto model = tempo::model::load_model(
      options.model, options.dtype == "float32" ? at::kFloat : at::kBFloat16, at::kCPU);
  const tempo::train::ShardedAdamW optimizer(model, {});
  const fs::path checkpoint = options.folder / "step-1", copy = options.folder / "copy";
  std::vector<double> saves, copies;
  for (int i = 0; i <= options.repetitions; ++i) {
    fs::remove_all(checkpoint);
    const double save = seconds_of([&] { tempo::train::write_checkpoint(checkpoint, {}, model, optimizer); });
    fs::remove(copy);
    const double plain = seconds_of([&] { copy_and_sync(checkpoint / "shard-0-of-1.safetensors", copy); });
    if (i == 0) continue;  // warms up
    saves.push_back(save);
    copies.push_back(plain);
  }
  std::vector<double> ratios;
  for (std::size_t i = 0; i < saves.size(); ++i) ratios.push_back(saves[i] / copies[i]);
  const double check = seconds_of([&] {
    TEMPO_CHECK(tempo::train::checkpoint_damage(checkpoint).empty(), "expected a whole checkpoint");
  });
  const auto bytes = bytes_in(checkpoint);
  fs::remove_all(options.folder);
  return {{"bytes", bytes},          {"save_s", median(saves)}, {"copy_s", median(copies)},
          {"ratio", median(ratios)}, {"ratios", ratios},        {"check_s", check}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures the saving of checkpoints against a plain copy of their bytes.", "checkpoint-rate");
  app.add_option("--model", options.model, "model folder or GGUF file");
  app.add_option("--dtype", options.dtype, "float32 or bfloat16");
  app.add_option("--folder", options.folder, "where to write; made and removed");
  app.add_option("--repetitions", options.repetitions, "pairs of a save and a copy");
  CLI11_PARSE(app, argc, argv);
  tempo::common::prepare_process(0);
  std::cout << measure(options).dump(1) << "\n";
}
