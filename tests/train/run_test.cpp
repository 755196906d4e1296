#include "tempo/train/run.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "tempo/io/file.h"
#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
namespace fs = std::filesystem;

namespace {

std::vector<nlohmann::json> lines_of(const fs::path& file) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(io::read_text(file));
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

train::EvaluationSet copy_set() {
  return {.name = "copy",
          .task = copy_task(),
          .options = {.sampling = {.max_new_tokens = 3, .stop_tokens = {kTurnEnd}}}};
}

// A run of five steps in a folder of its own.
struct FiveSteps {
  Scratch scratch;
  fs::path folder = scratch.folder() / "deep" / "run";
  model::Model model = tiny_language_model(1);
  train::Task task = copy_task();
  std::vector<std::string> events;
  train::RunSummary summary;

  explicit FiveSteps(const train::RunOptions& options,
                     std::vector<train::EvaluationSet> sets = {copy_set()}) {
    auto train_options = tiny_options();
    train_options.loop.steps = 5;
    train::Trainer trainer(model, nullptr, task, train_options);
    train::RunFolder run_folder(folder, "key: value\n", false);
    train::RunObserver observer;
    observer.on_step = [&](const train::StepReport& report) {
      const auto step = report.metrics.at("step");
      CHECK(lines_of(folder / "metrics.jsonl").back().at("step") == step);
      events.push_back("step " + std::to_string(static_cast<int>(step)));
    };
    observer.on_evaluation = [&](std::int64_t step, std::span<const train::Evaluation> results) {
      CHECK(results.size() == sets.size());
      events.push_back("evaluation " + std::to_string(step));
    };
    const train::RunParts parts{.model = model,
                                .task = task,
                                .sets = sets,
                                .folder = &run_folder,
                                .checkpoints = train::RunFolder::checkpoints_in(folder)};
    summary = train::run(trainer, parts, options, observer);
  }
};

}  // namespace

TEST_CASE("run: evaluates first, last and when due", "[train]") {
  train::RunOptions options;
  using Events = std::vector<std::string>;
  CHECK(FiveSteps(options).events ==
        Events{"evaluation 0", "step 1", "step 2", "step 3", "step 4", "step 5", "evaluation 5"});
  options.evaluate_every = 5;  // the last is due and comes anyway: once
  CHECK(FiveSteps(options).events.size() == 7);
  options.evaluate_every = 2;
  CHECK(FiveSteps(options).events == Events{"evaluation 0", "step 1", "step 2", "evaluation 2", "step 3",
                                            "step 4", "evaluation 4", "step 5", "evaluation 5"});
  const FiveSteps without(options, {});
  CHECK(without.events == Events{"step 1", "step 2", "step 3", "step 4", "step 5"});
  CHECK(without.summary.before.empty());
  CHECK(without.summary.after.empty());
}

TEST_CASE("run: metrics are a line a step and one an evaluation", "[train]") {
  const FiveSteps run({});
  const auto lines = lines_of(run.folder / "metrics.jsonl");
  REQUIRE(lines.size() == 7);
  CHECK(lines[0].at("eval/accuracy") == run.summary.before[0].statistics.sampled->accuracy.value);
  CHECK(lines[1].at("step") == 1);
  CHECK(lines[5].at("reward").is_number());
  CHECK(lines[6].at("step") == 5);
  CHECK(lines[6].at("eval/accuracy_stderr") ==
        run.summary.after[0].statistics.sampled->accuracy.standard_error);
}

TEST_CASE("run: every set has its metrics and its answers", "[train]") {
  auto many = copy_set();
  many.name = "many";
  many.metrics = "eval/many/";
  many.options.greedy = true;
  many.options.samples = 4;
  auto one = copy_set();
  one.metrics = "eval/copy/";
  const FiveSteps run({}, {one, many});
  const auto lines = lines_of(run.folder / "metrics.jsonl");
  REQUIRE(lines.size() == 7);
  const auto& sampled = *run.summary.before[1].statistics.sampled;
  CHECK(lines[0].at("eval/copy/accuracy") == run.summary.before[0].statistics.sampled->accuracy.value);
  CHECK(lines[0].at("eval/many/accuracy") == sampled.accuracy.value);
  CHECK(lines[0].at("eval/many/pass@4") == sampled.pass_at.back().second.value);
  CHECK(lines[0].at("eval/many/maj@4") == sampled.majority_at.back().second.value);
  CHECK(lines[0].contains("eval/many/greedy_accuracy"));
  CHECK_FALSE(lines[0].contains("eval/copy/greedy_accuracy"));
  const auto answers = lines_of(run.folder / "evaluations.jsonl");
  REQUIRE(answers.size() == 2 * (4 + 4 + 16));
  CHECK(answers[4].at("set") == "many");
  CHECK(answers[4].at("greedy") == true);
  CHECK(answers[9].at("sample") == 1);
}

