// Verifications a second on one core, over the answers and solutions of MATH-500.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/reward/math.h"

namespace {

using tempo::reward::MathOptions;

struct Pair {
  std::string gold, pred;
};

// Returns the rows, with the solution in the problem's place; none where the file is not at hand.
std::vector<tempo::data::Example> solutions() {
  const auto path = std::filesystem::path(TEMPO_DATA_DIR) / "math500.jsonl";
  if (!std::filesystem::exists(path)) return {};
  return tempo::data::read_examples(path, {.problem_key = "solution"});
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Returns the answer as a model may write it instead, so that the texts differ and the values do not.
std::string respelled(const std::string& answer) {
  std::string text = "{";
  text += replaced(replaced(answer, "\\frac", "\\dfrac"), "+", " + ");
  return text += "}";
}

std::vector<Pair> spellings() {
  std::vector<Pair> pairs;
  for (const auto& row : solutions()) pairs.push_back({row.answer, respelled(row.answer)});
  return pairs;
}

std::vector<Pair> neighbours() {
  const auto rows = solutions();
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < rows.size(); ++i)
    pairs.push_back({rows[i].answer, rows[(i + 1) % rows.size()].answer});
  return pairs;
}

std::vector<Pair> responses() {
  std::vector<Pair> pairs;
  for (const auto& row : solutions()) pairs.push_back({row.answer, row.problem});
  return pairs;
}

// Times score(gold, pred), of whose pairs a share between the bounds should be equivalent.
template <typename Score>
void time_pairs(benchmark::State& state, const std::vector<Pair>& pairs, double at_least, double at_most,
                const Score& score) {
  if (pairs.empty()) {
    state.SkipWithError("expected math500.jsonl in TEMPO_DATA_DIR, found none");
    return;
  }
  double equivalent = 0, bytes = 0;
  for (const Pair& pair : pairs) {
    equivalent += score(pair) ? 1 : 0;
    bytes += static_cast<double>(pair.gold.size() + pair.pred.size());
  }
  const auto count = static_cast<double>(pairs.size());
  if (equivalent < at_least * count || equivalent > at_most * count) {
    state.SkipWithError("expected another share of equivalent pairs");
    return;
  }
  for (auto _ : state)
    for (const Pair& pair : pairs) benchmark::DoNotOptimize(score(pair));
  const auto rounds = static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations() * std::ssize(pairs));
  state.SetBytesProcessed(static_cast<std::int64_t>(rounds * bytes));
}

bool compare(const Pair& pair) { return tempo::reward::compare_answers(pair.gold, pair.pred).equivalent; }

bool score(const Pair& pair) { return tempo::reward::score_math(pair.pred, pair.gold).score == 1; }

void BM_same_answer_respelled(benchmark::State& state) { time_pairs(state, spellings(), 1, 1, compare); }

void BM_other_answer(benchmark::State& state) { time_pairs(state, neighbours(), 0, 0.02, compare); }

void BM_whole_solution(benchmark::State& state) { time_pairs(state, responses(), 1, 1, score); }

BENCHMARK(BM_same_answer_respelled)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_other_answer)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_whole_solution)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
