// Reward programs in a few lines of Python or shell, and what they are given.
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tempo/reward/command.h"

namespace tempo::testing {

// Python's loop over requests; `body` sees the request as r and leaves the answer in a.
inline std::vector<std::string> python(const std::string& body, const std::string& before = "") {
  return {"python3", "-c",
          "import sys, json, os, time, signal\n" + before +
              "\nfor line in sys.stdin:\n  r = json.loads(line); a = {}\n" + body +
              "\n  print(json.dumps(a), flush=True)\n"};
}

inline std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

// Scores the length of the response.
inline const std::string kLength = "  a = {'id': r['id'], 'score': len(r['response'])}";

// Items over texts that live as long as this.
class Items {
 public:
  explicit Items(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (const auto& text : texts_) items_.push_back({.response = {.text = text}, .example = &example_});
  }
  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;

  const std::vector<reward::Item>& all() const { return items_; }

 private:
  data::Example example_{"e1", "Which?", "46", {{"A", "this"}}, "", ""};
  std::vector<std::string> texts_;
  std::vector<reward::Item> items_;
};

// Short limits: a test that waits for all of them still ends soon.
inline reward::CommandOptions command_options(std::vector<std::string> command) {
  reward::CommandOptions options;
  options.command = std::move(command);
  options.timeout_s = 2;
  options.start_timeout_s = 20;  // of an interpreter on a busy machine
  options.failure_score = -2;
  options.max_failures = 3;
  return options;
}

inline std::vector<double> scores_of(const std::vector<reward::Verdict>& verdicts) {
  std::vector<double> scores;
  for (const auto& verdict : verdicts) scores.push_back(verdict.score);
  return scores;
}

inline std::vector<reward::Failure> failures_of(const std::vector<reward::Verdict>& verdicts) {
  std::vector<reward::Failure> failures;
  for (const auto& verdict : verdicts) failures.push_back(verdict.failure);
  return failures;
}

}  // namespace tempo::testing
