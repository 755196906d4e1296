// One line of tempo-verify's input, and the line of output that answers it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tempo/reward/math.h"

namespace tempo::programs {

struct Result {
  std::string line;   // of output, with its end
  std::string error;  // what is wrong with the input line; empty: nothing
  bool equivalent = false;
  std::optional<bool> expected;  // the row's own "equivalent"
};

// Verifies the line's answer. A line that is no row gives an error that begins with the place, and a line of
// output that says so; never throws for it. Thread-safe.
Result verify_line(std::string_view line, const std::string& place, const reward::MathOptions& options);

}  // namespace tempo::programs
