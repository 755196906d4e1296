#include "tempo/reward/regex.h"

#include "extract.h"
#include "pattern.h"
#include "tempo/core/error.h"

namespace tempo::reward {

void RegexOptions::validate() const {
  TEMPO_CHECK(!pattern.empty(), "pattern: expected a regular expression, got nothing");
  const auto groups = static_cast<std::int64_t>(Pattern(pattern).groups());
  TEMPO_CHECK(answer_group >= 0 && answer_group <= groups,
              "answer_group: expected 0, or one of the pattern's ", groups, " capture groups, got ",
              answer_group);
}

RegexReward::RegexReward(const RegexOptions& options)
    : options_((options.validate(), options)), pattern_(std::make_shared<const Pattern>(options.pattern)) {}

Verdict RegexReward::score(std::string_view response, std::string_view answer) const {
  const auto match = options_.whole ? pattern_->match_whole(response) : pattern_->find_last(response);
  if (match.result == Pattern::Result::kLimit) return limit_verdict();
  if (match.result == Pattern::Result::kNotFound) {
    return {.score = 0, .reason = "the pattern does not match", .extracted = {}};
  }
  const auto text = trim(match.groups[static_cast<std::size_t>(options_.answer_group)]);
  if (options_.answer_group == 0) {
    return {.score = 1,
            .reason = core::concat("the pattern matches ", quoted(text)),
            .extracted = printable(text)};
  }
  const auto right = trim(answer);
  const bool same = options_.ignore_case ? lower_ascii(text) == lower_ascii(right) : text == right;
  return {.score = same ? 1.0 : 0.0,
          .reason = core::concat(quoted(text), same ? " equals " : " differs from ", quoted(right)),
          .extracted = printable(text)};
}

}  // namespace tempo::reward
