#include "config/values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "tempo/core/error.h"

namespace tempo::config {
namespace {

// Returns the text of a number, or nothing where the node cannot be one. A plus sign may stand before it.
std::string_view number_text(const Node& node) {
  if (node.kind != Node::Kind::kScalar || node.quoted) return {};
  std::string_view text = node.text;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

template <typename T>
void read_integer(const Node& node, const std::string& path, T& value) {
  const std::string_view text = number_text(node);
  T parsed{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  const bool whole = !text.empty() && end == text.data() + text.size();
  // An unsigned number may not be read from "-1": from_chars takes no sign there.
  if (!whole || code == std::errc::invalid_argument) {
    fail_value(node, path, std::is_unsigned_v<T> ? "an integer of at least 0" : "an integer");
  }
  if (code != std::errc()) {
    fail_value(node, path,
               core::concat("an integer from ", std::numeric_limits<T>::min(), " to ",
                            std::numeric_limits<T>::max()));
  }
  value = parsed;
}

template <typename T>
void read_real(const Node& node, const std::string& path, T& value) {
  const std::string_view text = number_text(node);
  T parsed{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  const bool whole = !text.empty() && end == text.data() + text.size();
  if (!whole || code == std::errc::invalid_argument) fail_value(node, path, "a number");
  if (code != std::errc() || !std::isfinite(parsed))
    fail_value(node, path, "a finite number in the type's range");
  value = parsed;
}

// A key without a value is an empty text: "data.system=" on the command line.
std::string text_of(const Node& node, const std::string& path, const std::string& expected) {
  if (node.kind == Node::Kind::kNull) return "";
  if (node.kind != Node::Kind::kScalar) fail_value(node, path, expected);
  return node.text;
}

Node scalar(std::string text, bool quoted) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

// The shortest text that reads back as the same number.
template <typename T>
Node number(T value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return scalar(std::string(buffer.data(), end), false);
}

}  // namespace

void fail_value(const Node& node, const std::string& path, const std::string& expected) {
  core::fail(node.where, ": ", path, ": expected ", expected, ", got ", node.quoted ? "the text " : "",
             describe(node));
}

void read_value(const Node& node, const std::string& path, bool& value) {
  const bool plain = node.kind == Node::Kind::kScalar && !node.quoted;
  if (!plain || (node.text != "true" && node.text != "false")) fail_value(node, path, "true or false");
  value = node.text == "true";
}

void read_value(const Node& node, const std::string& path, std::int32_t& value) {
  read_integer(node, path, value);
}
void read_value(const Node& node, const std::string& path, std::int64_t& value) {
  read_integer(node, path, value);
}
void read_value(const Node& node, const std::string& path, std::uint64_t& value) {
  read_integer(node, path, value);
}
void read_value(const Node& node, const std::string& path, float& value) { read_real(node, path, value); }
void read_value(const Node& node, const std::string& path, double& value) { read_real(node, path, value); }

void read_value(const Node& node, const std::string& path, std::string& value) {
  value = text_of(node, path, "a text");
}

void read_value(const Node& node, const std::string& path, std::filesystem::path& value) {
  value = text_of(node, path, "a path");
}

Node to_node(bool value) { return scalar(value ? "true" : "false", false); }
Node to_node(std::int32_t value) { return number(value); }
Node to_node(std::int64_t value) { return number(value); }
Node to_node(std::uint64_t value) { return number(value); }
Node to_node(float value) { return number(value); }
Node to_node(double value) { return number(value); }
Node to_node(const std::string& value) { return scalar(value, true); }
Node to_node(const std::filesystem::path& value) { return scalar(value.string(), true); }

}  // namespace tempo::config