TEST_CASE("run: completions say what was sampled, what was found in it and why", "[train]") {
  train::RunOptions options;
  options.completions_every = 2;
  const FiveSteps run(options);
  const auto lines = lines_of(run.folder / "completions.jsonl");
  REQUIRE(lines.size() == 2 * 4 * 16);
  CHECK(lines[0].at("step") == 2);
  CHECK(lines[127].at("step") == 4);
  for (const auto& line : lines) {
    CHECK(line.at("problem") == line.at("answer"));
    const auto found = line.at("extracted").get<std::string>();  // "01" is right for "1"
    const bool right = !found.empty() && std::stod(found) == std::stod(line.at("answer").get<std::string>());
    CHECK((line.at("reward") == 1) == right);
    CHECK(line.at("reason").get<std::string>().starts_with("number: "));
    CHECK(line.at("tokens").get<int>() <= 3);
    CHECK(line.at("truncated").is_boolean());
    CHECK(line.at("completion").is_string());
  }
  CHECK(lines_of(run.folder / "evaluations.jsonl").size() == 2 * 4);
}

TEST_CASE("run: the configuration stands in the folder", "[train]") {
  const FiveSteps run({});
  CHECK(io::read_text(run.folder / "config.yaml") == "key: value\n");
}

TEST_CASE("run: the saved model and tokenizer are the trained ones", "[train]") {
  const FiveSteps run({});
  CHECK(run.summary.model == run.folder / "final");
  const auto saved = model::load_model(run.summary.model, at::kFloat, at::kCPU);
  CHECK(equal_bits(copy_of_weights(saved), copy_of_weights(run.model)));
  CHECK_FALSE(equal_bits(copy_of_weights(saved), copy_of_weights(tiny_language_model(1))));
  const auto tokenizer = text::Tokenizer::load(run.summary.model);
  CHECK(tokenizer.chat_template() == run.task.tokenizer().chat_template());
  CHECK(tokenizer.encode("12<|im_end|>") == run.task.tokenizer().encode("12<|im_end|>"));
}

TEST_CASE("run: saves when due, in the dtype asked for", "[train]") {
  train::RunOptions options;
  options.save_every = 2;
  options.save_dtype = at::kBFloat16;
  const FiveSteps run(options, {});
  std::vector<std::string> folders;
  for (const auto& entry : fs::directory_iterator(run.folder))
    if (entry.is_directory()) folders.push_back(entry.path().filename().string());
  std::sort(folders.begin(), folders.end());
  CHECK(folders == std::vector<std::string>{"checkpoints", "final", "step-2", "step-4"});
  CHECK(fs::file_size(run.folder / "final" / "model.safetensors") <
        static_cast<std::uintmax_t>(3 * run.model.parameters().size() * 1000));
}

TEST_CASE("RunFolder: a folder that holds a run is refused, unless it may be replaced", "[train]") {
  const Scratch scratch;
  const auto folder = scratch.folder() / "run";
  {
    train::RunFolder first(folder, "a: 1\n", false);
    first.add_metrics({});
  }
  CHECK(
      error_of([&] { train::RunFolder(folder, "a: 2\n", false); }) ==
      folder.string() +
          ": expected a folder without a run, found metrics.jsonl (set output.overwrite, or another folder)");
  CHECK(io::read_text(folder / "config.yaml") == "a: 1\n");
  CHECK(io::read_text(folder / "metrics.jsonl") == "{}\n");
  const train::RunFolder second(folder, "a: 2\n", true);
  CHECK(io::read_text(folder / "config.yaml") == "a: 2\n");
  CHECK(io::read_text(folder / "metrics.jsonl").empty());
}

TEST_CASE("RunFolder: a folder that cannot be made is an error that names it", "[train]") {
  const Scratch scratch;
  const auto file = scratch.write("file", "");
  const std::string error = error_of([&] { train::RunFolder(file / "run", "", false); });
  CHECK(error.starts_with((file / "run").string() + ": expected a folder that can be made, got "));
}

TEST_CASE("LineFile: a full disk is an error", "[train]") {
  train::LineFile file("/dev/full");
  CHECK(error_of([&] { file.append("line"); }) == "/dev/full: could not write (is the disk full?)");
}
