// Rewards responses whose answer equals the reference answer as mathematics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

// Where the answer stands in a text.
enum class AnswerPlace {
  kBoxed,    // the last \boxed{} or \fbox{}; several in a row, as in "\boxed{1} and \boxed{2}", are one list,
             // or the last of them; none where the last never closes
  kTag,      // the last <answer></answer>
  kHashes,   // behind the last "####"
  kPhrase,   // behind the last "answer is" or "answer:"
  kFormula,  // the last formula between $, $$, \( \) or \[ \], or several in a row; none where a number
             // follows
  kNumber,   // the last number
  kWhole,    // the whole text
};

// Marked answers only: a guess in running text never counts.
std::vector<AnswerPlace> strict_places();

// All places, in the order above but for kWhole, which comes before kFormula and kNumber where the text as a
// whole can be read as an answer: for texts that are answers, or contain one.
std::vector<AnswerPlace> lenient_places();

struct MathOptions {
  std::vector<AnswerPlace> places = strict_places();  // the first that the response has decides
  double relative_tolerance = 0;                      // 0: exact; else also |a - b| <= tolerance * |b|
  std::int64_t max_steps = 200'000;  // of reading and comparing; beyond it the answer is wrong

  // Throws tempo::Error naming the field.
  void validate() const;
};

struct Equivalence {
  bool equivalent = false;
  std::string reason;  // one line of valid UTF-8: why
};

// Compares two answers, LaTeX or plain, as mathematics (docs/rewards.md lists what counts as equal). Reads no
// text around the answers. Bounded in time and memory by options.max_steps, whatever the bytes; never throws
// for them. Thread-safe.
Equivalence compare_answers(std::string_view gold, std::string_view answer, const MathOptions& options = {});

// Scores a response whose answer, found by options.places after its thoughts ("</think>"), should equal the
// reference. The reference is an answer, or a text that marks one. Bounded and thread-safe as
// compare_answers.
Verdict score_math(std::string_view response, std::string_view reference, const MathOptions& options = {});

}  // namespace tempo::reward
