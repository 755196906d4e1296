// What one reward term says about one response.
#pragma once

#include <string>

namespace tempo::reward {

struct Verdict {
  double score = 0;       // 1: right, 0: wrong
  std::string reason;     // one line of valid UTF-8: why
  std::string extracted;  // the answer found in the response, clipped, valid UTF-8; empty: none
};

}  // namespace tempo::reward
