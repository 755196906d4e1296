// The reward of a response: a weighted sum of terms, with the reasons of each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/reward/exact.h"
#include "tempo/reward/number.h"
#include "tempo/reward/verdict.h"

namespace tempo::reward {

enum class RewardKind { kNumber, kChoice, kExact };

struct RewardTerm {
  RewardKind kind = RewardKind::kNumber;
  double weight = 1.0;
  NumberOptions number;  // read by kNumber
  ExactOptions exact;    // read by kExact

  // Throws tempo::Error naming the field.
  void validate() const;
};

// The kind's name in configurations and metrics: number, choice, exact.
const char* name_of(RewardKind kind);

// What all terms say about one response.
struct Score {
  double total = 0;           // sum of weight * score
  bool correct = false;       // the first term gave its full score, 1: what accuracy counts
  std::vector<double> terms;  // each term's score, without its weight
  std::string reason;         // "number: ...; exact: ..."
  std::string extracted;      // the first term's that found an answer
};

// Scores responses by all terms. Thread-safe.
class RewardFunction {
 public:
  // Throws tempo::Error: no terms, or one that does not validate.
  explicit RewardFunction(std::vector<RewardTerm> terms);

  // Throws tempo::Error, with the example's id, unless every term can score the example: its answer is a
  // number, or it has options. To be called on a data set before training on it.
  void check(const data::Example& example) const;

  // Throws tempo::Error as check does, and when the total is not finite.
  Score score(std::string_view response, const data::Example& example) const;

  const std::vector<RewardTerm>& terms() const { return terms_; }

 private:
  std::vector<RewardTerm> terms_;
};

}  // namespace tempo::reward
