// A line of tempo-verify's input: whatever it is, the answer is one line of JSON.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "tempo_verify/row.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const programs::Result result =
      programs::verify_line({reinterpret_cast<const char*>(data), size}, "stdin:1", reward::MathOptions());
  fuzz::require(result.line.find('\n') == result.line.size() - 1, "an output of one line", result.line);
  fuzz::require(nlohmann::json::parse(result.line).is_object(), "an output that is an object", result.line);
  fuzz::require(fuzz::is_one_line(result.error), "an error in one line", result.error);
  return 0;
}
