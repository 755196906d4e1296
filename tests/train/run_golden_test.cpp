// Ten updates on given samples against transformers, torch.optim.AdamW and a padded loss in plain PyTorch, in
// float64 (golden/train/make_run_golden.py).
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "support/golden.h"
#include "tempo/io/safetensors.h"
#include "tempo/train/update.h"
#include "train/groups.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr std::int32_t kMaxResponseTokens = 8;

// Two float32 computations of logits of order 5 that sum in another order differ by about 20 roundings, 5 *
// 20 * 2^-24 = 6e-6 (tests/model/model_fixtures.h); a mean of such terms by no more. Gradients differ by the
// same share. AdamW with epsilon 1e-3 moves a weight by at most rate / epsilon = 3 times the error of its
// gradient, whose elements are below 0.3: 6e-6 an update when all errors point the same way, and they do not.
constexpr double kLossTolerance = 6e-6, kNormTolerance = 1e-5, kWeightTolerance = 2e-5;

train::TrainOptions options_of(const nlohmann::json& run) {
  train::TrainOptions options;
  options.advantage.estimator = credit::parse_estimator(run.at("estimator").get<std::string>());
  options.sampling.temperature = run.at("temperature");
  options.sampling.max_new_tokens = kMaxResponseTokens;
  options.loss.clip_low = run.at("clip_low");
  options.loss.clip_high = run.at("clip_high");
  if (!run.at("dual_clip").is_null()) options.loss.dual_clip = run.at("dual_clip").get<double>();
  options.loss.kl_coefficient = run.at("kl_coefficient");
  options.loss.entropy_coefficient = run.at("entropy_coefficient");
  options.loss.aggregation = run.at("aggregation") == "token_mean" ? credit::Aggregation::kTokenMean
                                                                   : credit::Aggregation::kSequenceMean;
  options.optimizer = {.beta1 = run.at("beta1"),
                       .beta2 = run.at("beta2"),
                       .epsilon = run.at("epsilon"),
                       .weight_decay = run.at("weight_decay")};
  options.loop.max_grad_norm = run.at("max_grad_norm");
  options.loop.micro_batch_tokens = 40;  // several micro-batches an update
  return options;
}

std::vector<Group> groups_of(const nlohmann::json& update) {
  std::vector<Group> groups;
  for (const auto& group : update.at("groups"))
    groups.push_back({group.at("prompt"), group.at("responses"), group.at("rewards"), group.at("old_logp")});
  return groups;
}

// Largest distance of a weight from the golden one.
double weight_error(const model::Model& model, const std::string& name) {
  const auto golden =
      io::Safetensors::open(std::string(TEMPO_GOLDEN_DIR) + "/train/run_" + name + ".safetensors");
  double largest = 0;
  for (const auto& [parameter, tensor] : model.parameters()) {
    std::vector<float> expected(static_cast<std::size_t>(tensor.numel()));
    golden.read(parameter, expected);
    const at::Tensor difference = tensor.detach().flatten() - at::tensor(expected);
    largest = std::max(largest, difference.abs().max().item<double>());
  }
  return largest;
}

}  // namespace

TEST_CASE("update_weights: ten updates as transformers and torch make them", "[train]") {
  const std::string name = GENERATE("tempo", "grpo_kl");
  CAPTURE(name);
  const auto run = load_golden("train/run_" + name + ".json");
  const auto options = options_of(run);
  const auto load = [] {
    return model::load_model(std::string(TEMPO_GOLDEN_DIR) + "/model/llama_tied", at::kFloat, at::kCPU);
  };
  const model::Model model = load(), reference = load();
  train::ShardedAdamW optimizer(model, options.optimizer);
  for (const auto& update : run.at("updates")) {
    const auto groups = groups_of(update);
    const auto forest = forest_of(groups);
    const auto credit = credit::assign_credit(forest, rewards_of(groups), options.advantage);
    std::vector<std::int32_t> all(groups.size());
    std::iota(all.begin(), all.end(), 0);
    const auto report =
        train::update_weights(model, options.loss.kl_coefficient > 0 ? &reference : nullptr, optimizer,
                              update.at("learning_rate").get<double>(), forest, credit, all, options);
    CHECK_THAT(report.loss, WithinAbs(update.at("loss").get<double>(), kLossTolerance));
    CHECK_THAT(report.grad_norm, WithinRel(update.at("grad_norm").get<double>(), kNormTolerance));
  }
  CHECK(weight_error(model, name) <= kWeightTolerance);
}
