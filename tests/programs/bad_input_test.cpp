// What a user can get wrong: tempo-train says it in one line that names the file, exits with 1, and writes
// nothing.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "programs/workspace.h"
#include "tempo/kernels/device.h"

using tempo::tests::Workspace;
namespace fs = std::filesystem;

namespace {

const std::string kTrain = TEMPO_TRAIN_PROGRAM;

// Replaces the first occurrence in a file of the workspace.
void replace(const Workspace& workspace, const std::string& name, const std::string& from,
             const std::string& to) {
  std::string text = workspace.read(name);
  REQUIRE(text.find(from) != std::string::npos);
  workspace.write(name, text.replace(text.find(from), from.size(), to));
}

void check_refused(const Workspace& workspace, const std::string& arguments, const std::string& error) {
  CAPTURE(arguments);
  const auto result = workspace.run(kTrain, arguments);
  CHECK(result.err == "error: " + error + "\n");
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK_FALSE(workspace.exists("out"));
}

// Damages the model's folder and trains it.
void check_model_refused(const std::function<void(const Workspace&)>& damage, const std::string& error) {
  const Workspace workspace;
  damage(workspace);
  check_refused(workspace, "run.yaml", error);
}

void check_data_refused(const std::string& rows, const std::string& error) {
  const Workspace workspace;
  workspace.write("bad.jsonl", rows);
  check_refused(workspace, "run.yaml data.train=bad.jsonl", "bad.jsonl" + error);
}

const char* const kFormats =
    "chatml, qwen2, qwen2.5, qwen2.5-math, qwen3, smollm2, llama2, llama3, llama3.1, gemma2, gemma3, "
    "mistral, mistral-v1, "
    "mistral-v3, mistral-v3-tekken";

}  // namespace

TEST_CASE("bad input: weights that are missing or cut", "[programs]") {
  check_model_refused(
      [](const Workspace& w) { fs::remove(w.folder() / "model/model.safetensors"); },
      "model: expected model.safetensors or model.safetensors.index.json in it, found neither");
  check_model_refused([](const Workspace& w) { fs::resize_file(w.folder() / "model/model.safetensors", 4); },
                      "model/model.safetensors: expected a safetensors file, got 4 bytes");
  check_model_refused(
      [](const Workspace& w) { fs::resize_file(w.folder() / "model/model.safetensors", 20000); },
      "model/model.safetensors: tensor lm_head.weight: data_offsets: expected an end within the "
      "17904 bytes of data, got 64896");
}

TEST_CASE("bad input: a model whose configuration does not fit", "[programs]") {
  check_model_refused(
      [](const Workspace& w) {
        replace(w, "model/config.json", "\"intermediate_size\": 48", "\"intermediate_size\": 40");
      },
      "model/model.safetensors: model.layers.0.mlp.gate_proj.weight: expected shape [40, 32], got [48, 32]");
  check_model_refused([](const Workspace& w) { replace(w, "model/config.json", "\"llama\"", "\"mamba\""); },
                      "model/config.json: model_type: expected llama, qwen2 or qwen3, got \"mamba\"");
  check_model_refused([](const Workspace& w) { w.write("model/config.json", "{\"a\": "); },
                      "model/config.json: expected JSON, got a syntax error at byte 7");
  check_model_refused([](const Workspace& w) { fs::remove(w.folder() / "model/config.json"); },
                      "model/config.json: cannot open: No such file or directory");
}

TEST_CASE("bad input: a quantisation that is not known", "[programs]") {
  const Workspace workspace;
  std::string gguf = tempo::io::read_text(std::string(TEMPO_GOLDEN_DIR) + "/model/qwen3.gguf");
  const std::string name = "output_norm.weight";
  const auto type = gguf.find(name) + name.size() + 4 + 8;  // number of dimensions, one dimension
  gguf[type] = 99;
  workspace.write("bad.gguf", gguf);
  check_refused(
      workspace, "run.yaml model.path=bad.gguf",
      "bad.gguf: tensor output_norm.weight: expected type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, "
      "Q4_K, Q5_K or Q6_K, got type 99");
}

