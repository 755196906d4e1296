#include "tempo/train/checkpoint.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tempo/io/file.h"
#include "tempo/io/safetensors.h"
#include "tempo/train/checkpoints.h"
#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

// A model with an optimiser that has made two updates.
struct Trained {
  explicit Trained(at::ScalarType dtype, int updates = 2)
      : model(tiny_language_model(1, dtype)), optimizer(model, {.learning_rate = 0.01}) {
    for (int i = 0; i < updates; ++i) update();
  }
  void update() {
    optimizer.begin_update(1);
    for (const auto& parameter : model.parameters())
      at::Tensor(parameter.tensor).mutable_grad() = parameter.tensor.detach() * 0.5 + 0.125;
    optimizer.step(0.01);
  }

  model::Model model;
  train::ShardedAdamW optimizer;
};

bool same(const Trained& a, const Trained& b) {
  const auto &x = a.optimizer.state(), &y = b.optimizer.state();
  const auto equal = [](const auto& p, const auto& q) {
    return std::equal(p.begin(), p.end(), q.begin(), q.end(),
                      [](const at::Tensor& s, const at::Tensor& t) { return at::equal(s, t); });
  };
  return equal_bits(copy_of_weights(a.model), copy_of_weights(b.model)) && equal(x.moment1, y.moment1) &&
         equal(x.moment2, y.moment2) && equal(x.master, y.master) && x.updates == y.updates &&
         x.steps == y.steps;
}

train::CheckpointState some_state() {
  return {.trainer = {.step = 7, .cursor = 56, .updates = 14, .num_tokens = 1234},
          .evaluated = true,
          .logs = {{"metrics.jsonl", 99}},
          .metrics = {{"reward", 0.1}},
          .identity = {
              .version = "1.2", .config = "a: \"b\"\n", .data = 0xfedcba9876543210, .config_fingerprint = 5}};
}

std::string text_of(const fs::path& path) { return io::read_text(path); }

}  // namespace

TEST_CASE("Checkpoint: a run goes on from it as if it had never ended", "[train]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16, at::kHalf);
  const Scratch scratch;
  Trained first(dtype);
  train::write_checkpoint(scratch.folder() / "step-7", some_state(), first.model, first.optimizer);
  CHECK(train::checkpoint_damage(scratch.folder() / "step-7").empty());
  Trained second(dtype, 0);
  REQUIRE_FALSE(same(first, second));
  train::restore_checkpoint(scratch.folder() / "step-7", second.model, second.optimizer);
  CHECK(same(first, second));
  first.update();
  second.update();
  CHECK(same(first, second));
}

TEST_CASE("Checkpoint: the state is read as it was written", "[train]") {
  const Scratch scratch;
  const Trained trained(at::kFloat);
  train::write_checkpoint(scratch.folder() / "step-7", some_state(), trained.model, trained.optimizer);
  const auto state = train::read_checkpoint_state(scratch.folder() / "step-7");
  const auto expected = some_state();
  CHECK(state.trainer == expected.trainer);
  CHECK(state.identity == expected.identity);
  CHECK(state.metrics == expected.metrics);
}

TEST_CASE("Checkpoint: every changed, missing or cut file is told with its name", "[train]") {
  const Scratch scratch;
  const auto folder = scratch.folder() / "step-7";
  const Trained trained(at::kFloat);
  train::write_checkpoint(folder, some_state(), trained.model, trained.optimizer);
  const std::string file = GENERATE("shard-0-of-1.safetensors", "state.json");
  const std::string whole = text_of(folder / file);
  const std::string where = (folder / file).string() + ": expected ";
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 4);
  write_file(folder / file, flipped);
  CHECK_THAT(train::checkpoint_damage(folder), ContainsSubstring(where + "checksum "));
  write_file(folder / file, whole.substr(0, whole.size() - 1));
  CHECK_THAT(train::checkpoint_damage(folder),
             ContainsSubstring(where + std::to_string(whole.size()) + " bytes, got "));
  fs::remove(folder / file);
  CHECK(train::checkpoint_damage(folder) ==
        (folder / file).string() + ": cannot open: No such file or directory");
}

TEST_CASE("Checkpoint: another format is told", "[train]") {
  const Scratch scratch;
  write_file(scratch.folder() / "manifest.json", R"({"format": "tempo checkpoint 2", "files": {}})");
  CHECK(train::checkpoint_damage(scratch.folder()) ==
        (scratch.folder() / "manifest.json").string() +
            ": expected the manifest of a tempo checkpoint 1, got something else");
}

