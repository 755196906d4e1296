#include "config/node.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

#include "tempo/core/error.h"

namespace tempo::config {
namespace {

// Aliases can repeat a node without end; a configuration stays far below these.
constexpr int kMaxNodes = 100'000;
constexpr int kMaxDepth = 50;

Node empty_node(const std::string& where) {
  Node node;
  node.where = where;
  return node;
}

// Turns yaml-cpp's nodes into ours.
class Converter {
 public:
  // Every place is `source`, with the line where numbered.
  Converter(std::string source, bool numbered) : source_(std::move(source)), numbered_(numbered) {}

  std::string where(const YAML::Mark& mark) const {
    return numbered_ ? core::concat(source_, ":", mark.line + 1) : source_;
  }

  Node convert(const YAML::Node& yaml, int depth = 0) {
    Node node;
    node.where = where(yaml.Mark());
    TEMPO_CHECK(++count_ <= kMaxNodes && depth <= kMaxDepth, node.where, ": expected at most ", kMaxNodes,
                " values, nested at most ", kMaxDepth, " times, got more");
    if (yaml.IsScalar()) {
      node.kind = Node::Kind::kScalar;
      node.text = yaml.Scalar();
      node.quoted = yaml.Tag() != "?" && !yaml.Tag().empty();
    } else if (yaml.IsSequence()) {
      node.kind = Node::Kind::kList;
      for (const auto& item : yaml) node.items.push_back(convert(item, depth + 1));
    } else if (yaml.IsMap()) {
      node.kind = Node::Kind::kMap;
      for (const auto& pair : yaml) add_entry(node, pair.first, pair.second, depth);
    }
    return node;
  }

 private:
  void add_entry(Node& node, const YAML::Node& key, const YAML::Node& value, int depth) {
    const auto place = where(key.Mark());
    TEMPO_CHECK(key.IsScalar(), place, ": expected a text as a key, got ",
                key.IsSequence() ? "a list" : "a mapping");
    TEMPO_CHECK(node.find(key.Scalar()) == nullptr, place, ": the key '", key.Scalar(),
                "' stands here a second time");
    node.entries.push_back({key.Scalar(), convert(value, depth + 1)});
    node.entries.back().value.where = place;
  }

  std::string source_;
  bool numbered_;
  int count_ = 0;
};

// YAML is printable text. The parser reads some control bytes as the end of its input and loops there.
void check_printable(const std::string& text, const std::string& source) {
  std::size_t line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
    const bool no_utf8 = byte == 0xc0 || byte == 0xc1 || byte >= 0xf5;  // among them the marks of UTF-16
    TEMPO_CHECK(!no_utf8, source, ":", line, ": expected UTF-8, got the byte ", int{byte});
    TEMPO_CHECK(!control, source, ":", line, ": expected YAML, got the control byte ", int{byte});
  }
}

// Returns the one document that the text holds.
Node parse(const std::string& text, const std::string& source, bool numbered) {
  check_printable(text, source);
  Converter converter(source, numbered);
  try {
    const auto documents = YAML::LoadAll(text);
    TEMPO_CHECK(documents.size() <= 1, source, ": expected one YAML document, got ", documents.size());
    return documents.empty() ? empty_node(source) : converter.convert(documents[0]);
  } catch (const YAML::Exception& error) {
    core::fail(converter.where(error.mark), ": expected YAML, got an error: ", error.msg);
  }
}

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
  node.entries.push_back({part, empty_node("command line")});
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
  Node root = parse(text.str(), name, true);
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
  *node = parse(std::string(assignment.substr(equals + 1)), "command line", false);
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
