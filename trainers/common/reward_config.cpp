#include "common/reward_config.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/values.h"

namespace tempo::common {
namespace {

using config::Node;
using config::Reader;
using reward::AnswerPlace;
using reward::RewardKind;
using reward::RewardTerm;

constexpr std::array<std::pair<const char*, AnswerPlace>, 7> kPlaces{{{"boxed", AnswerPlace::kBoxed},
                                                                      {"tag", AnswerPlace::kTag},
                                                                      {"hashes", AnswerPlace::kHashes},
                                                                      {"phrase", AnswerPlace::kPhrase},
                                                                      {"formula", AnswerPlace::kFormula},
                                                                      {"number", AnswerPlace::kNumber},
                                                                      {"whole", AnswerPlace::kWhole}}};

// Where an answer may stand, as a configuration says it.
struct Places {
  std::vector<AnswerPlace> places;
};

AnswerPlace read_place(const Node& node, const std::string& path) {
  const auto found =
      std::find_if(kPlaces.begin(), kPlaces.end(), [&](const auto& p) { return node.text == p.first; });
  if (node.kind != Node::Kind::kScalar || found == kPlaces.end())
    config::fail_value(node, path, "one of: boxed, tag, hashes, phrase, formula, number, whole");
  return found->second;
}

void read_value(const Node& node, const std::string& path, Places& value) {
  if (node.kind == Node::Kind::kScalar && node.text == "strict") {
    value.places = reward::strict_places();
  } else if (node.kind == Node::Kind::kScalar && node.text == "lenient") {
    value.places = reward::lenient_places();
  } else if (node.kind == Node::Kind::kList && !node.items.empty()) {
    value.places.clear();
    for (const Node& item : node.items) value.places.push_back(read_place(item, path));
  } else {
    config::fail_value(node, path, "strict, lenient or a list of places such as [boxed, tag]");
  }
}

Node to_node(const Places& value) {
  if (value.places == reward::strict_places()) return config::to_node(std::string("strict"));
  if (value.places == reward::lenient_places()) return config::to_node(std::string("lenient"));
  std::vector<std::string> names;
  for (const AnswerPlace place : value.places)
    names.emplace_back(std::find_if(kPlaces.begin(), kPlaces.end(), [&](const auto& p) {
                         return p.second == place;
                       })->first);
  return config::to_node(names);
}

void bind_math(Reader& reader, reward::MathOptions& math) {
  Places extract{math.places};
  reader.field("extract", extract);
  math.places = extract.places;
  reader.field("relative_tolerance", math.relative_tolerance);
  reader.field("max_steps", math.max_steps);
}

void bind_format(Reader& reader, reward::FormatOptions& format) {
  reader.choice("form", format.form,
                {{"pattern", reward::Form::kPattern},
                 {"boxed", reward::Form::kBoxed},
                 {"think_answer", reward::Form::kThinkAnswer}});
  reader.field("pattern", format.pattern);
}

void bind_regex(Reader& reader, reward::RegexOptions& regex) {
  reader.field("pattern", regex.pattern);
  reader.field("whole", regex.whole);
  reader.field("answer_group", regex.answer_group);
  reader.field("ignore_case", regex.ignore_case);
}

void bind_command(Reader& reader, reward::CommandOptions& command) {
  reader.field("command", command.command);
  reader.field("workers", command.workers);
  reader.field("batch", command.batch);
  reader.field("timeout_s", command.timeout_s);
  reader.field("start_timeout_s", command.start_timeout_s);
  reader.field("failure_score", command.failure_score);
  reader.field("max_failures", command.max_failures);
}

void bind_options(Reader& reader, RewardTerm& term) {
  switch (term.kind) {
    case RewardKind::kNumber:
      reader.field("strict", term.number.strict);
      reader.field("relative_tolerance", term.number.relative_tolerance);
      return;
    case RewardKind::kChoice:
      return;
    case RewardKind::kExact:
      reader.field("ignore_case", term.exact.ignore_case);
      reader.field("marked", term.exact.marked);
      return;
    case RewardKind::kMath:
    case RewardKind::kAnswer:
      return bind_math(reader, term.math);
    case RewardKind::kFormat:
      return bind_format(reader, term.format);
    case RewardKind::kOverlong:
      reader.field("max_tokens", term.overlong.max_tokens);
      reader.field("cache_tokens", term.overlong.cache_tokens);
      return;
    case RewardKind::kRepetition:
      reader.field("ngram", term.repetition.ngram);
      reader.field("max_penalty", term.repetition.max_penalty);
      return;
    case RewardKind::kRegex:
      return bind_regex(reader, term.regex);
    case RewardKind::kCommand:
      return bind_command(reader, term.command);
  }
}

}  // namespace

void bind_reward(Reader& reader, RewardTerm& term) {
  reader.choice("kind", term.kind,
                {{"number", RewardKind::kNumber},
                 {"choice", RewardKind::kChoice},
                 {"exact", RewardKind::kExact},
                 {"math", RewardKind::kMath},
                 {"answer", RewardKind::kAnswer},
                 {"format", RewardKind::kFormat},
                 {"overlong", RewardKind::kOverlong},
                 {"repetition", RewardKind::kRepetition},
                 {"regex", RewardKind::kRegex},
                 {"command", RewardKind::kCommand}});
  reader.field("weight", term.weight);
  bind_options(reader, term);
  reader.validate(term);
  if (term.kind == RewardKind::kCommand) term.pool = std::make_shared<reward::CommandPool>(term.command);
}

}  // namespace tempo::common
