#include "config/node.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

#include "config/parse.h"
#include "tempo/core/error.h"

namespace tempo::config {
namespace {

// Whether a text reads back as the same text without quotes.
bool is_plain(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
  };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), inner) && text != "null" &&
         text != "Null" && text != "NULL";
}

void emit(YAML::Emitter& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      out << YAML::Null;
      return;
    case Node::Kind::kScalar:
      if (node.quoted && !is_plain(node.text)) out << YAML::DoubleQuoted;
      out << node.text;
      return;
    case Node::Kind::kList:
      if (node.items.empty()) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const auto& item : node.items) emit(out, item);
      out << YAML::EndSeq;
      return;
    case Node::Kind::kMap:
      break;
  }
  if (node.entries.empty()) out << YAML::Flow;
  out << YAML::BeginMap;
  for (const auto& [key, value] : node.entries) {
    out << YAML::Key << key << YAML::Value;
    emit(out, value);
  }
  out << YAML::EndMap;
}

// Returns the child of a node that part of an override's key names, made where a mapping lacks it.
Node& child(Node& node, const std::string& part, std::string_view assignment) {
  if (node.kind == Node::Kind::kList) {
    std::size_t index = 0;
    const auto end = part.data() + part.size();
    const auto [stop, code] = std::from_chars(part.data(), end, index);
    TEMPO_CHECK(code == std::errc() && stop == end && index < node.items.size(), "command line: ", assignment,
                ": expected an index below ", node.items.size(), ", got '", part, "'");
    return node.items[index];
  }
  if (node.kind == Node::Kind::kNull) node.kind = Node::Kind::kMap;
  TEMPO_CHECK(node.kind == Node::Kind::kMap, "command line: ", assignment, ": expected a mapping before '",
              part, "', got ", describe(node));
  if (Node* found = node.find(part)) return *found;
  node.entries.push_back({part, {}});
  node.entries.back().value.where = "command line";
  return node.entries.back().value;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node load_yaml(const std::filesystem::path& path) {
  const std::string name = path.string();
  TEMPO_CHECK(std::filesystem::exists(path), name, ": expected a configuration file, found nothing");
  TEMPO_CHECK(!std::filesystem::is_directory(path), name, ": expected a configuration file, got a folder");
  std::ifstream file(path, std::ios::binary);
  TEMPO_CHECK(file.good(), name, ": expected a file that can be read, got no access");
  std::ostringstream text;
  text << file.rdbuf();
  Node root = parse_yaml(text.str(), name, true);
  TEMPO_CHECK(root.kind != Node::Kind::kNull, name, ": expected keys and values, got an empty file");
  TEMPO_CHECK(root.kind == Node::Kind::kMap, root.where, ": expected keys and values, got ", describe(root));
  return root;
}

void apply_override(Node& root, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  TEMPO_CHECK(equals != assignment.npos && equals > 0, "command line: expected key=value, got '", assignment,
              "'");
  Node* node = &root;
  std::istringstream parts{std::string(assignment.substr(0, equals)) + '.'};
  for (std::string part; std::getline(parts, part, '.');) {
    TEMPO_CHECK(!part.empty(), "command line: expected key.sub=value, got '", assignment, "'");
    node = &child(*node, part, assignment);
  }
  *node = parse_yaml(std::string(assignment.substr(equals + 1)), "command line", false);
}

std::string to_yaml(const Node& node) {
  YAML::Emitter out;
  emit(out, node);
  return out.c_str() + std::string("\n");
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kScalar:
      return "'" + node.text + "'";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
    case Node::Kind::kNull:
      break;
  }
  return "nothing";
}

}  // namespace tempo::config
