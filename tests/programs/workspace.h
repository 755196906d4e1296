// A folder as a user of the programs has it: a tiny model, data files and a configuration.
#pragma once

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "programs/run_command.h"
#include "support/tiny_language.h"
#include "tempo/io/file.h"

namespace tempo::tests {

inline constexpr const char* kTinyConfig = R"(model:
  path: model
  threads: 1
data:
  train: train.jsonl
rewards:
  - kind: number
sampling:
  max_new_tokens: 3
optimizer:
  learning_rate: 0.01
train:
  steps: 2
  prompts_per_step: 4
  responses_per_prompt: 4
evaluation:
  data: test.jsonl
output:
  folder: out
)";

// Programs run in this folder; it goes away with the object.
class Workspace {
 public:
  Workspace() {
    std::filesystem::create_directory(folder() / "model");
    model::save_model(testing::tiny_language_model(1), folder() / "model", at::kFloat);
    testing::write_tiny_tokenizer(folder() / "model");
    write("train.jsonl", rows({"0", "1", "2", "3"}));
    write("test.jsonl", rows({"4", "5"}));
    write("run.yaml", kTinyConfig);
  }

  // Has another configuration, too.
  Workspace(const std::string& name, std::string_view config) : Workspace() { write(name, config); }

  // Runs a program with the folder as its current one.
  CommandResult run(const std::string& program, const std::string& arguments,
                    const std::string& input = "") const {
    return run_command("cd " + folder().string() + " && " + program + " " + arguments, input);
  }

  const std::filesystem::path& folder() const { return scratch_.folder(); }
  void write(const std::string& name, std::string_view text) const {
    testing::write_file(folder() / name, text);
  }
  std::string read(const std::string& name) const { return io::read_text(folder() / name); }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder() / name); }

  // The objects of a JSON-lines file.
  std::vector<nlohmann::json> lines(const std::string& name) const {
    std::vector<nlohmann::json> objects;
    std::istringstream text(read(name));
    for (std::string line; std::getline(text, line);) objects.push_back(nlohmann::json::parse(line));
    return objects;
  }

  // The rows whose answer is the problem.
  static std::string rows(const std::vector<std::string>& digits) {
    std::string text;
    for (const std::string& digit : digits)
      text += R"({"problem": ")" + digit + R"(", "answer": ")" + digit + "\"}\n";
    return text;
  }

 private:
  testing::Scratch scratch_;
};

}  // namespace tempo::tests
