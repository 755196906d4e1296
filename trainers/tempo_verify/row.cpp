#include "tempo_verify/row.h"

#include <nlohmann/json.hpp>

#include "tempo/core/error.h"

namespace tempo::programs {
namespace {

using nlohmann::json;

struct Row {
  std::string id;  // JSON text; empty: none
  std::string gold, pred;
  std::optional<bool> expected;
};

std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  TEMPO_CHECK(found != object.end(), key, ": expected this key, got none");
  if (found->is_number_integer()) return found->dump();
  TEMPO_CHECK(found->is_string(), key, ": expected a text or an integer, got ", found->type_name());
  return found->get<std::string>();
}

std::string id_of(const json& object) {
  const auto found = object.find("id");
  if (found == object.end()) return "";
  TEMPO_CHECK(found->is_string() || found->is_number(), "id: expected a text or a number, got ",
              found->type_name());
  return found->dump();
}

std::optional<bool> expected_of(const json& object) {
  const auto found = object.find("equivalent");
  if (found == object.end()) return std::nullopt;
  TEMPO_CHECK(found->is_boolean(), "equivalent: expected true or false, got ", found->type_name());
  return found->get<bool>();
}

Row parse_row(std::string_view line) {
  json object;
  try {
    object = json::parse(line);
  } catch (const json::parse_error& error) {
    core::fail("expected JSON, got something else at column ", error.byte);
  } catch (const json::out_of_range&) {
    core::fail("expected numbers that fit 64 bits, got a larger one");
  }
  TEMPO_CHECK(object.is_object(), "expected an object with the keys gold and pred, got ", object.type_name());
  return {.id = id_of(object),
          .gold = text_at(object, "gold"),
          .pred = text_at(object, "pred"),
          .expected = expected_of(object)};
}

}  // namespace

Result verify_line(std::string_view line, const std::string& place, const reward::MathOptions& options) {
  try {
    const Row row = parse_row(line);
    const reward::Verdict verdict = reward::score_math(row.pred, row.gold, options);
    const bool equivalent = verdict.score == 1;
    const std::string id = row.id.empty() ? "" : "\"id\": " + row.id + ", ";
    return {.line = "{" + id + "\"equivalent\": " + (equivalent ? "true" : "false") +
                    ", \"reason\": " + quoted(verdict.reason) + "}\n",
            .error = {},
            .equivalent = equivalent,
            .expected = row.expected};
  } catch (const Error& error) {
    const std::string text = place + ": " + error.what();
    return {
        .line = "{\"error\": " + quoted(text) + "}\n", .error = text, .equivalent = false, .expected = {}};
  }
}

}  // namespace tempo::programs