TEST_CASE("bad input: a tokenizer without what the chat needs", "[programs]") {
  check_model_refused([](const Workspace& w) { fs::remove(w.folder() / "model/tokenizer.json"); },
                      "model/tokenizer.json: cannot open: No such file or directory");
  check_model_refused([](const Workspace& w) { w.write("model/tokenizer.json", "{}"); },
                      "model/tokenizer.json: expected a value named model, got none");
  check_model_refused(
      [](const Workspace& w) {
        replace(w, "model/tokenizer.json", "<|im_end|>", "<|xm_end|>");
        replace(w, "model/tokenizer_config.json", "\"eos_token\": \"<|im_end|>\",", "");
      },
      "model/tokenizer.json: expected a token <|im_end|> for the chat format chatml, got none");
  check_model_refused([](const Workspace& w) { fs::remove(w.folder() / "model/tokenizer_config.json"); },
                      std::string("model/tokenizer.json: expected a chat template of the ChatML, Llama, "
                                  "Gemma or Mistral family, got none; "
                                  "set the chat format to one of ") +
                          kFormats);
}

TEST_CASE("bad input: a tokenizer with more tokens than the model", "[programs]") {
  const Workspace workspace;
  replace(workspace, "model/tokenizer.json", "\"id\": 9", "\"id\": 12");
  check_refused(workspace, "run.yaml",
                "test.jsonl: example 1: expected tokens of the model's vocabulary, below 11, got 12");
}

TEST_CASE("bad input: a prompt over a limit", "[programs]") {
  const Workspace workspace;
  check_refused(workspace, "run.yaml data.max_prompt_tokens=6",
                "train.jsonl: example 1: expected a prompt of at most 6 tokens (max_prompt_tokens, "
                "skip_long_prompts), got 7");
  check_refused(
      workspace, "run.yaml sampling.max_new_tokens=60 evaluation.max_new_tokens=3",
      "train.jsonl: example 1: expected a prompt of at most 4 tokens, as the model has 64 positions and "
      "max_new_tokens is 60, got 7");
  check_refused(
      workspace, "run.yaml evaluation.max_new_tokens=64",
      "test.jsonl: example 1: expected a prompt of at most 0 tokens, as the model has 64 positions and "
      "max_new_tokens is 64, got 7");
}

TEST_CASE("bad input: data rows", "[programs]") {
  check_data_refused("{\"problem\": \"1\", \"answer\": \"1\"}\n{\"problem\": \"1\"}\n",
                     ":2: expected the key 'answer', got a row without it");
  check_data_refused("{\"problem\": \"1\", \"answer\": \"one\"}\n",
                     ": example '1': number reward: expected a number as the answer, got 'one'");
  check_data_refused("{\"problem\": \"1\", \"answer\": \"1\"\n",
                     ":1: expected a JSON object, got invalid JSON at byte 31");
  check_data_refused("", ": expected at least one row, got an empty file");
  check_data_refused("\n\n", ": expected at least one row, got an empty file");
}

TEST_CASE("bad input: held-out data is read before anything is written", "[programs]") {
  const Workspace workspace;
  workspace.write("bad.jsonl", "{\"problem\": \"1\"}\n");
  check_refused(workspace, "run.yaml evaluation.data=bad.jsonl",
                "bad.jsonl:1: expected the key 'answer', got a row without it");
}

TEST_CASE("bad input: files that are not there, or of another kind", "[programs]") {
  const Workspace workspace;
  check_refused(workspace, "nowhere.yaml", "nowhere.yaml: expected a configuration file, found nothing");
  check_refused(workspace, "model", "model: expected a configuration file, got a folder");
  check_refused(workspace, "run.yaml data.train=nowhere.jsonl",
                "nowhere.jsonl: expected a file of JSON lines, found nothing");
  check_refused(workspace, "run.yaml evaluation.data=model",
                "model: expected a file of JSON lines, got a folder");
  check_refused(
      workspace, "run.yaml model.path=nowhere",
      "nowhere: expected a folder with tokenizer.json or tokenizer.model, or a GGUF file, found nothing");
  check_refused(workspace, "run.yaml loss.kl_coefficient=0.1 loss.reference=nowhere",
                "nowhere: expected a Hugging Face folder or a GGUF file, found nothing");
  check_refused(workspace, "run.yaml output.folder=run.yaml/out",
                "run.yaml/out: expected a folder that can be made, got Not a directory");
}

