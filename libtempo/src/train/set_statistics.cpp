#include "tempo/train/set_statistics.h"

#include <algorithm>
#include <functional>
#include <map>

#include "same_answers.h"
#include "tempo/core/error.h"

namespace tempo::train {
namespace {

using Answers = std::span<const Answer>;

// The same number of answers to each problem, in order.
struct Decoding {
  Answers answers;
  std::int32_t samples = 1;

  Answers of(std::int64_t problem) const {
    const auto n = static_cast<std::size_t>(samples);
    return answers.subspan(static_cast<std::size_t>(problem) * n, n);
  }
};

Decoding decoding_of(Answers answers, std::int64_t problems) {
  const auto count = static_cast<std::int64_t>(answers.size());
  TEMPO_CHECK(count > 0 && count % problems == 0,
              "statistics_of: expected the same number of answers for each of ", problems, " problems, got ",
              count);
  const Decoding decoding{answers, static_cast<std::int32_t>(count / problems)};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t expected = i / decoding.samples;
    TEMPO_CHECK(answers[static_cast<std::size_t>(i)].problem == expected,
                "statistics_of: expected the answers in the order of the problems");
  }
  return decoding;
}

std::int32_t right_ones(Answers answers) {
  return static_cast<std::int32_t>(
      std::count_if(answers.begin(), answers.end(), [](const Answer& a) { return a.score.correct; }));
}

double share_right(Answers answers) {
  return static_cast<double>(right_ones(answers)) / static_cast<double>(answers.size());
}

double mean_of(Answers answers, const std::function<double(const Answer&)>& value) {
  double sum = 0;
  for (const Answer& answer : answers) sum += value(answer);
  return sum / static_cast<double>(answers.size());
}

// Returns the mean over the problems, all or those given.
Estimate accuracy_of(const Decoding& decoding, std::span<const std::int64_t> problems) {
  std::vector<double> shares;
  for (const std::int64_t problem : problems) shares.push_back(share_right(decoding.of(problem)));
  return mean_of_problems(shares, decoding.samples);
}

void add_by_k(const Task& task, const Decoding& decoding, AnswerStatistics& statistics) {
  std::vector<std::vector<Vote>> votes;
  for (std::int64_t p = 0; p < task.size(); ++p) votes.push_back(votes_of(task.reward(), decoding.of(p)));
  for (const std::int32_t k : reported_k(decoding.samples)) {
    std::vector<double> passes, majorities;
    for (std::int64_t p = 0; p < task.size(); ++p) {
      passes.push_back(pass_at_k(decoding.samples, right_ones(decoding.of(p)), k));
      majorities.push_back(majority_at_k(votes[static_cast<std::size_t>(p)], k));
    }
    statistics.pass_at.emplace_back(k, mean_of_problems(passes, decoding.samples));
    statistics.majority_at.emplace_back(k, mean_of_problems(majorities, decoding.samples));
  }
}

AnswerStatistics statistics_of(const Task& task, const Decoding& decoding,
                               std::span<const std::int64_t> problems) {
  AnswerStatistics statistics;
  statistics.samples = decoding.samples;
  statistics.accuracy = accuracy_of(decoding, problems);
  add_by_k(task, decoding, statistics);
  statistics.mean_length = mean_of(decoding.answers, [](const Answer& a) { return a.tokens; });
  statistics.truncated = mean_of(decoding.answers, [](const Answer& a) { return a.truncated ? 1 : 0; });
  statistics.unanswered =
      mean_of(decoding.answers, [](const Answer& a) { return a.score.extracted.empty() ? 1 : 0; });
  return statistics;
}

std::vector<GroupStatistics> groups_of(const Task& task, std::string data::Example::*name,
                                       const std::optional<Decoding>& greedy,
                                       const std::optional<Decoding>& sampled) {
  std::map<std::string, std::vector<std::int64_t>> problems;
  for (std::int64_t p = 0; p < task.size(); ++p) problems[task.example(p).*name].push_back(p);
  if (problems.size() == 1 && problems.contains("")) return {};
  std::vector<GroupStatistics> groups;
  for (const auto& [group, members] : problems) {
    GroupStatistics statistics{.name = group, .problems = static_cast<std::int64_t>(members.size())};
    if (greedy) statistics.greedy = accuracy_of(*greedy, members);
    if (sampled) statistics.sampled = accuracy_of(*sampled, members);
    groups.push_back(std::move(statistics));
  }
  return groups;
}

}  // namespace

SetStatistics statistics_of(const Task& task, std::span<const Answer> answers) {
  const auto first_sample =
      std::find_if(answers.begin(), answers.end(), [](const auto& a) { return !a.greedy; });
  const auto greedy_ones = static_cast<std::size_t>(first_sample - answers.begin());
  std::optional<Decoding> greedy, sampled;
  if (greedy_ones > 0) greedy = decoding_of(answers.first(greedy_ones), task.size());
  if (greedy_ones < answers.size()) sampled = decoding_of(answers.subspan(greedy_ones), task.size());
  TEMPO_CHECK(greedy || sampled, "statistics_of: expected answers, got none");

  std::vector<std::int64_t> all;
  for (std::int64_t p = 0; p < task.size(); ++p) all.push_back(p);
  SetStatistics statistics;
  statistics.problems = task.size();
  if (greedy) statistics.greedy = statistics_of(task, *greedy, all);
  if (sampled) statistics.sampled = statistics_of(task, *sampled, all);
  statistics.subjects = groups_of(task, &data::Example::subject, greedy, sampled);
  statistics.levels = groups_of(task, &data::Example::level, greedy, sampled);
  return statistics;
}

}  // namespace tempo::train
