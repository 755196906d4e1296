// Regular expressions of a configuration over responses: pattern, answer and response are the parts of the
// input. The engine is not instrumented; what shows is a match that takes too long or too much memory.
#include "fuzz/fuzz.h"
#include "tempo/reward/format.h"
#include "tempo/reward/regex.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto bits = input.number<std::uint8_t>();
  const std::string pattern(input.part());
  const std::string_view answer = input.part(), response = input.rest();
  fuzz::run([&] {
    const reward::RegexReward reward({.pattern = pattern,
                                      .whole = (bits & 1) != 0,
                                      .answer_group = bits >> 6,
                                      .ignore_case = (bits & 2) != 0});
    const double score = reward.score(response, answer).score;
    fuzz::require(score == 0 || score == 1, "a score of 0 or 1");
  });
  fuzz::run([&] { reward::FormatReward({.pattern = pattern}).score(response); });
  return 0;
}
