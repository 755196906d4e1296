// tempo-eval: accuracy of a model on a data file, from the same configuration as tempo-train.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/program.h"
#include "common/progress.h"
#include "common/run_config.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/run_folder.h"

namespace {

namespace common = tempo::common;
namespace train = tempo::train;

constexpr const char* kFooter = R"(
Reads the sections model, data, rewards, sampling and evaluation of a configuration of tempo-train.
Greedy by default; with --samples N the accuracy is the mean of N samples a problem at the
evaluation's temperature.

Examples:
  tempo-eval examples/quickstart.yaml
  tempo-eval examples/quickstart.yaml model.path=runs/quickstart/final --answers answers.jsonl
  tempo-eval examples/medqa_smollm2.yaml --samples 4 evaluation.limit=100)";

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  std::int32_t samples = 0;  // 0: greedy
  std::string answers;
};

void run(const Arguments& arguments) {
  common::RunConfig config;
  tempo::config::load(arguments.file, arguments.overrides).read([&](tempo::config::Reader& reader) {
    common::bind(reader, config);
  });
  TEMPO_CHECK(!config.evaluation.data.empty(), arguments.file,
              ": evaluation.data: expected a file, got nothing");
  common::prepare_process(config.model.threads);

  const train::Task task = common::open_task(config, config.evaluation.data, config.evaluation.limit);
  common::set_stop_tokens(config, task);
  const auto model = common::open_model(config.model.path, config.model);
  train::EvaluationOptions options = config.run.evaluation;
  options.samples = std::max(arguments.samples, 1);
  if (arguments.samples == 0) options.sampling.temperature = 0;

  train::check_fit(model.config(), task, options.sampling);
  std::optional<train::LineFile> answers;
  if (!arguments.answers.empty()) answers.emplace(arguments.answers);

  common::ProgressLine line;
  const train::Evaluation result =
      train::evaluate(model, task, options, [&](std::int64_t done, std::int64_t total) {
        line.update(fmt::format("{}/{} responses", done, total));
      });
  line.clear();
  if (answers) train::append_completions(*answers, 0, task, result.batch);
  fmt::print("model        {}\ndata         {}\nproblems     {}\nsamples      {}\n",
             config.model.path.string(), config.evaluation.data.string(), task.size(),
             arguments.samples == 0 ? "greedy" : std::to_string(options.samples));
  fmt::print(
      "accuracy     {:.2f} % (standard error {:.2f})\nmean length  {:.1f} tokens\ncut off      {:.2f} %\n",
      100 * result.accuracy, 100 * result.standard_error, result.mean_length, 100 * result.truncated);
  if (!arguments.answers.empty()) fmt::print("answers      {}\n", arguments.answers);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures the accuracy of a model on problems with known answers.", "tempo-eval");
  Arguments arguments;
  app.add_option("config", arguments.file, "YAML configuration")->required()->type_name("CONFIG.yaml");
  app.add_option("overrides", arguments.overrides,
                 "Values that replace the file's, such as evaluation.limit=100")
      ->type_name("KEY=VALUE");
  app.add_option("--samples", arguments.samples, "Samples a problem (default: one greedy answer)")
      ->check(CLI::PositiveNumber);
  app.add_option("--answers", arguments.answers,
                 "Write every answer, its reward and why to this JSON-lines file");
  app.footer(kFooter);
  return common::run_program(app, argc, argv, [&] { run(arguments); });
}
