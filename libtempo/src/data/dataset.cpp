#include "tempo/data/dataset.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tempo/core/error.h"

namespace tempo::data {
namespace {

using Json = nlohmann::ordered_json;

// One row of the file and where it stands.
struct Row {
  Json object;
  std::string where;  // "FILE:LINE: "
};

Row parse_row(const std::string& line, std::string where) {
  try {
    Row row{Json::parse(line), std::move(where)};
    TEMPO_CHECK(row.object.is_object(), row.where, "expected a JSON object, got ", row.object.type_name());
    return row;
  } catch (const Json::parse_error& error) {
    core::fail(where, "expected a JSON object, got invalid JSON at byte ", error.byte);
  }
}

// Returns the value at a key as text.
std::string text_at(const Row& row, const std::string& key, bool integer_allowed) {
  const auto found = row.object.find(key);
  TEMPO_CHECK(found != row.object.end(), row.where, "expected the key '", key, "', got a row without it");
  if (integer_allowed && found->is_number_integer()) return found->dump();
  TEMPO_CHECK(found->is_string(), row.where, "'", key, "': expected a text",
              integer_allowed ? " or an integer" : "", ", got ", found->type_name());
  auto text = found->get<std::string>();
  TEMPO_CHECK(text.find_first_not_of(" \t\r\n") != text.npos, row.where, "'", key,
              "': expected a text, got an empty one");
  return text;
}

// Returns the value at a key that a row may lack, or "" where it does.
std::string optional_text_at(const Row& row, const std::string& key) {
  const auto found = row.object.find(key);
  return found == row.object.end() || found->is_null() ? std::string{} : text_at(row, key, true);
}

bool is_letter(const std::string& text) {
  return text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
}

std::vector<std::pair<std::string, std::string>> options_at(const Row& row, const std::string& key) {
  const auto found = row.object.find(key);
  if (found == row.object.end() || found->is_null()) return {};
  TEMPO_CHECK(found->is_object() && !found->empty(), row.where, "'", key,
              "': expected an object of letters and texts, got ",
              found->is_object() ? "no option" : found->type_name());
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& [letter, text] : found->items()) {
    TEMPO_CHECK(is_letter(letter), row.where, "'", key, "': expected one letter for each option, got '",
                letter, "'");
    TEMPO_CHECK(text.is_string(), row.where, "'", key, ".", letter, "': expected a text, got ",
                text.type_name());
    options.emplace_back(letter, text.get<std::string>());
  }
  return options;
}

Example to_example(const Row& row, const DatasetOptions& keys, std::int64_t line) {
  Example example;
  example.problem = text_at(row, keys.problem_key, false);
  example.answer = text_at(row, keys.answer_key, true);
  example.options = options_at(row, keys.options_key);
  example.id = row.object.contains(keys.id_key) ? text_at(row, keys.id_key, true) : std::to_string(line);
  example.subject = optional_text_at(row, keys.subject_key);
  example.level = optional_text_at(row, keys.level_key);
  const bool known =
      example.options.empty() || std::any_of(example.options.begin(), example.options.end(),
                                             [&](const auto& o) { return o.first == example.answer; });
  TEMPO_CHECK(known, row.where, "'", keys.answer_key, "': expected the letter of an option, got '",
              example.answer, "'");
  return example;
}

}  // namespace

void DatasetOptions::validate() const {
  TEMPO_CHECK(!problem_key.empty(), "problem_key: expected a key, got an empty one");
  TEMPO_CHECK(!answer_key.empty(), "answer_key: expected a key, got an empty one");
  TEMPO_CHECK(limit >= 0, "limit: expected at least 0, got ", limit);
}

std::vector<Example> read_examples(const std::filesystem::path& path, const DatasetOptions& options) {
  options.validate();
  TEMPO_CHECK(std::filesystem::exists(path), path.string(), ": expected a file of JSON lines, found nothing");
  TEMPO_CHECK(!std::filesystem::is_directory(path), path.string(),
              ": expected a file of JSON lines, got a folder");
  std::ifstream file(path, std::ios::binary);
  TEMPO_CHECK(file.good(), path.string(), ": expected a file that can be read, got no access");
  std::vector<Example> examples;
  std::string text;
  for (std::int64_t line = 1; std::getline(file, text); ++line) {
    if (text.find_first_not_of(" \t\r") == text.npos) continue;
    const auto row = parse_row(text, core::concat(path.string(), ":", line, ": "));
    examples.push_back(to_example(row, options, line));
    if (static_cast<std::int64_t>(examples.size()) == options.limit) break;
  }
  TEMPO_CHECK(!file.bad(), path.string(), ": expected to read the whole file, got an error of the disk");
  TEMPO_CHECK(!examples.empty(), path.string(), ": expected at least one row, got an empty file");
  return examples;
}

}  // namespace tempo::data
