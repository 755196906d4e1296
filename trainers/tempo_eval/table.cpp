#include "tempo_eval/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace tempo::programs {
namespace {

using train::AnswerStatistics;
using train::Estimate;
using Rows = std::vector<std::vector<std::string>>;

constexpr const char* kNone = "-";

std::string accuracy(const std::optional<Estimate>& estimate) {
  return estimate ? percent_with_interval(*estimate) : kNone;
}

std::optional<Estimate> accuracy_of(const std::optional<AnswerStatistics>& statistics) {
  return statistics ? std::optional(statistics->accuracy) : std::nullopt;
}

// Of several samples alone: the k of one sample are its accuracy.
std::string last_of(const std::optional<AnswerStatistics>& statistics,
                    std::vector<std::pair<std::int32_t, Estimate>> AnswerStatistics::*by_k) {
  if (!statistics || statistics->samples == 1) return kNone;
  return percent_with_interval(((*statistics).*by_k).back().second);
}

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

// Returns the row of the mean over the sets of a kind, with equal weights; none for fewer than two.
void add_mean(std::span<const SetResult> results, bool in_distribution, Rows& rows) {
  double greedy = 0, sampled = 0;
  int sets = 0, with_greedy = 0, with_samples = 0;
  for (const auto& [set, statistics] : results) {
    if (set->in_distribution != in_distribution) continue;
    ++sets;
    if (statistics.greedy) greedy += statistics.greedy->accuracy.value, ++with_greedy;
    if (statistics.sampled) sampled += statistics.sampled->accuracy.value, ++with_samples;
  }
  if (sets < 2) return;
  rows.push_back({"mean", in_distribution ? "in" : "out", "",
                  with_greedy == sets ? percent(greedy / sets) : kNone, "",
                  with_samples == sets ? percent(sampled / sets) : kNone, "", "", "", "", ""});
}

std::string by_k(const SetResult& result) {
  const auto& sampled = result.statistics.sampled;
  if (!sampled || sampled->samples == 1) return "";
  Rows rows{{"k", "pass@k", "maj@k"}};
  for (std::size_t i = 0; i < sampled->pass_at.size(); ++i)
    rows.push_back({std::to_string(sampled->pass_at[i].first),
                    percent_with_interval(sampled->pass_at[i].second),
                    percent_with_interval(sampled->majority_at[i].second)});
  return fmt::format("\n{}", markdown_table(rows));
}

std::string by_group(const std::string& what, const std::vector<train::GroupStatistics>& groups) {
  if (groups.empty()) return "";
  Rows rows{{what, "problems", "greedy", "mean@n"}};
  for (const train::GroupStatistics& group : groups)
    rows.push_back({group.name.empty() ? "(none)" : group.name, std::to_string(group.problems),
                    accuracy(group.greedy), accuracy(group.sampled)});
  return fmt::format("\n{}", markdown_table(rows));
}

}  // namespace

std::string percent_with_interval(const Estimate& estimate) {
  return fmt::format("{:.1f} [{:.1f}, {:.1f}]", 100 * estimate.value, 100 * estimate.low,
                     100 * estimate.high);
}

std::string markdown_table(const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 3);  // room for the rule below the head
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  const auto line = [&](const std::function<std::string(std::size_t)>& cell) {
    std::string text = "|";
    for (std::size_t c = 0; c < widths.size(); ++c)
      text += c == 0 ? fmt::format(" {:<{}} |", cell(c), widths[c])
                     : fmt::format(" {:>{}} |", cell(c), widths[c]);
    return text + "\n";
  };
  std::string text = line([&](std::size_t c) { return rows[0][c]; });
  text +=
      line([&](std::size_t c) { return std::string(widths[c] - (c > 0 ? 1 : 0), '-') + (c > 0 ? ":" : ""); });
  for (std::size_t r = 1; r < rows.size(); ++r) text += line([&](std::size_t c) { return rows[r][c]; });
  return text;
}

std::string overview(std::span<const SetResult> results) {
  Rows rows{
      {"set", "", "problems", "greedy", "n", "mean@n", "pass@n", "maj@n", "tokens", "cut off", "no answer"}};
  for (const auto& [set, statistics] : results) {
    const AnswerStatistics& main = statistics.main();
    rows.push_back(
        {set->name, set->in_distribution ? "in" : "out", std::to_string(statistics.problems),
         accuracy(accuracy_of(statistics.greedy)),
         statistics.sampled ? std::to_string(statistics.sampled->samples) : kNone,
         accuracy(accuracy_of(statistics.sampled)), last_of(statistics.sampled, &AnswerStatistics::pass_at),
         last_of(statistics.sampled, &AnswerStatistics::majority_at), fmt::format("{:.1f}", main.mean_length),
         percent(main.truncated), percent(main.unanswered)});
  }
  add_mean(results, true, rows);
  add_mean(results, false, rows);
  return markdown_table(rows);
}

std::string details(std::span<const SetResult> results) {
  std::string text;
  for (const SetResult& result : results) {
    const std::string tables = by_k(result) + by_group("subject", result.statistics.subjects) +
                               by_group("level", result.statistics.levels);
    if (!tables.empty()) text += fmt::format("\n## {}\n{}", result.set->name, tables);
  }
  return text;
}

}  // namespace tempo::programs
