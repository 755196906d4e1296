// Rewards responses whose answer is the right text, byte for byte.
#pragma once

#include <string_view>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

struct ExactOptions {
  bool ignore_case = false;  // of ASCII letters
  bool marked = false;       // compares what the response marks as its answer, not the whole response
};

// Scores a response whose text, without white space around it, should equal the answer's. Marked: the last
// \boxed{}, else <answer></answer>, else the sentence after the last "####" or "answer is", without its
// period; a response without one is wrong. Thoughts before "</think>" never count. Linear in the response.
// Thread-safe.
Verdict score_exact(std::string_view response, std::string_view answer, const ExactOptions& options = {});

}  // namespace tempo::reward
