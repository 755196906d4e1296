// Binds a YAML configuration to structs. One bind function a struct names its keys; reading it fills the
// struct and records each key's final value, so the resolved configuration can be written and read again.
//
//   void bind(Reader& reader, AdamWOptions& options) {
//     reader.field("learning_rate", options.learning_rate);
//     reader.validate(options);
//   }
//   Document document = load("run.yaml", overrides);
//   document.read([&](Reader& reader) {
//     reader.section("optimizer", [&](Reader& section) { bind(section, run.optimizer); });
//   });
#pragma once

#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/node.h"
#include "config/values.h"
#include "tempo/core/error.h"

namespace tempo::config {

// Reads one mapping. Keys that nobody asked for are errors, which name the nearest key that somebody asked
// for. All functions throw tempo::Error "FILE:LINE: section.key: expected ..., got ...", "command line: ..."
// for overrides.
class Reader {
 public:
  // `node` is a mapping, or nullptr or null for an empty one; `resolved` receives the values. Both outlive
  // the reader.
  Reader(const Node* node, std::string path, std::string where, Node& resolved);

  // Reads an optional key of a type that config/values.h knows; without it the value stays.
  template <typename T>
  void field(const std::string& key, T& value) {
    if (const Node* node = ask(key)) read_value(*node, full_name(key), value);
    record(key, to_node(value));
  }

  // Reads a key that must be there; finish() says so where it is not.
  template <typename T>
  void required(const std::string& key, T& value) {
    field(key, value);
    require(key);
  }

  // Reads one of a few names.
  template <typename E>
  void choice(const std::string& key, E& value, std::initializer_list<std::pair<const char*, E>> names) {
    std::vector<std::string> known;
    std::size_t chosen = 0;
    for (const auto& [name, meaning] : names) {
      if (meaning == value) chosen = known.size();
      known.emplace_back(name);
    }
    chosen = choose(key, known, chosen);
    value = names.begin()[chosen].second;
  }

  // Reads a nested mapping by bind(Reader&), which is called for a missing one too.
  template <typename Bind>
  void section(const std::string& key, Bind&& bind) {
    const Node* node = ask(key);
    read_section(node, full_name(key), record(key, {}), bind);
  }

  // Reads a list of mappings, each by bind(Reader&, T&) on a T{}; without the key the values stay.
  template <typename T, typename Bind>
  void list(const std::string& key, std::vector<T>& values, Bind&& bind) {
    const Node* node = ask(key);
    if (node != nullptr) {
      if (node->kind != Node::Kind::kList) fail_value(*node, full_name(key), "a list of mappings");
      values.assign(node->items.size(), T{});
    }
    Node& resolved = record(key, {});
    resolved.kind = Node::Kind::kList;
    resolved.items.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      read_section(node == nullptr ? nullptr : &node->items[i],
                   full_name(key) + "[" + std::to_string(i) + "]", resolved.items[i],
                   [&](Reader& reader) { bind(reader, values[i]); });
    }
  }

  // Returns whether the key is there and its value a list.
  bool is_list(const std::string& key) const;

  // Calls options.validate() and puts the place and section before the message of its tempo::Error.
  template <typename T>
  void validate(const T& options) const {
    try {
      options.validate();
    } catch (const Error& error) {
      fail_validation(error.what());
    }
  }

  // Throws tempo::Error for a key that nobody asked for, then for a required one that is missing. To be
  // called last; section, list and Document::read do.
  void finish() const;

 private:
  template <typename Bind>
  void read_section(const Node* node, const std::string& path, Node& resolved, Bind&& bind) {
    Reader reader(node, path, node == nullptr ? where_ : node->where, resolved);
    bind(reader);
    reader.finish();
  }

  // Returns the key's node, or nullptr; notes that the key is known. Each key may be asked for once.
  const Node* ask(const std::string& key);
  Node& record(const std::string& key, Node value);
  void require(const std::string& key);
  std::size_t choose(const std::string& key, const std::vector<std::string>& names, std::size_t current);
  std::string full_name(const std::string& key) const;
  [[noreturn]] void fail_validation(const std::string& message) const;

  const Node* node_;
  std::string path_;   // "" at the root, else "optimizer" or "rewards[0]"
  std::string where_;  // of the mapping
  Node& resolved_;
  std::vector<std::string> known_;
  std::vector<std::string> missing_;
};

// A loaded configuration.
class Document {
 public:
  Document(Node root, std::string source) : root_(std::move(root)), source_(std::move(source)) {}

  // Reads the whole configuration by bind(Reader&).
  template <typename Bind>
  void read(Bind&& bind) {
    resolved_ = {};
    Reader reader(&root_, "", source_, resolved_);
    bind(reader);
    reader.finish();
  }

  // Returns all keys of the last read with their final values, defaults too, as YAML.
  std::string resolved() const { return to_yaml(resolved_); }

 private:
  Node root_;
  std::string source_;
  Node resolved_;
};

// Returns the configuration of a file, with "key.sub=value" overrides put in, the last one winning.
// Throws tempo::Error as load_yaml and apply_override do.
Document load(const std::filesystem::path& path, std::span<const std::string> overrides = {});

// Returns the name of `names` that takes the fewest edits to become, the first of equals; names is not empty.
const std::string& nearest(std::string_view name, std::span<const std::string> names);

}  // namespace tempo::config
