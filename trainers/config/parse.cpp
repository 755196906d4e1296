#include "config/parse.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>
#include <utility>

#include "tempo/core/error.h"

namespace tempo::config {
namespace {

// Aliases can repeat a node without end; a configuration stays far below these.
constexpr int kMaxNodes = 100'000;
constexpr int kMaxDepth = 50;

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

// Refuses a second document. What follows an end mark "..." need not be one: YAML::LoadAll then returns empty
// documents without end.
class OneDocument final : public YAML::EventHandler {
 public:
  explicit OneDocument(const std::string& source) : source_(source) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {
    TEMPO_CHECK(++count_ == 1, source_, ": expected one YAML document, got more");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

 private:
  const std::string& source_;
  int count_ = 0;
};

void check_one_document(const std::string& text, const std::string& source) {
  std::istringstream input(text);
  YAML::Parser parser(input);
  OneDocument handler(source);
  while (parser.HandleNextDocument(handler)) continue;
}

}  // namespace

Node parse_yaml(const std::string& text, const std::string& source, bool numbered) {
  check_printable(text, source);
  Converter converter(source, numbered);
  try {
    check_one_document(text, source);
    Node node = converter.convert(YAML::Load(text));
    node.where = node.kind == Node::Kind::kNull ? source : node.where;
    return node;
  } catch (const YAML::Exception& error) {
    core::fail(converter.where(error.mark), ": expected YAML, got an error: ", error.msg);
  }
}

}  // namespace tempo::config
