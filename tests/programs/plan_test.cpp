// tempo-train --plan from the outside.
#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "programs/workspace.h"
#include "tempo/model/products.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::Workspace;

namespace {

const std::string kTrain = TEMPO_TRAIN_PROGRAM;

}  // namespace

TEST_CASE("tempo-train --plan: prints the memory part by part and writes nothing", "[programs]") {
  const Workspace workspace;
  const auto result = workspace.run(kTrain, "run.yaml --plan loss.kl_coefficient=0.1 model.dtype=bfloat16");
  INFO(result.err);
  CHECK(result.status == 0);
  for (const char* part : {"weights", "master weights", "moments", "reference model", "program",
                           "key-value cache", "sampling of evaluations", "activations", "output layer",
                           "sampling, at most", "updating, at most", "peak of the run, at most", "fits into",
                           "biggest train.micro_batch_tokens", "activation_checkpointing=true"})
    CHECK_THAT(result.out, ContainsSubstring(part));
  const bool packs = tempo::model::PackedMatrix::bytes_of_weight(at::zeros({32, 32}, at::kBFloat16)) != 0;
  CHECK(ContainsSubstring("packed weights").match(result.out) == packs);
  CHECK_THAT(result.out,
             ContainsSubstring("group: at most 19 (longest prompt 7 + 4 x 3), update: at most 76"));
  CHECK_FALSE(workspace.exists("out"));
}

TEST_CASE("tempo-train --plan: needs no weights", "[programs]") {
  const Workspace workspace;
  std::filesystem::remove(workspace.folder() / "model/model.safetensors");
  const auto result = workspace.run(kTrain, "run.yaml --plan --memory 4GiB");
  CHECK(result.status == 0);
  CHECK_THAT(result.out, ContainsSubstring("fits into 4.00 GiB") &&
                             ContainsSubstring("activation_checkpointing=false  76 or more"));
}

TEST_CASE("tempo-train --plan: says what is missing and what helps", "[programs]") {
  const Workspace workspace;
  const auto result = workspace.run(kTrain, "run.yaml --plan --memory 1MiB");
  CHECK(result.status == 0);
  for (const char* text : {"DOES NOT FIT into 1.0 MiB", "none: not even one group fits", "too much",
                           "model.dtype=bfloat16", "the model alone takes "})
    CHECK_THAT(result.out, ContainsSubstring(text));
}

TEST_CASE("tempo-train --plan: refuses what the run would refuse", "[programs]") {
  const Workspace workspace;
  const auto refused = [&](const std::string& arguments) {
    const auto result = workspace.run(kTrain, "run.yaml --plan " + arguments);
    CHECK(result.status == 1);
    CHECK(result.out.empty());
    return result.err;
  };
  CHECK(refused("sampling.max_new_tokens=60").starts_with("error: train.jsonl: example "));
  CHECK(refused("evaluation.max_new_tokens=60").starts_with("error: test.jsonl: example "));
  CHECK_THAT(refused("data.train=none.jsonl"), ContainsSubstring("none.jsonl"));
  std::filesystem::remove(workspace.folder() / "model/config.json");
  CHECK_THAT(refused(""), ContainsSubstring("model/config.json"));
}

TEST_CASE("tempo-train --memory: a wrong size is wrong usage", "[programs]") {
  const Workspace workspace;
  const auto refused = [&](const std::string& arguments) {
    const auto result = workspace.run(kTrain, "run.yaml " + arguments);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    return result.err;
  };
  CHECK(refused("--plan --memory much") ==
        "error: --memory: expected a size such as 16GiB or 512MiB, got 'much'\n");
  CHECK(refused("--plan --memory 0").starts_with("error: --memory: expected a size"));
  CHECK(refused("--plan --memory -1GiB").starts_with("error: --memory"));
  CHECK(refused("--memory 16GiB") == "error: --memory requires --plan\n");
}
