// Rewards responses whose answer is the right number.
#pragma once

#include <string_view>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

struct NumberOptions {
  bool strict = false;  // the whole response must be the number, but for white space and a last period
  double relative_tolerance = 0;  // 0: exact; else also |found - right| <= tolerance * |right|

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Scores a response against the right number. A number is an integer, decimal, a/b or \frac{a}{b}, with sign,
// "$" before, "%" after (both are ignored), thousands separators "1,234", "1{,}234" or "1\,234" and an
// exponent "1e5", "1 \times 10^{5}" or "1*10^5"; digits right behind a letter belong to a word. The
// comparison is exact, in decimal digits: 0.50 equals 1/2, and 0.333 does not equal 1/3. So is the tolerance:
// 1e-6 is one millionth.
//
// Which number counts, by the first of these that the response has, after its thoughts ("</think>"):
//   the last \boxed{}, then <answer></answer>:  the only number in it; boxed mathematics around it is wrong
//   the last "####", "answer is" or "answer:":  the first number of that sentence, after its last "="
//   else the last number.
// Linear in the response, whatever its bytes. Thread-safe. Throws tempo::Error when `answer` is not a number.
Verdict score_number(std::string_view response, std::string_view answer, const NumberOptions& options = {});

}  // namespace tempo::reward
