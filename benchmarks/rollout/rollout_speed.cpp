// rollout-speed MODEL REQUEST.json: times the sampler alone. The request has prompts (token ids), responses
// of each, new_tokens, repetitions and threads; the answer, on standard output, the seconds of each
// repetition. No token ends a response, so that the length is forced.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/program.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/rollout/sampler.h"

namespace {

namespace rollout = tempo::rollout;

nlohmann::json read_request(const std::string& path) {
  std::ifstream file(path);
  TEMPO_CHECK(file.is_open(), path, ": expected a file that can be read");
  return nlohmann::json::parse(file);
}

std::int64_t response_tokens(const tempo::tree::Forest& forest) {
  std::int64_t total = 0;
  for (const std::int32_t length : forest.response_length) total += length;
  return total;
}

void run(const std::string& model_path, const std::string& request_path) {
  const nlohmann::json request = read_request(request_path);
  const auto prompts = request.at("prompts").get<std::vector<std::vector<std::int32_t>>>();
  const auto responses = request.at("responses").get<std::int32_t>();
  tempo::common::prepare_process(request.at("threads").get<int>());
  const auto model = tempo::model::load_model(model_path, at::kBFloat16, at::kCPU);
  const auto packed = model.pack();  // once, as the other programs lay out their weights when they load them
  rollout::SamplingOptions options;
  options.max_new_tokens = request.at("new_tokens").get<std::int32_t>();

  nlohmann::json seconds = nlohmann::json::array();
  std::int64_t tokens = 0, decoded_rows = 0;
  const auto repetitions = request.at("repetitions").get<std::uint32_t>();
  for (std::uint32_t i = 0; i <= repetitions; ++i) {  // the first one warms up
    const auto begin = std::chrono::steady_clock::now();
    const auto sampled =
        rollout::sample(model, prompts, responses, options, {.seed = 1, .step = i}, {}, &packed);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (i > 0) seconds.push_back(took.count());
    tokens = response_tokens(sampled.forest);
    decoded_rows = sampled.decoded_rows;
  }
  fmt::print("{}\n",
             nlohmann::json{{"seconds", seconds}, {"tokens", tokens}, {"decoded_rows", decoded_rows}}.dump());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times the sampler alone, on the request of a JSON file.", "rollout-speed");
  std::string model, request;
  app.add_option("model", model, "Hugging Face folder or GGUF file")->required()->type_name("MODEL");
  app.add_option("request", request, "prompts, responses, new_tokens, repetitions, threads")
      ->required()
      ->type_name("REQUEST.json");
  return tempo::common::run_program(app, argc, argv, [&] { run(model, request); });
}
