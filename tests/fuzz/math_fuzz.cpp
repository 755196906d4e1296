// The mathematics verifier: options, response and reference are the parts of the input.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "tempo/reward/math.h"

using namespace tempo;

namespace {

reward::MathOptions options_of(std::uint8_t bits) {
  reward::MathOptions options;
  if (bits & 1) options.places = reward::lenient_places();
  if (bits & 2) options.relative_tolerance = 1e-3;
  if (bits & 4) options.max_steps = 50;
  return options;
}

// A reason is one line, and both are valid UTF-8.
void check_text(const std::string& text, const std::string& reason) {
  fuzz::require(fuzz::is_one_line(reason), "a reason in one line", reason);
  nlohmann::json(reason).dump();  // throws for what is not UTF-8
  nlohmann::json(text).dump();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const reward::MathOptions options = options_of(input.number<std::uint8_t>());
  const std::string_view response = input.part(), reference = input.rest();
  // Neither may throw, whatever the bytes.
  const reward::Verdict verdict = reward::score_math(response, reference, options);
  fuzz::require(verdict.score == 0 || verdict.score == 1, "a score of 0 or 1", std::to_string(verdict.score));
  check_text(verdict.extracted, verdict.reason);
  const reward::Equivalence answer = reward::compare_answers(reference, response, options);
  check_text({}, answer.reason);
  return 0;
}