TEST_CASE("Checkpoint: of another model it is an error that names the tensor", "[train]") {
  const Scratch scratch;
  const auto folder = scratch.folder() / "step-7";
  const Trained trained(at::kFloat);
  train::write_checkpoint(folder, some_state(), trained.model, trained.optimizer);
  Trained narrow(at::kBFloat16, 0);
  CHECK(error_of([&] { train::restore_checkpoint(folder, narrow.model, narrow.optimizer); }) ==
        (folder / "shard-0-of-1.safetensors").string() +
            ": model.embed_tokens.weight[0:352].weight: expected BF16, got F32");
  auto config = trained.model.config();
  config.layers = 3;
  model::Model deep(config, at::kFloat, at::kCPU);
  train::ShardedAdamW optimizer(deep, {});
  CHECK_THAT(error_of([&] { train::restore_checkpoint(folder, deep, optimizer); }),
             ContainsSubstring("expected numbers of model.layers.2."));
}

TEST_CASE("Checkpoint: a shard is a file that others can read", "[train]") {
  const Scratch scratch;
  const Trained trained(at::kBFloat16);
  train::write_checkpoint(scratch.folder() / "step-7", some_state(), trained.model, trained.optimizer);
  const auto shard = io::Safetensors::open(scratch.folder() / "step-7" / "shard-0-of-1.safetensors");
  CHECK(shard.names().size() == 5 * trained.model.parameters().size());
  const std::string norm = "model.norm.weight[0:32].";
  CHECK(shard.dtype(norm + "weight") == io::DType::kBF16);
  CHECK(shard.dtype(norm + "remainder") == io::DType::kI16);
  CHECK(shard.dtype(norm + "moment2") == io::DType::kF32);
  CHECK(shard.shape(norm + "updates") == std::vector<std::int64_t>{1});
}

TEST_CASE("Checkpoints: the newest whole one is found, the damaged ones are told", "[train]") {
  const Scratch scratch;
  const Trained trained(at::kFloat);
  const train::Checkpoints checkpoints(scratch.folder(), {});
  std::vector<std::string> damage;
  CHECK_FALSE(checkpoints.newest(damage));
  for (const std::int64_t step : {2, 10, 9})
    train::write_checkpoint(checkpoints.path(step), some_state(), trained.model, trained.optimizer);
  fs::create_directory(scratch.folder() / "step-11");  // left unfinished
  fs::create_directory(scratch.folder() / "step-x");
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{2, 9, 10});
  CHECK(checkpoints.newest(damage) == scratch.folder() / "step-10");
  CHECK(damage.empty());
  fs::remove(scratch.folder() / "step-10" / "state.json");
  CHECK(checkpoints.newest(damage) == scratch.folder() / "step-9");
  REQUIRE(damage.size() == 1);
  CHECK_THAT(damage[0], ContainsSubstring("step-10/state.json"));
}

TEST_CASE("Checkpoints: what is not kept is removed, and nothing else", "[train]") {
  const Scratch scratch;
  const Trained trained(at::kFloat);
  const train::Checkpoints all(scratch.folder(), {.keep_last = 0});
  for (const std::int64_t step : {1, 2, 3, 4}) {
    auto state = some_state();
    state.metrics = {{"reward", step == 2 ? 0.9 : 0.5}};
    train::write_checkpoint(all.path(step), state, trained.model, trained.optimizer);
  }
  fs::create_directory(scratch.folder() / "step-9");
  fs::create_directory(scratch.folder() / "mine");
  all.prune();
  CHECK(all.steps() == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK_FALSE(fs::exists(scratch.folder() / "step-9"));
  CHECK(fs::exists(scratch.folder() / "mine"));
  train::Checkpoints(scratch.folder(), {.keep_last = 2, .keep_best = "reward"}).prune();
  CHECK(all.steps() == std::vector<std::int64_t>{2, 3, 4});
  train::Checkpoints(scratch.folder(), {.keep_last = 1}).prune();
  CHECK(all.steps() == std::vector<std::int64_t>{4});
  CHECK(error_of([&] { train::Checkpoints(scratch.folder(), {.keep_last = -1}); }) ==
        "keep_last: expected 0 or more, got -1");
}
