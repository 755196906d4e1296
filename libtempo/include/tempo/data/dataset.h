// Problems with known answers, read from JSON lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tempo::data {

struct Example {
  std::string id;
  std::string problem;
  std::string answer;                                        // one of the letters, where there are options
  std::vector<std::pair<std::string, std::string>> options;  // letter and text, in the file's order
  std::string subject{};                                     // for reports; empty: not known
  std::string level{};                                       // likewise

  // Returns the text of the option that is the answer, or the answer itself where there are no options.
  const std::string& answer_text() const;
};

// Where a row has what. A key with dots is looked up as it stands, then as a path: "extra_info.question",
// "choices.text", "messages.0.content".
struct DatasetOptions {
  std::string problem_key = "problem";
  std::string answer_key = "answer";
  std::string options_key = "options";  // rows may lack it
  std::string id_key = "id";            // rows may lack it: then the line number is the id
  std::string subject_key = "subject";  // rows may lack it
  std::string level_key = "level";      // rows may lack it
  std::int32_t answer_base = 0;  // 0 or 1: the number of the first option, where the answer is a number
  std::int64_t limit = 0;        // reads the first rows only; 0: all

  // Throws tempo::Error naming the field.
  void validate() const;
};

// A longer line is an error, so a file of another kind cannot exhaust the memory.
inline constexpr std::int64_t kMaxRowBytes = std::int64_t{64} << 20;

// Returns the examples of a file of JSON objects, one a line; blank lines and a byte-order mark are skipped.
//
// The problem is a text. Answer, id, subject and level are a text, a number or a boolean; the latter two are
// taken in their JSON spelling, integers of up to 64 bits digit by digit, others as the shortest decimal of
// the same double. Options are an object of one letter each with its text, or a list of at most 26 texts,
// which get the letters A, B, ...; the answer is then a letter, the text of one option, or an integer that
// counts the options from answer_base. An answer that could mean two options is an error.
//
// Throws tempo::Error "FILE:LINE: expected ..., got ..." at the first row that is not so, is not UTF-8, holds
// a NUL or is longer than kMaxRowBytes, and for a file without rows.
std::vector<Example> read_examples(const std::filesystem::path& path, const DatasetOptions& options = {});

}  // namespace tempo::data
