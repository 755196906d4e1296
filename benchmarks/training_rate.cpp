// The training step alone: its arithmetic rate as a share of the machine's best rate of matrix products,
// measured in the same run, and what folding saves. Prints one JSON object.
#include <ATen/ATen.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "common/setup.h"
#include "tempo/credit/advantages.h"
#include "tempo/model/model.h"
#include "tempo/model/products.h"
#include "tempo/train/memory_plan.h"
#include "tempo/train/update.h"
#include "tempo/tree/forest.h"
#include "timing.h"

namespace {

using Tokens = std::vector<std::int32_t>;

struct Options {
  std::string model = ".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf", dtype = "bfloat16";
  std::int32_t groups = 4, responses = 8, prompt = 45, length = 64, shared = 0;
  std::int64_t micro_batch_tokens = 4096;
  bool unfolded = false, checkpointing = false;
  int threads = 0, repetitions = 5;
};

// Groups whose responses share their first `shared` tokens and nothing after; unfolded: each response is a
// group of its own and has its own copy of the prompt.
struct Groups {
  explicit Groups(const Options& options) {
    std::mt19937 random(1);
    const auto draw = [&](std::int32_t count, Tokens& to) {
      for (std::int32_t i = 0; i < count; ++i) to.push_back(static_cast<std::int32_t>(random() % 49000));
    };
    for (std::int32_t g = 0; g < options.groups; ++g) {
      Tokens prompt, start;
      draw(options.prompt, prompt);
      draw(options.shared, start);
      for (std::int32_t r = 0; r < options.responses; ++r) {
        if (r == 0 || options.unfolded) {
          prompts.insert(prompts.end(), prompt.begin(), prompt.end());
          prompt_offsets.push_back(static_cast<std::int32_t>(prompts.size()));
        }
        tokens.insert(tokens.end(), start.begin(), start.end());
        draw(options.length - options.shared, tokens);
        offsets.push_back(static_cast<std::int32_t>(tokens.size()));
        if (r + 1 == options.responses || options.unfolded)
          group_offsets.push_back(static_cast<std::int32_t>(offsets.size()) - 1);
      }
    }
    old_logp.assign(tokens.size(), -4.0F);
  }

  tempo::tree::Forest forest() const {
    return tempo::tree::build_forest({.prompt_tokens = prompts,
                                      .prompt_offsets = prompt_offsets,
                                      .response_tokens = tokens,
                                      .response_offsets = offsets,
                                      .group_offsets = group_offsets,
                                      .old_logp = old_logp});
  }

