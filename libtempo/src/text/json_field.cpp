#include "json_field.h"

#include "tempo/core/error.h"

namespace tempo::text {

JsonField JsonField::at(std::string_view key) const {
  const nlohmann::json& members = object();
  const auto found = members.find(key);
  TEMPO_CHECK(found != members.end(), where_, ": expected a value named ", key, ", got none");
  return {*found, core::concat(where_, ": ", key)};
}

std::optional<JsonField> JsonField::find(std::string_view key) const {
  const nlohmann::json& members = object();
  const auto found = members.find(key);
  if (found == members.end() || found->is_null()) return std::nullopt;
  return JsonField(*found, core::concat(where_, ": ", key));
}

std::vector<JsonField> JsonField::items() const {
  if (!value_->is_array()) fail("an array");
  std::vector<JsonField> items;
  items.reserve(value_->size());
  for (const nlohmann::json& item : *value_) {
    items.emplace_back(item, where_ + "[" + std::to_string(items.size()) + "]");
  }
  return items;
}

std::string JsonField::string() const {
  if (!value_->is_string()) fail("a string");
  return value_->get<std::string>();
}

std::int64_t JsonField::integer(std::int64_t low, std::int64_t high) const {
  const auto expected = [&] { return core::concat("an integer of [", low, ", ", high, "]"); };
  if (!value_->is_number_integer()) fail(expected());
  const auto value = value_->get<std::int64_t>();
  if (value < low || value > high) fail(expected());
  return value;
}

bool JsonField::boolean() const {
  if (!value_->is_boolean()) fail("true or false");
  return value_->get<bool>();
}

bool JsonField::boolean(std::string_view key, bool fallback) const {
  const std::optional<JsonField> member = find(key);
  return member ? member->boolean() : fallback;
}

const nlohmann::json& JsonField::object() const {
  if (!value_->is_object()) fail("an object");
  return *value_;
}

void JsonField::fail(std::string_view expected) const {
  constexpr std::size_t kLongest = 60;
  const bool container = value_->is_structured();
  const std::string text = container ? value_->type_name()
                                     : value_->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  core::fail(where_, ": expected ", expected, ", got ",
             text.size() <= kLongest ? text : std::string("a long ") + value_->type_name());
}

nlohmann::json parse_json(std::string_view text, const std::string& where) {
  try {
    nlohmann::json document = nlohmann::json::parse(text);
    JsonField(document, where).object();
    return document;
  } catch (const nlohmann::json::parse_error& error) {
    core::fail(where, ": expected JSON, got an error at byte ", error.byte, " of ", text.size());
  } catch (const nlohmann::json::out_of_range&) {
    core::fail(where, ": expected JSON, got a number that is too large");
  }
}

}  // namespace tempo::text
