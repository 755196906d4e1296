// Estimates from the answers of an evaluation, and how sure they are: docs/evaluation.md has the formulas.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tempo::train {

struct Estimate {
  double value = 0;
  double standard_error = 0;  // over problems; 0 of a single one
  double low = 0, high = 0;   // 95 % confidence interval, within [0, 1]
};

// Returns the mean of one value of [0, 1] a problem, each the mean over `samples` responses. Problems are
// independent, responses to one problem are not: the interval is Wilson's for as many independent answers as
// the spread between problems tells, at least one and at most `samples` a problem. For one response a problem
// it is Wilson's interval itself. Throws tempo::Error: no values, or one outside of [0, 1].
// Sources: Wilson 1927; Korn and Graubard 1998 for the effective number.
Estimate mean_of_problems(std::span<const double> values, std::int32_t samples);

// Returns the probability that k of n answers, drawn without replacement, hold at least one of the c right
// ones: 1 - C(n-c, k) / C(n, k), without large factors. Source: Chen et al. 2021, arXiv:2107.03374.
// Requires: 0 <= c <= n, 1 <= k <= n. Throws tempo::Error otherwise.
double pass_at_k(std::int32_t n, std::int32_t c, std::int32_t k);

// One response as a vote for its answer.
struct Vote {
  std::int32_t answer = -1;  // equal answers have one number; -1: no answer, which does not vote
  bool correct = false;
};

// Returns the share of right majorities: the votes are cut into blocks of k, in order, a rest is left out,
// and each block takes the answer with most votes, of equal ones that which came first, as right as the first
// vote for it. A block without answers is wrong. Requires: 1 <= k <= votes. Throws tempo::Error otherwise.
double majority_at_k(std::span<const Vote> votes, std::int32_t k);

// Returns the k that are reported for n samples: 1, 2, 4, ... and n.
std::vector<std::int32_t> reported_k(std::int32_t n);

}  // namespace tempo::train
