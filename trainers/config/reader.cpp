#include "config/reader.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <numeric>

namespace tempo::config {
namespace {

// Levenshtein's distance: insertions, deletions and substitutions.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Returns the guess at what was meant, or the known names where no name is near.
std::string hint(std::string_view name, const std::vector<std::string>& known) {
  if (known.empty()) return ", expected no keys";
  const std::string& guess = nearest(name, known);
  const bool near = edit_distance(name, guess) * 2 <= std::max(name.size(), guess.size());
  return near ? core::concat(", did you mean '", guess, "'?")
              : core::concat(", expected one of: ", joined(known));
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Reader::Reader(const Node* node, std::string path, std::string where, Node& resolved)
    : node_(node != nullptr && node->kind == Node::Kind::kNull ? nullptr : node),
      path_(std::move(path)),
      where_(std::move(where)),
      resolved_(resolved) {
  if (node_ != nullptr && node_->kind != Node::Kind::kMap) fail_value(*node_, path_, "a mapping");
  resolved_.kind = Node::Kind::kMap;
}

const Node* Reader::ask(const std::string& key) {
  assert(!contains(known_, key));
  known_.push_back(key);
  return node_ == nullptr ? nullptr : node_->find(key);
}

Node& Reader::record(const std::string& key, Node value) {
  resolved_.entries.push_back({key, std::move(value)});
  return resolved_.entries.back().value;
}

bool Reader::is_list(const std::string& key) const {
  const Node* node = node_ == nullptr ? nullptr : node_->find(key);
  return node != nullptr && node->kind == Node::Kind::kList;
}

void Reader::require(const std::string& key) {
  if (node_ == nullptr || node_->find(key) == nullptr) missing_.push_back(key);
}

std::size_t Reader::choose(const std::string& key, const std::vector<std::string>& names,
                           std::size_t current) {
  if (const Node* node = ask(key)) {
    const auto found = std::find(names.begin(), names.end(), node->text);
    if (node->kind != Node::Kind::kScalar) fail_value(*node, full_name(key), "one of: " + joined(names));
    TEMPO_CHECK(found != names.end(), node->where, ": ", full_name(key), ": got ", describe(*node),
                hint(node->text, names));
    current = static_cast<std::size_t>(found - names.begin());
  }
  record(key, to_node(names[current]));
  return current;
}

std::string Reader::full_name(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void Reader::fail_validation(const std::string& message) const {
  const auto in_key = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const auto end = std::find_if_not(message.begin(), message.end(), in_key);
  const Node* node = node_ == nullptr ? nullptr : node_->find(std::string(message.begin(), end));
  core::fail(node == nullptr ? where_ : node->where, ": ", full_name(message));
}

void Reader::finish() const {
  if (node_ != nullptr) {
    for (const auto& [key, value] : node_->entries) {
      TEMPO_CHECK(contains(known_, key), value.where, ": unknown key '", key, "'",
                  path_.empty() ? "" : " in '" + path_ + "'", hint(key, known_));
    }
  }
  if (!missing_.empty())
    core::fail(where_, ": ", full_name(missing_[0]), ": expected a value, got no such key");
}

Document load(const std::filesystem::path& path, std::span<const std::string> overrides) {
  Node root = load_yaml(path);
  for (const auto& assignment : overrides) apply_override(root, assignment);
  return Document(std::move(root), path.string());
}

const std::string& nearest(std::string_view name, std::span<const std::string> names) {
  return *std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
}

}  // namespace tempo::config
