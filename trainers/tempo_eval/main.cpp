// tempo-eval: measures a model on sets of problems, from the same configuration as tempo-train.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "common/data_report.h"
#include "common/evaluation_setup.h"
#include "common/program.h"
#include "common/run_config.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/fingerprint.h"
#include "tempo_eval/monitor.h"
#include "tempo_eval/results_json.h"
#include "tempo_eval/table.h"

namespace {

namespace common = tempo::common;
namespace fs = std::filesystem;
namespace programs = tempo::programs;
namespace train = tempo::train;

constexpr const char* kFooter = R"(
Reads the sections model, data, rewards, sampling and evaluation of a configuration of tempo-train.
Writes to the output folder (output.folder, or DIR): answers.jsonl with every answer and why it is right
or wrong, results.json, results.md. An evaluation that was interrupted goes on when it is started again;
one that is complete is scored again, without the model.

Examples:
  tempo-eval examples/quickstart.yaml evaluation.greedy=true evaluation.samples=0
  tempo-eval examples/eval_smollm2.yaml --sets math500,amc23
  tempo-eval examples/eval_smollm2.yaml model.path=runs/math_smollm2/final --output runs/math_smollm2/eval

docs/evaluation.md explains the numbers, docs/configuration.md the keys.)";

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  std::string output;
  std::string sets;  // names and commas; empty: all
  bool list = false;
  bool overwrite = false;
};

using Sets = std::vector<train::EvaluationSet>;

std::vector<std::string> names_of(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream parts(text);
  for (std::string name; std::getline(parts, name, ',');) names.push_back(name);
  return names;
}

void print_sets(const Sets& sets) {
  std::vector<std::vector<std::string>> rows{{"set", "", "problems", "greedy", "samples", "tokens", "data"}};
  for (const auto& set : sets)
    rows.push_back({set.name, set.in_distribution ? "in" : "out", std::to_string(set.task.size()),
                    set.options.greedy ? "yes" : "no", std::to_string(set.options.samples),
                    std::to_string(set.options.sampling.max_new_tokens), set.task.location()});
  fmt::print("{}", programs::markdown_table(rows));
}

// The tokens that remain to be sampled, if each response is as long as it may get.
std::int64_t most_tokens(const Sets& sets, const train::AnswerStore& store) {
  std::int64_t tokens = 0;
  for (const auto& set : sets)
    tokens += train::missing_responses(set, store) * set.options.sampling.max_new_tokens;
  return tokens;
}

std::vector<train::Evaluation> evaluate_all(const common::ModelSection& section, const Sets& sets,
                                            const train::AnswerStore& store) {
  programs::Monitor monitor(most_tokens(sets, store));
  std::optional<tempo::model::Model> model;
  const auto source = [&]() -> const tempo::model::Model& {
    if (!model) {
      monitor.loading();
      model.emplace(common::open_model(section.path, section));
      monitor.start_sampling();
    }
    return *model;
  };
  std::vector<train::Evaluation> evaluations;
  for (const auto& set : sets) {
    monitor.begin(set);
    evaluations.push_back(train::evaluate(
        source, set, store, [&](const train::EvaluationProgress& progress) { monitor.show(progress); }));
    monitor.end(evaluations.back().statistics);
  }
  return evaluations;
}

// Returns the output folder, which is there.
fs::path prepared_folder(const common::RunConfig& config, const Arguments& arguments) {
  fs::path folder = arguments.output.empty() ? config.output.folder : fs::path(arguments.output);
  std::error_code error;
  fs::create_directories(folder, error);
  TEMPO_CHECK(!error, folder.string(), ": expected a folder that can be made, got ", error.message());
  return folder;
}

void write_results(const fs::path& folder, const programs::EvaluatedModel& model,
                   const std::vector<programs::SetResult>& results, const std::string& configuration) {
  const std::string table = programs::overview(results);
  tempo::io::write_text_atomically(folder / "results.json",
                                   programs::results_json(model, results, configuration));
  tempo::io::write_text_atomically(folder / "results.md", fmt::format("# {}\n\n{}{}", model.path.string(),
                                                                      table, programs::details(results)));
  fmt::print("\n{}\n{}\n", model.path.string(), table);
  fmt::print("Written: answers.jsonl, results.json and results.md in {}\n", folder.string());
}

void run(const Arguments& arguments) {
  common::RunConfig config;
  auto document = tempo::config::load(arguments.file, arguments.overrides);
  document.read([&](tempo::config::Reader& reader) { common::bind(reader, config); });
  TEMPO_CHECK(!config.evaluation.sets.empty(), arguments.file,
              ": evaluation: expected data or sets, got neither");
  common::prepare_process(config.model.threads);
  const Sets sets = common::open_sets(config, names_of(arguments.sets));
  if (arguments.list) return print_sets(sets);
  common::check_fit(tempo::model::read_config(config.model.path), sets);
  for (const auto& set : sets)
    for (const std::string& line : common::describe_sets(set.task)) fmt::print("{}\n", line);

  const fs::path folder = prepared_folder(config, arguments);
  train::AnswerFile answers(folder / "answers.jsonl", arguments.overwrite);
  // In another dtype the same weights give other answers.
  const train::AnswerStore store{
      &answers, train::model_fingerprint(config.model.path) + static_cast<std::uint64_t>(config.model.dtype)};
  const auto evaluations = evaluate_all(config.model, sets, store);

  std::vector<train::AnsweredSet> answered;
  std::vector<programs::SetResult> results;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    answered.push_back({sets[i].name, &sets[i].task, evaluations[i].answers});
    results.push_back({&sets[i], evaluations[i].statistics});
  }
  answers.rewrite(answered);
  const programs::EvaluatedModel model{config.model.path, store.model_fingerprint,
                                       config.model.dtype == at::kFloat ? "float32" : "bfloat16"};
  write_results(folder, model, results, document.resolved());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures a model on sets of problems with known answers.", "tempo-eval");
  Arguments arguments;
  app.add_option("config", arguments.file, "YAML configuration")->required()->type_name("CONFIG.yaml");
  app.add_option("overrides", arguments.overrides,
                 "Values that replace the file's, such as evaluation.samples=4")
      ->type_name("KEY=VALUE");
  app.add_option("--output", arguments.output, "Output folder (default: output.folder)")->type_name("DIR");
  app.add_option("--sets", arguments.sets, "Evaluate on these sets only, by name (default: all)")
      ->type_name("NAME,...");
  app.add_flag("--list", arguments.list, "Only print the sets");
  app.add_flag("--overwrite", arguments.overwrite, "Drop the answers that are in the folder");
  app.footer(kFooter);
  return common::run_program(app, argc, argv, [&] { run(arguments); });
}
