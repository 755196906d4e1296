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
  std::string subject;                                       // for reports; empty: not known
  std::string level;                                         // likewise
};

struct DatasetOptions {
  std::string problem_key = "problem";
  std::string answer_key = "answer";
  std::string options_key = "options";  // rows may lack it
  std::string id_key = "id";            // rows may lack it: then the line number is the id
  std::string subject_key = "subject";  // rows may lack it
  std::string level_key = "level";      // rows may lack it
  std::int64_t limit = 0;               // reads the first rows only; 0: all

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Returns the examples of a file of JSON objects, one a line; blank lines are skipped. The problem is a text,
// the answer, the id, the subject and the level are a text or an integer, options are an object of one letter
// each with its text.
// Throws tempo::Error "FILE:LINE: expected ..., got ..." at the first row that is not so, and for a file
// without rows.
std::vector<Example> read_examples(const std::filesystem::path& path, const DatasetOptions& options = {});

}  // namespace tempo::data
