// Rewards responses in which a regular expression is found.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

class Pattern;

struct RegexOptions {
  std::string pattern;            // in PCRE2's syntax; "." also matches line breaks
  bool whole = false;             // the pattern must match the whole response, not a part of it
  std::int32_t answer_group = 0;  // the capture group that must be the answer; 0: a match alone scores 1
  bool ignore_case = false;       // of ASCII letters, where a group is compared; in a pattern write (?i)

  // Throws tempo::Error naming the field: no pattern, a wrong one, or one without that group.
  void validate() const;
};

// Scores 1 where the pattern matches, by its last match, and where its group equals the answer but for white
// space around both. A pattern has a limit of steps (pattern.h): beyond it the score is 0 and the verdict's
// failure kLimit. Thread-safe; copies are cheap.
class RegexReward {
 public:
  // Throws tempo::Error as validate does.
  explicit RegexReward(const RegexOptions& options);

  Verdict score(std::string_view response, std::string_view answer) const;

 private:
  RegexOptions options_;
  std::shared_ptr<const Pattern> pattern_;
};

}  // namespace tempo::reward
