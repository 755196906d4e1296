// tempo-sample: answers a prompt.
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "common/program.h"
#include "common/run_config.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/rollout/sampler.h"
#include "tempo/text/chat.h"
#include "tempo/tree/forest.h"

namespace {

namespace common = tempo::common;
namespace text = tempo::text;

constexpr const char* kFooter = R"(
Examples:
  tempo-sample .deps/models/SmolLM2-135M-Instruct.Q4_1.gguf "What is 12 + 34?"
  echo "Once upon a time" | tempo-sample runs/quickstart/final - --raw --temperature 0.8 --samples 3)";

struct Arguments {
  common::ModelSection model;
  std::string path, prompt, system;
  bool bfloat16 = false;
  bool raw = false;
  bool no_thinking = false;
  std::int32_t samples = 1;
  std::uint64_t seed = 0;
  tempo::rollout::SamplingOptions sampling;
};

std::string read_prompt(const std::string& argument) {
  if (argument != "-") return argument;
  std::string prompt{std::istreambuf_iterator<char>(std::cin), {}};
  while (!prompt.empty() && (prompt.back() == '\n' || prompt.back() == '\r')) prompt.pop_back();
  return prompt;
}

std::string render(const Arguments& arguments, const text::ChatFormat& format) {
  std::vector<text::Message> messages;
  if (!arguments.system.empty()) messages.push_back({"system", arguments.system});
  messages.push_back({"user", read_prompt(arguments.prompt)});
  return text::render_chat(format, messages, true, {.enable_thinking = !arguments.no_thinking});
}

void run(Arguments& arguments) {
  arguments.model.path = arguments.path;
  arguments.model.dtype = arguments.bfloat16 ? at::kBFloat16 : at::kFloat;
  common::prepare_process(arguments.model.threads);
  const auto tokenizer = text::Tokenizer::load(arguments.path);
  std::string prompt;
  if (arguments.raw) {
    prompt = read_prompt(arguments.prompt);
    if (tokenizer.eos_id()) arguments.sampling.stop_tokens = {*tokenizer.eos_id()};
  } else {
    const auto format = common::select_chat_format(arguments.model, tokenizer);
    prompt = render(arguments, format);
    arguments.sampling.stop_tokens = text::stop_tokens(format, tokenizer);
  }
  const auto model = common::open_model(arguments.path, arguments.model);
  const std::vector<std::vector<std::int32_t>> prompts{tokenizer.encode(prompt)};
  const auto rollout =
      tempo::rollout::sample(model, prompts, arguments.samples, arguments.sampling, {.seed = arguments.seed});
  for (std::int32_t r = 0; r < arguments.samples; ++r) {
    if (arguments.samples > 1) fmt::print("--- {}\n", r + 1);
    fmt::print("{}\n", tokenizer.decode(tempo::tree::response_tokens(rollout.forest, r), true));
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Answers a prompt with a language model.", "tempo-sample");
  Arguments a;
  a.sampling.temperature = 0;
  app.add_option("model", a.path, "Hugging Face folder or GGUF file")->required();
  app.add_option("prompt", a.prompt, "The question; - reads it from standard input")->required();
  app.add_option("--system", a.system, "System message");
  app.add_option("--temperature", a.sampling.temperature, "0: greedy")->capture_default_str();
  app.add_option("--top-k", a.sampling.top_k, "0: off")->capture_default_str();
  app.add_option("--top-p", a.sampling.top_p, "1: off")->capture_default_str();
  app.add_option("--min-p", a.sampling.min_p, "0: off")->capture_default_str();
  app.add_option("--max-new-tokens", a.sampling.max_new_tokens, "Length limit")->capture_default_str();
  app.add_option("--samples", a.samples, "Answers to sample")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", a.seed, "Seed of the draws")->capture_default_str();
  app.add_option("--chat-format", a.model.chat_format, "auto, or a name of a known format")
      ->capture_default_str();
  app.add_option("--device", a.model.device, "cpu, cuda, cuda:N")->capture_default_str();
  app.add_option("--threads", a.model.threads, "0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--bfloat16", a.bfloat16, "Weights in bfloat16 instead of float32");
  app.add_flag("--raw", a.raw, "Continue the text as it stands, without the chat format");
  app.add_flag("--no-thinking", a.no_thinking, "Qwen3: answer without a thinking block");
  app.footer(kFooter);
  return common::run_program(app, argc, argv, [&] { run(a); });
}
