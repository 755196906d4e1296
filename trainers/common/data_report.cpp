#include "common/data_report.h"

#include <set>

#include "tempo/core/error.h"
#include "tempo/data/duplicates.h"

namespace tempo::common {
namespace {

using data::Example;
using data::ExamplePair;

// Returns "(first: A and B)" for the ids of the first pair.
std::string first_pair(std::span<const Example> a, std::span<const Example> b, const ExamplePair& pair) {
  return core::concat("(first: ", a[static_cast<std::size_t>(pair.first)].id, " and ",
                      b[static_cast<std::size_t>(pair.second)].id, ")");
}

std::string problems(std::size_t count) { return core::concat(count, count == 1 ? " problem" : " problems"); }

std::string left_out(std::int64_t count, const char* why) {
  return count == 0 ? std::string{} : core::concat(", ", count, " left out: ", why);
}

std::string describe_set(const train::TaskSet& set, std::span<const Example> examples) {
  std::string text = core::concat(set.location, " (", problems(examples.size()),
                                  left_out(set.skipped_long, "longer prompts"),
                                  left_out(set.skipped_short, "shorter prompts"),
                                  left_out(set.skipped_unscorable, "rewards cannot score them"));
  const auto repeated = data::find_repeated(examples);
  if (!repeated.empty())
    text += core::concat(", ", repeated.size(), " stand twice ",
                         first_pair(examples, examples, repeated.front()));
  text += ")";
  if (set.weight) text += core::concat(", weight ", *set.weight);
  return text;
}

std::span<const Example> examples_of(const train::Task& task, const train::TaskSet& set) {
  return task.examples().subspan(static_cast<std::size_t>(set.first), static_cast<std::size_t>(set.size));
}

// Repetitions within one set are told with the set.
void report_repeated(const train::Task& task, std::vector<std::string>& lines) {
  std::vector<ExamplePair> across;
  for (const ExamplePair& pair : data::find_repeated(task.examples())) {
    if (task.set_of(pair.first) != task.set_of(pair.second)) across.push_back(pair);
  }
  if (across.empty()) return;
  lines.push_back(core::concat(problems(across.size()), " in two training sets ",
                               first_pair(task.examples(), task.examples(), across.front())));
}

// Adds the training problems of an evaluation set to `found`, as far as they are the same.
void report_overlap(const train::Task& training, const train::Task& evaluation, const train::TaskSet& set,
                    DuplicatePolicy policy, std::set<std::int64_t>& found, std::vector<std::string>& lines) {
  const auto held_out = examples_of(evaluation, set);
  const data::Overlap overlap = data::find_overlap(training.examples(), held_out);
  for (const ExamplePair& pair : overlap.exact) found.insert(pair.first);
  if (!overlap.exact.empty()) {
    const std::string text =
        core::concat(problems(overlap.exact.size()), " of ", set.location, " in training ",
                     first_pair(training.examples(), held_out, overlap.exact.front()));
    TEMPO_CHECK(policy != DuplicatePolicy::kError,
                "data.duplicates: expected no problem of the evaluation data in training, got ", text);
    lines.push_back(text + (policy == DuplicatePolicy::kSkip ? ", left out of it" : ", kept"));
  }
  if (overlap.near.empty()) return;
  lines.push_back(core::concat(problems(overlap.near.size()), " much like one of ", set.location,
                               " in training ",
                               first_pair(training.examples(), held_out, overlap.near.front()), ", kept"));
}

}  // namespace

std::vector<std::string> describe_sets(const train::Task& task) {
  std::vector<std::string> lines;
  for (const train::TaskSet& set : task.sets()) lines.push_back(describe_set(set, examples_of(task, set)));
  return lines;
}

std::vector<std::string> settle_duplicates(train::Task& training,
                                           std::span<const train::Task* const> evaluations,
                                           DuplicatePolicy policy) {
  std::vector<std::string> lines;
  std::set<std::int64_t> found;
  report_repeated(training, lines);
  for (const train::Task* evaluation : evaluations) {
    for (const train::TaskSet& set : evaluation->sets())
      report_overlap(training, *evaluation, set, policy, found, lines);
  }
  if (policy == DuplicatePolicy::kSkip)
    training.remove(std::vector<std::int64_t>(found.begin(), found.end()));
  return lines;
}

}  // namespace tempo::common
