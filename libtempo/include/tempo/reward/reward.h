// The reward of a response: a weighted sum of terms, with the reasons of each.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/reward/command.h"
#include "tempo/reward/exact.h"
#include "tempo/reward/format.h"
#include "tempo/reward/math.h"
#include "tempo/reward/number.h"
#include "tempo/reward/overlong.h"
#include "tempo/reward/regex.h"
#include "tempo/reward/repetition.h"
#include "tempo/reward/response.h"
#include "tempo/reward/verdict.h"

namespace tempo::reward {

// docs/rewards.md explains each.
enum class RewardKind {
  kNumber,
  kChoice,
  kExact,
  kMath,
  kAnswer,      // as kChoice where the problem has options, else as kMath
  kFormat,      // says nothing about the answer, like the two below
  kOverlong,    // 0 to -1
  kRepetition,  // 0 to -max_penalty
  kRegex,
  kCommand,
};

struct RewardTerm {
  RewardKind kind = RewardKind::kNumber;
  double weight = 1.0;
  NumberOptions number{};  // read by kNumber
  ExactOptions exact{};    // and so on
  MathOptions math{};      // also by kAnswer
  FormatOptions format{};
  RegexOptions regex{};
  OverlongOptions overlong{};
  RepetitionOptions repetition{};
  CommandOptions command{};             // where there is no pool
  std::shared_ptr<CommandPool> pool{};  // read by kCommand: processes that several functions share

  // Throws tempo::Error naming the field.
  void validate() const;
};

// The kind's name in configurations and metrics: number, choice, exact and so on.
const char* name_of(RewardKind kind);

// What all terms say about one response.
struct Score {
  double total = 0;      // sum of weight * score
  bool correct = false;  // the first term that judges answers gave its full score, 1: what accuracy counts
  std::vector<double> terms;      // each term's score, without its weight
  std::vector<Failure> failures;  // each term's
  std::string reason;             // "number: ...; exact: ..."
  std::string extracted;          // the first term's that found an answer
};

// Scores responses by all terms. Thread-safe; copies are cheap and share processes.
class RewardFunction {
 public:
  // Throws tempo::Error: no terms, or one that does not validate.
  explicit RewardFunction(std::vector<RewardTerm> terms);

  // Throws tempo::Error, with the example's id, unless every term can score the example: its answer is a
  // number, or it has options. To be called on a data set before training on it.
  void check(const data::Example& example) const;

  // Tries the terms that need processes on an example. Throws tempo::Error as CommandPool::start does.
  void start(const data::Example& example) const;

  // Returns a score for each item. Throws tempo::Error as check does, when a length limit is missing that a
  // term needs, and when a total is not finite. What processes do is no error: the scores say it.
  std::vector<Score> score(std::span<const Item> items) const;
  Score score(const Response& response, const data::Example& example) const;
  Score score(std::string_view response, const data::Example& example) const;

  const std::vector<RewardTerm>& terms() const;

 private:
  struct Terms;
  std::shared_ptr<const Terms> terms_;
};

// Adds the failures that the scores of a batch have, [terms].
void count_failures(std::span<const Score> scores, std::span<FailureCounts> counts);

}  // namespace tempo::reward
