// The normalizer and the pre-tokenizer of a tokenizer.json.
#include <array>
#include <utility>

#include "json_field.h"
#include "tempo/core/error.h"
#include "tokenizer_json.h"

namespace tempo::text {

namespace {

// The members of nested sequences in the order in which they act.
void flatten(const JsonField& field, const char* members, std::vector<JsonField>& out, int depth = 0) {
  constexpr int kDeepest = 16;
  if (depth > kDeepest) field.fail("fewer sequences inside each other");
  if (field.at("type").string() != "Sequence") {
    out.push_back(field);
    return;
  }
  for (const JsonField& member : field.at(members).items()) flatten(member, members, out, depth + 1);
}

// Returns the value of a name in a table. Throws, listing the table's names.
template <typename Value, std::size_t n>
Value named(const JsonField& field, const std::array<std::pair<const char*, Value>, n>& table) {
  const std::string name = field.string();
  std::string expected;
  for (const auto& [known, value] : table) {
    if (name == known) return value;
    expected += (expected.empty() ? "" : ", ") + std::string(known);
  }
  field.fail("one of " + expected);
}

constexpr std::array<std::pair<const char*, NormalForm>, 4> kForms{{{"NFC", NormalForm::kNfc},
                                                                    {"NFD", NormalForm::kNfd},
                                                                    {"NFKC", NormalForm::kNfkc},
                                                                    {"NFKD", NormalForm::kNfkd}}};

constexpr std::array<std::pair<const char*, SplitBehavior>, 5> kBehaviors{
    {{"Isolated", SplitBehavior::kIsolated},
     {"Removed", SplitBehavior::kRemoved},
     {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
     {"MergedWithNext", SplitBehavior::kMergedWithNext},
     {"Contiguous", SplitBehavior::kContiguous}}};

Regex read_pattern(const JsonField& pattern) {
  if (const auto text = pattern.find("String")) return Regex::literal(text->string(), pattern.where());
  return Regex::compile(pattern.at("Regex").string(), pattern.where());
}

void read_byte_level(const JsonField& field, std::vector<PreTokenizerStep>& steps) {
  if (field.boolean("add_prefix_space", true)) steps.emplace_back(PrefixSpaceStep{});
  if (field.boolean("use_regex", true)) {
    steps.emplace_back(SplitStep{Regex::compile(kGpt2Pattern, field.where())});
  }
}

void read_step(const JsonField& field, std::vector<PreTokenizerStep>& steps) {
  const std::string type = field.at("type").string();
  if (type == "ByteLevel") {
    read_byte_level(field, steps);
  } else if (type == "Digits") {
    const char* digits = field.boolean("individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)";
    steps.emplace_back(SplitStep{Regex::compile(digits, field.where())});
  } else if (type == "Split") {
    steps.emplace_back(SplitStep{read_pattern(field.at("pattern")), named(field.at("behavior"), kBehaviors),
                                 field.boolean("invert", false)});
  } else {
    field.at("type").fail("one of ByteLevel, Digits, Sequence, Split");
  }
}

}  // namespace

std::vector<NormalForm> parse_normalizer(const nlohmann::json& document, const std::string& where) {
  std::vector<NormalForm> forms;
  if (const auto normalizer = JsonField(document, where).find("normalizer")) {
    std::vector<JsonField> members;
    flatten(*normalizer, "normalizers", members);
    for (const JsonField& member : members) forms.push_back(named(member.at("type"), kForms));
  }
  return forms;
}

std::vector<PreTokenizerStep> parse_pre_tokenizer(const nlohmann::json& document, const std::string& where) {
  const JsonField root(document, where);
  std::vector<JsonField> members;
  flatten(root.at("pre_tokenizer"), "pretokenizers", members);
  std::vector<PreTokenizerStep> steps;
  for (std::size_t i = 0; i < members.size(); ++i) {
    // ByteLevel turns bytes into characters, which a step after it would see.
    const bool last = i + 1 == members.size();
    const JsonField type = members[i].at("type");
    if ((type.string() == "ByteLevel") != last) {
      type.fail(last ? "ByteLevel as the last step" : "ByteLevel only as the last step");
    }
    read_step(members[i], steps);
  }
  TEMPO_CHECK(!members.empty(), where, ": pre_tokenizer: expected ByteLevel as the last step, got no step");
  return steps;
}

}  // namespace tempo::text
