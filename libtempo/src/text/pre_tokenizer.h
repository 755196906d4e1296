// The pre-tokenizer: cuts text into the pieces inside which tokens are merged.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "regex.h"

namespace tempo::text {

// What becomes of the matches of a pattern, and of the text between them.
enum class SplitBehavior { kIsolated, kRemoved, kMergedWithPrevious, kMergedWithNext, kContiguous };

struct SplitStep {
  Regex pattern;
  SplitBehavior behavior = SplitBehavior::kIsolated;
  bool invert = false;  // true: the text between the matches counts as the matches
};

struct PrefixSpaceStep {};  // puts a space before a piece that does not begin with one

using PreTokenizerStep = std::variant<SplitStep, PrefixSpaceStep>;

// Views into the text that was cut, or into `owned`.
struct Pieces {
  std::vector<std::string_view> views;
  std::deque<std::string> owned;
};

// Cuts the text by each step in turn; no piece is empty. Requires valid UTF-8 that outlives the result.
Pieces pre_tokenize(const std::vector<PreTokenizerStep>& steps, std::string_view text);

// The pattern of GPT-2, which the step ByteLevel of a tokenizer.json stands for.
extern const std::string_view kGpt2Pattern;

}  // namespace tempo::text
