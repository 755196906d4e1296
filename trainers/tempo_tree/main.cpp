// tempo-tree: advantages of sampled responses, from JSON lines to JSON lines.
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cmath>
#include <iostream>
#include <span>
#include <string>

#include "common/program.h"
#include "tempo/core/error.h"
#include "tempo/credit/advantages.h"
#include "tempo/tree/forest.h"
#include "tempo_tree/drawing.h"
#include "tempo_tree/group_reader.h"

namespace {

using tempo::credit::AdvantageOptions;
using tempo::programs::Group;

struct Options {
  std::string file = "-";
  std::string estimator = "tempo";
  bool no_std = false;
  bool show = false;
  double epsilon = AdvantageOptions().epsilon;
  double value_shrinkage = AdvantageOptions().value_shrinkage;
};

constexpr const char* kFooter =
    "Input lines:   {\"responses\": [[token ids], ...], \"rewards\": [number, ...]}; other keys are passed "
    "over.\n"
    "Output lines:  {\"advantages\": [[number, ...], ...], \"nodes\": distinct response tokens (nodes of "
    "the\n"
    "               prefix tree), \"tokens\": all response tokens}\n"
    "With --show a token's advantage is its response's, plus the step of the segment whose first token it "
    "is.\n\n"
    "Example:\n"
    "  echo '{\"responses\": [[5, 7], [5, 9]], \"rewards\": [1, 0]}' | tempo-tree --no-std\n"
    "  {\"advantages\": [[0.5,1],[-0.5,-1]], \"nodes\": 3, \"tokens\": 4}\n";

std::string check_not_negative(const std::string& text) {
  double number = -1;
  const bool good = CLI::detail::lexical_cast(text, number) && number >= 0 && std::isfinite(number);
  return good ? "" : "expected a number of at least 0, got " + text;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("FILE", options.file, "File of JSON lines; - or none: standard input");
  app.add_option("--estimator", options.estimator, "How responses are credited")
      ->check(CLI::IsMember({"tempo", "grpo", "dr_grpo", "rloo"}))
      ->capture_default_str();
  app.add_flag("--no-std", options.no_std, "Do not divide by the group's standard deviation (tempo, grpo)");
  app.add_option("--epsilon", options.epsilon, "Added to the standard deviation")
      ->check(CLI::Validator(check_not_negative, ">=0"))
      ->capture_default_str();
  app.add_option("--value-shrinkage", options.value_shrinkage,
                 "kappa: V of n responses moves towards the V above it, with weight n/(n + kappa) on its own")
      ->check(CLI::Validator(check_not_negative, ">=0"))
      ->capture_default_str();
  app.add_flag("--show", options.show, "Draw each tree as text instead");
  app.footer(kFooter);
}

// Appends the shortest text that reads back as the same float: at most 9 significant digits.
void append_number(std::string& text, float number) {
  std::array<char, 32> digits;
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_result(std::string& text, const Group& group, const tempo::tree::Forest& forest,
                   std::span<const float> advantages) {
  text += "{\"advantages\": [";
  for (std::size_t i = 0; i + 1 < group.offsets.size(); ++i) {
    text += i == 0 ? "[" : ",[";
    const auto begin = static_cast<std::size_t>(group.offsets[i]);
    const auto end = static_cast<std::size_t>(group.offsets[i + 1]);
    for (std::size_t t = begin; t < end; ++t) {
      if (t > begin) text += ',';
      append_number(text, advantages[t]);
    }
    text += ']';
  }
  text += "], \"nodes\": " + std::to_string(forest.nodes());
  text += ", \"tokens\": " + std::to_string(group.tokens.size()) + "}\n";
}

void write_results(const Options& options) {
  const AdvantageOptions advantage_options{.estimator = tempo::credit::parse_estimator(options.estimator),
                                           .divide_by_std = !options.no_std,
                                           .epsilon = options.epsilon,
                                           .value_shrinkage = options.value_shrinkage};
  advantage_options.validate();
  std::ios::sync_with_stdio(false);
  tempo::programs::GroupReader reader(options.file);
  Group group;
  std::string text;
  for (std::size_t number = 1; reader.next(group); ++number) {
    try {
      const tempo::tree::Forest forest = build_forest(group.flat());
      text.clear();
      if (options.show)
        text = tempo::programs::draw_group(forest, group.rewards, advantage_options, number);
      else
        append_result(text, group, forest,
                      token_advantages(forest, assign_credit(forest, group.rewards, advantage_options)));
    } catch (const tempo::Error& error) {
      tempo::core::fail(reader.place(), ": ", error.what());
    }
    std::cout << text;
  }
  TEMPO_CHECK(std::cout.flush(), "standard output: expected to write, got a write error");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Assigns advantages to the tokens of sampled responses on their prefix tree.", "tempo-tree"};
  Options options;
  add_options(app, options);
  return tempo::common::run_program(app, argc, argv, [&] { write_results(options); });
}
