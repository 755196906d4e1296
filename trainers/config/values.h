// Values of a configuration: from text, and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/node.h"

namespace tempo::config {

// Each reads the node into the value, wholly and exactly: no rounding of integers, no "yes" for true. `path`
// is the key's full name. Throws tempo::Error "WHERE: PATH: expected ..., got ...".
void read_value(const Node& node, const std::string& path, bool& value);
void read_value(const Node& node, const std::string& path, std::int32_t& value);
void read_value(const Node& node, const std::string& path, std::int64_t& value);
void read_value(const Node& node, const std::string& path, std::uint64_t& value);
void read_value(const Node& node, const std::string& path, float& value);
void read_value(const Node& node, const std::string& path, double& value);
// A key without a value is an empty text or path.
void read_value(const Node& node, const std::string& path, std::string& value);
// Relative paths are relative to the current folder, as on the command line.
void read_value(const Node& node, const std::string& path, std::filesystem::path& value);

// Each returns a node that reads back as the value.
Node to_node(bool value);
Node to_node(std::int32_t value);
Node to_node(std::int64_t value);
Node to_node(std::uint64_t value);
Node to_node(float value);
Node to_node(double value);
Node to_node(const std::string& value);
Node to_node(const std::filesystem::path& value);

[[noreturn]] void fail_value(const Node& node, const std::string& path, const std::string& expected);

// null is no value.
template <typename T>
void read_value(const Node& node, const std::string& path, std::optional<T>& value) {
  value.reset();
  if (node.kind == Node::Kind::kNull) return;
  T inner{};
  read_value(node, path, inner);
  value = std::move(inner);
}

template <typename T>
void read_value(const Node& node, const std::string& path, std::vector<T>& values) {
  if (node.kind != Node::Kind::kList) fail_value(node, path, "a list");
  values.clear();
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    T value{};
    read_value(node.items[i], path + "[" + std::to_string(i) + "]", value);
    values.push_back(std::move(value));
  }
}

template <typename T>
Node to_node(const std::optional<T>& value) {
  return value ? to_node(*value) : Node{};
}

template <typename T>
Node to_node(const std::vector<T>& values) {
  Node node;
  node.kind = Node::Kind::kList;
  for (const T& value : values) node.items.push_back(to_node(value));
  return node;
}

}  // namespace tempo::config
