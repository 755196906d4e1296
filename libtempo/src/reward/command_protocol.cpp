#include "command_protocol.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxText = 1000;  // bytes of a reason

// A value in an error. Writing out a nested one would take a call for each level.
std::string shown(const Json& value) {
  const std::string text = value.is_structured() ? value.type_name() : value.dump();
  return quoted(std::string_view(text));  // of a std::string it would be the one of the standard library
}

std::string text_of(const Json& answer, const char* key) {
  const auto found = answer.find(key);
  if (found == answer.end() || found->is_null()) return {};
  TEMPO_CHECK(found->is_string(), "expected a text as ", key, ", got ", shown(*found));
  return printable(found->get_ref<const std::string&>(), kMaxText);
}

}  // namespace

std::string request_line(std::int64_t id, const Response& response, const data::Example& example) {
  nlohmann::ordered_json line;
  line["id"] = id;
  line["example"] = example.id;
  line["problem"] = example.problem;
  line["answer"] = example.answer;
  for (const auto& [letter, text] : example.options) line["options"][letter] = text;
  if (!example.subject.empty()) line["subject"] = example.subject;
  if (!example.level.empty()) line["level"] = example.level;
  line["tokens"] = response.tokens;
  line["truncated"] = response.truncated;
  line["response"] = response.text;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

Answer parse_answer(std::string_view line) {
  const Json parsed = Json::parse(line, nullptr, false);
  TEMPO_CHECK(parsed.is_object(), "expected a JSON object on a line, got ", quoted(line));
  const auto score = parsed.find("score");
  TEMPO_CHECK(score != parsed.end() && score->is_number(), "expected a number as score, got ", quoted(line));
  Answer answer{.id = {},
                .score = score->get<double>(),
                .reason = text_of(parsed, "reason"),
                .extracted = text_of(parsed, "extracted")};
  TEMPO_CHECK(std::abs(answer.score) <= kMaxScore, "expected a score of size at most ", kMaxScore, ", got ",
              shown(*score));
  if (const auto id = parsed.find("id"); id != parsed.end()) {
    const bool fits =
        id->is_number_integer() && (!id->is_number_unsigned() || id->get<std::uint64_t>() <= INT64_MAX);
    TEMPO_CHECK(fits, "expected the request's id, got ", shown(*id));
    answer.id = id->get<std::int64_t>();
  }
  return answer;
}

}  // namespace tempo::reward
