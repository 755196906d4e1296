// Checked reading of JSON: a value that knows where it stands, so that every error names file and place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::text {

// A view of one value of a document, which must outlive it. Members throw tempo::Error, naming the place,
// when the value is of another type than asked for.
class JsonField {
 public:
  JsonField(const nlohmann::json& document, std::string where)
      : value_(&document), where_(std::move(where)) {}

  // Return a member of an object: it must exist; or nothing when it is absent or null.
  JsonField at(std::string_view key) const;
  std::optional<JsonField> find(std::string_view key) const;

  std::vector<JsonField> items() const;  // of an array
  std::string string() const;
  std::int64_t integer(std::int64_t low, std::int64_t high) const;  // of [low, high]
  bool boolean() const;
  bool boolean(std::string_view key, bool fallback) const;  // of a member that may be absent

  bool is_string() const { return value_->is_string(); }
  bool is_array() const { return value_->is_array(); }
  const nlohmann::json& object() const;
  const std::string& where() const { return where_; }

  // Throws tempo::Error: "where: expected ..., got ...", where `got` is the value, if it is short.
  [[noreturn]] void fail(std::string_view expected) const;

 private:
  const nlohmann::json* value_;
  std::string where_;
};

// Parses JSON text. Throws tempo::Error, naming the file, when it is not JSON or not an object.
nlohmann::json parse_json(std::string_view text, const std::string& where);

}  // namespace tempo::text
