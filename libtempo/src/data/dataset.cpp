#include "tempo/data/dataset.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "row_reader.h"
#include "tempo/core/error.h"

namespace tempo::data {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kLetters = 26;

const Json& value_at(const Row& row, const std::string& key) {
  const Json* value = row.find(key);
  TEMPO_CHECK(value != nullptr, row.where, "expected the key '", key, "', got a row without it");
  return *value;
}

// Returns a text, or a number or boolean in its JSON spelling. `name` stands in errors.
std::string scalar_text(const Row& row, const std::string& name, const Json& value) {
  if (value.is_number() || value.is_boolean()) return value.dump();
  TEMPO_CHECK(value.is_string(), row.where, "'", name, "': expected a text, a number or a boolean, got ",
              value.type_name());
  auto text = value.get<std::string>();
  TEMPO_CHECK(text.find('\0') == text.npos, row.where, "'", name, "': expected a text, got one with a NUL");
  TEMPO_CHECK(text.find_first_not_of(" \t\r\n") != text.npos, row.where, "'", name,
              "': expected a text, got an empty one");
  return text;
}

std::string problem_of(const Row& row, const std::string& key) {
  const Json& value = value_at(row, key);
  TEMPO_CHECK(value.is_string(), row.where, "'", key, "': expected a text, got ", value.type_name());
  return scalar_text(row, key, value);
}

// Returns "" where the row lacks the key.
std::string optional_text_at(const Row& row, const std::string& key) {
  const Json* value = row.find(key);
  return value == nullptr ? std::string{} : scalar_text(row, key, *value);
}

bool is_letter(const std::string& text) {
  return text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
}

// An option may be empty, as some are in public data.
std::string option_text(const Row& row, const std::string& name, const Json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return {};
  return scalar_text(row, name, value);
}

Options options_at(const Row& row, const std::string& key) {
  const Json* found = row.find(key);
  if (found == nullptr) return {};
  TEMPO_CHECK(found->is_structured() && !found->empty(), row.where, "'", key,
              "': expected an object of letters and texts or a list of texts, got ",
              found->is_structured() ? "no option" : found->type_name());
  TEMPO_CHECK(found->is_object() || found->size() <= kLetters, row.where, "'", key, "': expected at most ",
              kLetters, " options, got ", found->size());
  Options options;
  for (const auto& [name, value] : found->items()) {
    const std::string letter =
        found->is_object() ? name : std::string(1, static_cast<char>('A' + options.size()));
    TEMPO_CHECK(is_letter(letter), row.where, "'", key, "': expected one letter for each option, got '",
                letter, "'");
    options.emplace_back(letter, option_text(row, core::concat(key, ".", name), value));
  }
  return options;
}

// Returns the one option whose text this is, if there is one.
std::optional<std::size_t> option_of_text(const Row& row, const std::string& key, const Options& options,
                                          const std::string& text) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i].second != text) continue;
    TEMPO_CHECK(!found, row.where, "'", key, "': expected the text of one option, got '", text,
                "', which two have");
    found = i;
  }
  return found;
}

// Returns the letter of an answer that counts the options, unless another option has the number as its text.
std::string letter_of_number(const Row& row, const std::string& key, const Options& options,
                             std::int64_t number, std::int32_t base) {
  const auto by_text = option_of_text(row, key, options, std::to_string(number));
  const std::int64_t index = number - base;
  const bool in_range = index >= 0 && index < static_cast<std::int64_t>(options.size());
  TEMPO_CHECK(!by_text || !in_range || static_cast<std::int64_t>(*by_text) == index, row.where, "'", key,
              "': expected an answer that means one option, got ", number,
              ", which is the number of one and the text of another");
  TEMPO_CHECK(by_text || in_range, row.where, "'", key, "': expected the number of an option, ", base, " to ",
              base + static_cast<std::int64_t>(options.size()) - 1, ", got ", number);
  return options[by_text ? *by_text : static_cast<std::size_t>(index)].first;
}

std::string letter_at(const Row& row, const DatasetOptions& keys, const Options& options) {
  const std::string& key = keys.answer_key;
  const Json& value = value_at(row, key);
  if (value.is_number_integer())
    return letter_of_number(row, key, options, value.get<std::int64_t>(), keys.answer_base);
  auto text = scalar_text(row, key, value);
  if (std::any_of(options.begin(), options.end(), [&](const auto& o) { return o.first == text; }))
    return text;
  const auto index = option_of_text(row, key, options, text);
  TEMPO_CHECK(index, row.where, "'", key, "': expected the letter, number or text of an option, got '", text,
              "'");
  return options[*index].first;
}

Example to_example(const Row& row, const DatasetOptions& keys) {
  Example example;
  example.problem = problem_of(row, keys.problem_key);
  example.options = options_at(row, keys.options_key);
  example.answer = example.options.empty() ? scalar_text(row, keys.answer_key, value_at(row, keys.answer_key))
                                           : letter_at(row, keys, example.options);
  example.id = optional_text_at(row, keys.id_key);
  if (example.id.empty()) example.id = std::to_string(row.line);
  example.subject = optional_text_at(row, keys.subject_key);
  example.level = optional_text_at(row, keys.level_key);
  return example;
}

}  // namespace

const std::string& Example::answer_text() const {
  for (const auto& [letter, text] : options) {
    if (letter == answer) return text;
  }
  return answer;
}

void DatasetOptions::validate() const {
  TEMPO_CHECK(!problem_key.empty(), "problem_key: expected a key, got an empty one");
  TEMPO_CHECK(!answer_key.empty(), "answer_key: expected a key, got an empty one");
  TEMPO_CHECK(answer_base == 0 || answer_base == 1, "answer_base: expected 0 or 1, got ", answer_base);
  TEMPO_CHECK(limit >= 0, "limit: expected at least 0, got ", limit);
}

std::vector<Example> read_examples(const std::filesystem::path& path, const DatasetOptions& options) {
  options.validate();
  RowReader reader(path);
  std::vector<Example> examples;
  for (Row row; reader.next(row);) {
    examples.push_back(to_example(row, options));
    if (static_cast<std::int64_t>(examples.size()) == options.limit) break;
  }
  TEMPO_CHECK(!examples.empty(), path.string(), ": expected at least one row, got an empty file");
  return examples;
}

}  // namespace tempo::data
