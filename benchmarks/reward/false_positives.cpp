// Which different answers of data sets the mathematics verifier finds equal. Each pair of answers is
// compared both ways; what is equal, also through a third answer, is one class, printed as one JSON line.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/program.h"
#include "tempo/data/dataset.h"
#include "tempo/reward/math.h"

namespace {

using Index = std::size_t;
using Pairs = std::vector<std::pair<Index, Index>>;

struct Options {
  std::vector<std::string> files;
  int threads = 1;
};

std::vector<std::string> distinct_answers(const std::vector<std::string>& files) {
  std::set<std::string> answers;
  for (const std::string& file : files)
    for (const auto& row : tempo::data::read_examples(file)) answers.insert(row.answer);
  return {answers.begin(), answers.end()};
}

struct Findings {
  Pairs equal, one_way;  // one_way: equal or not by which of them is the reference

  void append(const Findings& other) {
    equal.insert(equal.end(), other.equal.begin(), other.equal.end());
    one_way.insert(one_way.end(), other.one_way.begin(), other.one_way.end());
  }
};

void compare_with_later(const std::vector<std::string>& answers, Index i, Findings& findings) {
  for (Index j = i + 1; j < answers.size(); ++j) {
    const bool forth = tempo::reward::compare_answers(answers[i], answers[j]).equivalent;
    const bool back = tempo::reward::compare_answers(answers[j], answers[i]).equivalent;
    if (forth || back) findings.equal.emplace_back(i, j);
    if (forth != back) findings.one_way.emplace_back(i, j);
  }
}

Findings compare_all(const std::vector<std::string>& answers, int threads) {
  Findings all;
  std::mutex mutex;
  std::atomic<Index> next = 0;
  const auto work = [&] {
    Findings findings;
    for (Index i = next++; i < answers.size(); i = next++) compare_with_later(answers, i, findings);
    const std::scoped_lock lock(mutex);
    all.append(findings);
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins them
  return all;
}

// Returns the first answer of each one's class.
std::vector<Index> classes_of(Index count, const Pairs& equal) {
  std::vector<Index> parent(count);
  std::iota(parent.begin(), parent.end(), Index{0});
  const auto root = [&](Index i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (const auto& [i, j] : equal) parent[std::max(root(i), root(j))] = std::min(root(i), root(j));
  for (Index i = 0; i < count; ++i) parent[i] = root(i);
  return parent;
}

void print_classes(const std::vector<std::string>& answers, const Findings& findings) {
  std::map<Index, std::vector<std::string>> members;
  const auto classes = classes_of(answers.size(), findings.equal);
  for (Index i = 0; i < answers.size(); ++i) members[classes[i]].push_back(answers[i]);
  Index pairs_in_classes = 0;
  for (const auto& [first, texts] : members) {
    if (texts.size() == 1) continue;
    pairs_in_classes += texts.size() * (texts.size() - 1) / 2;
    std::cout << nlohmann::json(texts).dump() << "\n";
  }
  for (const auto& [i, j] : findings.one_way)
    std::cout << nlohmann::json{{"one_way", {answers[i], answers[j]}}}.dump() << "\n";
  std::cerr << answers.size() << " distinct answers, " << answers.size() * (answers.size() - 1) / 2
            << " pairs, " << findings.equal.size() << " of them equal, " << findings.one_way.size()
            << " of these in one direction only; " << pairs_in_classes << " pairs within classes\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Compares the answers of data sets, each with each.", "false-positives"};
  Options options;
  app.add_option("FILES", options.files, "Data sets: JSON lines with \"problem\" and \"answer\"")->required();
  app.add_option("--threads", options.threads, "Threads")->check(CLI::Range(1, 1024))->capture_default_str();
  return tempo::common::run_program(app, argc, argv, [&] {
    const auto answers = distinct_answers(options.files);
    print_classes(answers, compare_all(answers, options.threads));
  });
}
