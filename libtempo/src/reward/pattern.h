// Regular expressions over responses, with a bound on the work of a match.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/reward/verdict.h"

struct pcre2_real_code_8;

namespace tempo::reward {

// A compiled pattern in PCRE2's syntax, which is Perl's and close to Python's; "." also matches line breaks.
// Immutable and safe for concurrent use. Bytes of a text that are not UTF-8 are matched as U+FFFD.
class Pattern {
 public:
  // Throws tempo::Error, with the place in the pattern, for one that is wrong.
  explicit Pattern(const std::string& pattern);

  // The number of its capture groups.
  std::size_t groups() const;

  enum class Result { kFound, kNotFound, kLimit };
  struct Match {
    Result result = Result::kNotFound;
    std::vector<std::string> groups;  // the whole match first; a group that took no part is empty
  };

  // Returns the last match in the text, of those that do not overlap from its begin on. kLimit: more than a
  // fixed number of steps, where each character that is passed over and each item of the pattern that is
  // tried is one: about half a second.
  Match find_last(std::string_view text) const;

  // Returns the match that is the whole text.
  Match match_whole(std::string_view text) const;

 private:
  std::shared_ptr<const pcre2_real_code_8> code_;
};

// Returns what a term says of a text that took too many steps.
Verdict limit_verdict();

}  // namespace tempo::reward