  Tokens prompts, prompt_offsets{0}, tokens, offsets{0}, group_offsets{0};
  std::vector<float> old_logp;
};

// Arithmetic operations of a training step: forward, and twice that backward, of every layer's products and
// of the output's on the rows that are trained; attention over the keys that each token sees.
double step_flops(const tempo::model::Model& model, const tempo::tree::Forest& forest) {
  const auto& c = model.config();
  double layer = 0, keys = 0, trained = 0;
  for (const auto& p : model.parameters())
    if (p.name.starts_with("model.layers."))
      layer += p.tensor.dim() == 2 ? static_cast<double>(p.tensor.numel()) : 0;
  std::vector<bool> predicts(forest.token.size(), false);
  for (std::size_t n = 0; n < forest.token.size(); ++n) {
    keys += forest.depth[n] + 1;
    if (forest.trainable[n]) predicts[static_cast<std::size_t>(forest.parent[n])] = true;
  }
  for (const bool row : predicts) trained += row ? 1 : 0;
  const double attention = 4.0 * static_cast<double>(c.heads * c.head_dim * c.layers) * keys;
  return 6.0 * layer * forest.nodes() + 6.0 * static_cast<double>(model.output_weight().numel()) * trained +
         3.0 * attention;
}

// Best rate of the products of a layer's shapes, FLOP/s.
double product_peak(const tempo::model::Model& model) {
  const auto& c = model.config();
  double best = 0;
  for (const auto& [depth, columns] :
       {std::pair{c.hidden_size, 2 * c.intermediate_size}, std::pair{c.intermediate_size, c.hidden_size}}) {
    const auto a = at::randn({2048, depth}).to(model.dtype());
    const auto b = tempo::model::PackedMatrix::of_weight(at::randn({columns, depth}).to(model.dtype()));
    const at::Tensor plain = at::randn({depth, columns}).to(model.dtype());
    const double flops = 2.0 * 2048 * static_cast<double>(depth * columns);
    const auto measure = [&](const auto& multiply) {
      for (int i = 0; i < 10; ++i) {
        const double rate = flops / seconds_of(multiply);
        if (rate < best / 4) return;  // ATen's bfloat16 without AVX-512 takes seconds
        best = std::max(best, rate);
      }
    };
    measure([&] { tempo::model::multiply_each(a, {&b, 1}); });
    measure([&] { at::mm(a, plain); });
  }
  return best;
}

// What train::plan_memory expects of the update, without the sampling of a run.
std::int64_t computed_peak(const Options& options, const tempo::model::Model& model,
                           const tempo::train::TrainOptions& train) {
  tempo::train::MemoryInputs inputs{
      .model = model.config(), .dtype = model.dtype(), .train = train, .longest_prompt = options.prompt};
  inputs.train.loop.responses_per_prompt = options.unfolded ? 1 : options.responses;
  inputs.train.loop.prompts_per_step = options.groups * (options.unfolded ? options.responses : 1);
  return tempo::train::plan_memory(inputs).update_peak();
}

void run(const Options& options) {
  tempo::common::prepare_process(options.threads);
  const auto dtype = options.dtype == "float32" ? at::kFloat : at::kBFloat16;
  const auto model = tempo::model::load_model(options.model, dtype, at::kCPU);
  tempo::train::ShardedAdamW optimizer(model, {});
  const auto forest = Groups(options).forest();
  tempo::credit::Credit credit{std::vector<float>(static_cast<std::size_t>(forest.responses())),
                               std::vector<float>(forest.token.size())};
  std::vector<std::int32_t> groups(static_cast<std::size_t>(forest.groups()));
  for (std::size_t i = 0; i < credit.response.size(); ++i) credit.response[i] = i % 2 == 0 ? 1.0F : -1.0F;
  for (std::size_t g = 0; g < groups.size(); ++g) groups[g] = static_cast<std::int32_t>(g);
  tempo::train::TrainOptions train;
  train.loop.micro_batch_tokens = options.micro_batch_tokens;
  train.loop.activation_checkpointing = options.checkpointing;
  train.sampling.max_new_tokens = options.length;

  std::vector<double> step, peaks;
  for (int i = 0; i <= options.repetitions; ++i) {
    peaks.push_back(product_peak(model));
    const double seconds = seconds_of(
        [&] { tempo::train::update_weights(model, nullptr, optimizer, 0.0, forest, credit, groups, train); });
    if (i > 0) step.push_back(seconds);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double flops = step_flops(model, forest), rate = flops / median(step);
  const double peak = *std::max_element(peaks.begin(), peaks.end());
  std::cout << nlohmann::ordered_json{{"tokens", forest.nodes()},
                                      {"step_seconds", median(step)},
                                      {"gflop", flops / 1e9},
                                      {"gflops", rate / 1e9},
                                      {"product_peak_gflops", peak / 1e9},
                                      {"share_of_peak", rate / peak},
                                      {"peak_rss_mb", static_cast<double>(usage.ru_maxrss) / 1024},
                                      {"computed_peak_mb",
                                       static_cast<double>(computed_peak(options, model, train)) / (1 << 20)}}
                   .dump()
            << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times one optimiser update of a model on synthetic groups.", "training-rate");
  Options options;
  app.add_option("--model", options.model, "Hugging Face folder or GGUF file")->capture_default_str();
  app.add_option("--dtype", options.dtype, "float32 or bfloat16")->capture_default_str();
  app.add_option("--groups", options.groups)->capture_default_str();
  app.add_option("--responses", options.responses, "a group")->capture_default_str();
  app.add_option("--prompt", options.prompt, "tokens")->capture_default_str();
  app.add_option("--length", options.length, "tokens of a response")->capture_default_str();
  app.add_option("--shared", options.shared, "first tokens that a group's responses share")
      ->capture_default_str();
  app.add_option("--micro-batch-tokens", options.micro_batch_tokens)->capture_default_str();
  app.add_flag("--unfolded", options.unfolded, "each response with its own copy of the prompt");
  app.add_flag("--checkpointing", options.checkpointing, "keep layers' inputs only");
  app.add_option("--threads", options.threads, "0: all cores")->capture_default_str();
  app.add_option("--repetitions", options.repetitions)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    run(options);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
