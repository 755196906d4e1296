// Rewards responses that have a given form, whatever their answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

class Pattern;

enum class Form {
  kPattern,      // the regular expression matches the whole response
  kBoxed,        // a \boxed{} with balanced braces after the thoughts
  kThinkAnswer,  // <think>...</think><answer>...</answer> and nothing else, but for white space; each tag
                 // once
};

struct FormatOptions {
  Form form = Form::kPattern;
  std::string pattern;  // of kPattern, in PCRE2's syntax; "." also matches line breaks

  // Throws tempo::Error naming the field: no pattern, a wrong one, or one beside another form.
  void validate() const;
};

// Scores 1 where the response has the form. A pattern has a limit of steps (pattern.h): beyond it the score
// is 0 and the verdict's failure kLimit. The other forms are linear in the response. Thread-safe; copies are
// cheap.
class FormatReward {
 public:
  // Throws tempo::Error as validate does.
  explicit FormatReward(const FormatOptions& options);

  Verdict score(std::string_view response) const;

 private:
  Form form_;
  std::shared_ptr<const Pattern> pattern_;
};

}  // namespace tempo::reward
