// tempo-verify: whether answers equal their references as mathematics, from JSON lines to JSON lines.
#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "common/line_reader.h"
#include "common/program.h"
#include "tempo/core/error.h"
#include "tempo/reward/math.h"
#include "tempo_verify/row.h"
#include "tempo_verify/summary.h"

namespace {

using tempo::programs::Result;
using tempo::programs::Summary;
using tempo::reward::AnswerPlace;
using tempo::reward::MathOptions;

struct Options {
  std::string file = "-";
  bool strict = false;
  std::vector<std::string> places;
  double tolerance = MathOptions().relative_tolerance;
  int threads = 1;
  bool summary = false;
};

struct Line {
  std::string text, place;
};

// Rows that a thread gets at a time, on average; one thread answers each row before it reads the next.
constexpr std::size_t kRowsPerThread = 256;

constexpr const char* kFooter =
    "Input lines:   {\"gold\": reference answer, \"pred\": text with the model's answer}; an \"id\" is "
    "kept,\n"
    "               other keys are passed over\n"
    "Output lines:  {\"equivalent\": true or false, \"reason\": why}, in the order of the input; for a line\n"
    "               that is no such row {\"error\": what was expected}, and exit status 1 at the end\n\n"
    "Examples:\n"
    "  echo '{\"gold\": \"1/2\", \"pred\": \"So the probability is 2/4.\"}' | tempo-verify\n"
    "  tempo-verify --strict --threads 8 answers.jsonl\n"
    "  tempo-verify --summary pairs.jsonl >/dev/null      # pairs that have \"equivalent\": true or false\n";

const std::map<std::string, AnswerPlace> kPlaces{
    {"boxed", AnswerPlace::kBoxed},   {"tag", AnswerPlace::kTag},         {"hashes", AnswerPlace::kHashes},
    {"phrase", AnswerPlace::kPhrase}, {"formula", AnswerPlace::kFormula}, {"number", AnswerPlace::kNumber},
    {"whole", AnswerPlace::kWhole}};

std::vector<std::string> place_names() {
  std::vector<std::string> names;
  for (const auto& [name, place] : kPlaces) names.push_back(name);
  return names;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("FILE", options.file, "File of JSON lines; - or none: standard input");
  auto* strict = app.add_flag("--strict", options.strict,
                              "Only marked answers count (\\boxed{}); else the likeliest place of the text");
  app.add_option("--places", options.places,
                 "Where an answer may stand, the first place that a text has decides: boxed, tag (<answer>), "
                 "hashes (####), phrase (\"the answer is\"), formula, number, whole")
      ->delimiter(',')
      ->excludes(strict)
      ->allow_extra_args(false)
      ->check(CLI::IsMember(place_names()))
      ->option_text("PLACE,...");
  app.add_option("--tolerance", options.tolerance, "Numbers may differ by this share of the reference")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Rows verified at the same time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_flag("--summary", options.summary,
               "Write counts to standard error, and where rows with \"equivalent\" disagree");
  app.footer(kFooter);
}

MathOptions math_options(const Options& options) {
  MathOptions math{.relative_tolerance = options.tolerance};
  if (!options.strict) math.places = tempo::reward::lenient_places();
  if (!options.places.empty()) math.places.clear();
  for (const std::string& name : options.places) math.places.push_back(kPlaces.at(name));
  math.validate();
  return math;
}

// Fills the lines with the next ones, at most so many; false: none is left.
bool read_lines(tempo::common::LineReader& reader, std::size_t count, std::vector<Line>& lines) {
  lines.resize(count);
  std::size_t read = 0;
  while (read < count && reader.next(lines[read].text)) lines[read++].place = reader.place();
  lines.resize(read);
  return read > 0;
}

std::vector<Result> verify(const std::vector<Line>& lines, const MathOptions& options, int threads) {
  std::vector<Result> results(lines.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < lines.size(); i = next++)
      results[i] = tempo::programs::verify_line(lines[i].text, lines[i].place, options);
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins them
  return results;
}

void write_results(const Options& options) {
  const MathOptions math = math_options(options);
  const auto threads = static_cast<std::size_t>(options.threads);
  std::ios::sync_with_stdio(false);
  tempo::common::LineReader reader(options.file);
  std::vector<Line> lines;
  Summary summary;
  while (read_lines(reader, threads == 1 ? 1 : threads * kRowsPerThread, lines)) {
    const auto results = verify(lines, math, options.threads);
    for (std::size_t i = 0; i < results.size(); ++i) {
      std::cout << results[i].line;
      summary.add(results[i], lines[i].place);
    }
  }
  TEMPO_CHECK(std::cout.flush(), "standard output: expected to write, got a write error");
  if (options.summary) std::cerr << summary.text();
  summary.check_errors();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Verifies answers against references as mathematics.", "tempo-verify"};
  Options options;
  add_options(app, options);
  return tempo::common::run_program(app, argc, argv, [&] { write_results(options); });
}
