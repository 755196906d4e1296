// A configuration as a plain tree that remembers where each value stands.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::config {

struct Entry;

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;            // of a scalar
  bool quoted = false;         // a scalar in quotes is a text, whatever it looks like
  std::string where;           // "FILE:LINE" or "command line"
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a mapping, in the file's order, each key once

  // Returns the value at a key, or nullptr.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

struct Entry {
  std::string key;
  Node value;  // its `where` is the key's line
};

// Returns the mapping that a YAML file holds. Throws tempo::Error "FILE:LINE: ...": no file, no YAML, no
// mapping, an empty file, several documents, a key that stands twice.
Node load_yaml(const std::filesystem::path& path);

// Puts "key.sub=value" into the mapping, replacing what is there; the value is YAML, and a number as a part
// of the key counts the items of a list ("rewards.0.weight=2"). Throws tempo::Error "command line: ...".
void apply_override(Node& root, std::string_view assignment);

// Returns the tree as YAML that load_yaml reads back.
std::string to_yaml(const Node& node);

// Returns what a node is, for messages: "'fast'", "a mapping", "a list", "nothing".
std::string describe(const Node& node);

}  // namespace tempo::config