TEST_CASE("bad input: configuration keys and types, with file and line", "[programs]") {
  const auto check_config = [](const std::string& from, const std::string& to, const std::string& error) {
    const Workspace workspace;
    replace(workspace, "run.yaml", from, to);
    check_refused(workspace, "run.yaml", "run.yaml:" + error);
  };
  check_config("  steps: 2", "  steps: many", "13: train.steps: expected an integer, got 'many'");
  check_config("  steps: 2", "  step: 2", "13: unknown key 'step' in 'train', did you mean 'steps'?");
  check_config("  steps: 2", "  steps: -2", "13: train.steps: expected 0 or more, got -2");
  check_config("optimizer:", "optimiser:", "10: unknown key 'optimiser', did you mean 'optimizer'?");
  check_config("rewards:\n  - kind: number", "rewards: []",
               "6: rewards: expected at least one, such as [{kind: number}], got none");
  check_config("rewards:", "reward:", "6: unknown key 'reward', did you mean 'rewards'?");
  check_config("- kind: number", "- weight: .nan", "7: rewards[0].weight: expected a number, got '.nan'");
  if (!tempo::kernels::has_cuda())
    check_config("  threads: 1", "  device: cuda",
                 "3: model.device: expected a tempo built with CUDA (cmake --preset cuda) for 'cuda', got "
                 "one without");
  check_config("  threads: 1", "  device: tpu", "3: model.device: expected cpu, cuda or cuda:N, got 'tpu'");
  check_config("  threads: 1", "  chat_format: alpaca",
               std::string("3: model.chat_format: expected one of ") + kFormats + ", got alpaca");
  check_config("  threads: 1", "  chat_format: custom",
               "1: model.chat_template.user: expected a text with {content}, got none");
  check_config("  threads: 1", "  chat_template: {begin: <s>}",
               "3: model.chat_template: expected chat_format: custom beside it, got auto");
  check_config("  max_new_tokens: 3", "  temperature: 0",
               "8: sampling.temperature: expected more than 0 for training, got 0");
  check_config("  train: train.jsonl", "  prompt: \"{query}\"",
               "5: data.prompt.user: expected {problem}, {options} or {question}, got {query}");
  check_config("  path: model\n", "",
               "1: model.path: expected a Hugging Face folder or a GGUF file, got nothing");
}

TEST_CASE("bad input: overrides", "[programs]") {
  const Workspace workspace;
  check_refused(workspace, "run.yaml train.steps", "command line: expected key=value, got 'train.steps'");
  check_refused(workspace, "run.yaml trains.steps=3",
                "command line: unknown key 'trains', did you mean 'train'?");
  check_refused(workspace, "run.yaml train.steps=1.5",
                "command line: train.steps: expected an integer, got '1.5'");
  check_refused(workspace,
                "run.yaml output.folder=", "command line: output.folder: expected a path, got nothing");
  check_refused(workspace, "run.yaml data.train=", "run.yaml: data.train: expected a file, got nothing");
  check_refused(workspace, "run.yaml model.threads=-1",
                "command line: model.threads: expected 0 or more, got -1");
}

TEST_CASE("bad input: a reference with another vocabulary", "[programs]") {
  const Workspace workspace;
  check_refused(workspace,
                "run.yaml loss.kl_coefficient=0.1 loss.reference=" + std::string(TEMPO_GOLDEN_DIR) +
                    "/model/llama_tied",
                "reference: expected the model's vocabulary of 11 tokens, got 64");
}
