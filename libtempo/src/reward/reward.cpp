#include "tempo/reward/reward.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "extract.h"
#include "tempo/core/error.h"
#include "tempo/reward/choice.h"

namespace tempo::reward {
namespace {

Verdict choose(std::string_view response, const data::Example& example) {
  TEMPO_CHECK(!example.options.empty(), "expected options, got none");
  return score_choice(response, example.answer, example.options);
}

Verdict verify(std::string_view response, const data::Example& example, const MathOptions& options) {
  TEMPO_CHECK(!trim(example.answer).empty(), "expected an answer, got an empty one");
  return score_math(response, example.answer, options);
}

bool judges_answers(RewardKind kind) {
  return kind != RewardKind::kFormat && kind != RewardKind::kOverlong && kind != RewardKind::kRepetition;
}

// A term with what its options were made into.
struct ReadyTerm {
  RewardTerm term;
  std::optional<FormatReward> format;  // of kFormat
  std::optional<RegexReward> regex;    // of kRegex

  explicit ReadyTerm(RewardTerm options) : term((options.validate(), std::move(options))) {
    if (term.kind == RewardKind::kFormat) format.emplace(term.format);
    if (term.kind == RewardKind::kRegex) regex.emplace(term.regex);
    if (term.kind == RewardKind::kCommand && !term.pool)
      term.pool = std::make_shared<CommandPool>(term.command);
  }

  Verdict score(const Response& response, const data::Example& example) const {
    switch (term.kind) {
      case RewardKind::kNumber:
        return score_number(response.text, example.answer, term.number);
      case RewardKind::kChoice:
        return choose(response.text, example);
      case RewardKind::kExact:
        return score_exact(response.text, example.answer, term.exact);
      case RewardKind::kMath:
        return verify(response.text, example, term.math);
      case RewardKind::kAnswer:
        return example.options.empty() ? verify(response.text, example, term.math)
                                       : choose(response.text, example);
      case RewardKind::kFormat:
        return format->score(response.text);
      case RewardKind::kOverlong:
        return score_overlong(response, term.overlong);
      case RewardKind::kRepetition:
        return score_repetition(response.text, term.repetition);
      case RewardKind::kRegex:
        return regex->score(response.text, example.answer);
      case RewardKind::kCommand:
        break;
    }
    const Item item{response, &example};
    return term.pool->score({&item, 1})[0];
  }

  std::vector<Verdict> score(std::span<const Item> items) const {
    if (term.kind == RewardKind::kCommand) return term.pool->score(items);
    std::vector<Verdict> verdicts;
    for (const Item& item : items) {
      try {
        verdicts.push_back(score(item.response, *item.example));
      } catch (const Error& error) {
        core::fail("example '", item.example->id, "': ", name_of(term.kind), " reward: ", error.what());
      }
    }
    return verdicts;
  }
};

// Adds a term's verdict to what the terms before it say.
void add(Score& score, const RewardTerm& term, Verdict verdict) {
  score.total += term.weight * verdict.score;
  score.terms.push_back(verdict.score);
  score.failures.push_back(verdict.failure);
  if (!score.reason.empty()) score.reason += "; ";
  score.reason += core::concat(name_of(term.kind), ": ", verdict.reason);
  if (score.extracted.empty()) score.extracted = std::move(verdict.extracted);
}

}  // namespace

struct RewardFunction::Terms {
  std::vector<RewardTerm> options;
  std::vector<ReadyTerm> ready;
  std::size_t judge = 0;  // the term that says what is right
};

const char* name_of(RewardKind kind) {
  switch (kind) {
    case RewardKind::kNumber:
      return "number";
    case RewardKind::kChoice:
      return "choice";
    case RewardKind::kExact:
      return "exact";
    case RewardKind::kMath:
      return "math";
    case RewardKind::kAnswer:
      return "answer";
    case RewardKind::kFormat:
      return "format";
    case RewardKind::kOverlong:
      return "overlong";
    case RewardKind::kRepetition:
      return "repetition";
    case RewardKind::kRegex:
      return "regex";
    case RewardKind::kCommand:
      break;
  }
  return "command";
}

void RewardTerm::validate() const {
  TEMPO_CHECK(std::isfinite(weight), "weight: expected a finite number, got ", weight);
  if (kind == RewardKind::kNumber) number.validate();
  if (kind == RewardKind::kMath || kind == RewardKind::kAnswer) math.validate();
  if (kind == RewardKind::kFormat) format.validate();
  if (kind == RewardKind::kOverlong) overlong.validate();
  if (kind == RewardKind::kRepetition) repetition.validate();
  if (kind == RewardKind::kRegex) regex.validate();
  if (kind == RewardKind::kCommand && !pool) command.validate();
}

RewardFunction::RewardFunction(std::vector<RewardTerm> terms) {
  TEMPO_CHECK(!terms.empty(), "RewardFunction: expected at least one term, got none");
  auto made = std::make_shared<Terms>();
  for (auto& term : terms) {
    made->ready.emplace_back(std::move(term));
    made->options.push_back(made->ready.back().term);
  }
  const auto judge = std::find_if(made->options.begin(), made->options.end(),
                                  [](const RewardTerm& term) { return judges_answers(term.kind); });
  if (judge != made->options.end()) made->judge = static_cast<std::size_t>(judge - made->options.begin());
  terms_ = std::move(made);
}

const std::vector<RewardTerm>& RewardFunction::terms() const { return terms_->options; }

void RewardFunction::check(const data::Example& example) const {
  const Item empty{.response = {}, .example = &example};
  for (const ReadyTerm& ready : terms_->ready) {
    if (judges_answers(ready.term.kind) && ready.term.kind != RewardKind::kCommand) ready.score({&empty, 1});
  }
}

void RewardFunction::start(const data::Example& example) const {
  for (const ReadyTerm& ready : terms_->ready)
    if (ready.term.pool) ready.term.pool->start(example);
}

std::vector<Score> RewardFunction::score(std::span<const Item> items) const {
  std::vector<Score> scores(items.size());
  for (const ReadyTerm& ready : terms_->ready) {
    auto verdicts = ready.score(items);
    for (std::size_t i = 0; i < items.size(); ++i) add(scores[i], ready.term, std::move(verdicts[i]));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    scores[i].correct = scores[i].terms[terms_->judge] == 1.0;
    TEMPO_CHECK(std::isfinite(scores[i].total), "example '", items[i].example->id,
                "': expected a finite reward, got ", scores[i].total);
  }
  return scores;
}

Score RewardFunction::score(const Response& response, const data::Example& example) const {
  const Item item{response, &example};
  return std::move(score({&item, 1})[0]);
}

Score RewardFunction::score(std::string_view response, const data::Example& example) const {
  return score(Response{.text = response}, example);
}

void count_failures(std::span<const Score> scores, std::span<FailureCounts> counts) {
  for (const Score& score : scores)
    for (std::size_t t = 0; t < counts.size(); ++t) ++counts[t][static_cast<std::size_t>(score.failures[t])];
}

}  // namespace tempo::reward
