// Problems that stand twice: within a data set, or in training and evaluation data. All run in linear time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/data/dataset.h"

namespace tempo::data {

// Two examples, by index.
struct ExamplePair {
  std::int64_t first = 0, second = 0;
  bool operator==(const ExamplePair&) const = default;
};

// Returns the text as duplicates are compared: ASCII letters in lower case, each run of white space and of
// . , ; : ! ? " ' ` $ ~ as one space, none at the ends. Signs of mathematics stay.
std::string normalise_text(std::string_view text);

// Returns what two duplicates have in common: the normalised problem and, where there are options, the
// normalised text of the right one. So neither the options' order and number nor, without options, the answer
// tell two rows apart; "Which of these is true?" with two right options is two problems.
std::string duplicate_key(const Example& example);

// Returns (earlier, later) for every example whose key an earlier one has: the first that has it.
std::vector<ExamplePair> find_repeated(std::span<const Example> examples);

struct Overlap {
  std::vector<ExamplePair> exact;  // (training, held out): one for each such training example, the same key
  std::vector<ExamplePair> near;   // likewise: not the same, but near
};

// Words in a row that are compared; problems of fewer words have no near duplicates.
inline constexpr std::size_t kNearWords = 8;
// Share of the held-out problem's runs of words that stand in the training problem, from which it is near.
inline constexpr double kNearShare = 0.8;
// Runs of words that more held-out problems have are phrases of the data set, and not compared.
inline constexpr std::size_t kMaxProblemsOfPhrase = 32;

// Returns the training examples that stand in the held-out ones, in the order of training.
Overlap find_overlap(std::span<const Example> training, std::span<const Example> held_out);

}  // namespace tempo::data
