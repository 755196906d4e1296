// The rows of a file of JSON objects, one a line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace tempo::data {

using Json = nlohmann::ordered_json;

// One row of the file and where it stands.
struct Row {
  Json object;
  std::int64_t line = 0;
  std::string where;  // "FILE:LINE: "

  // Returns the value at a key or at a path of keys and list indices parted by dots; nullptr where there is
  // none, or null.
  const Json* find(const std::string& key) const;
};

class RowReader {
 public:
  // Throws tempo::Error when there is no such file to read.
  explicit RowReader(const std::filesystem::path& path);

  // Reads the next row that is not blank; false at the file's end. Throws tempo::Error, naming file and line,
  // for one that is not a JSON object in UTF-8 or is too long.
  bool next(Row& row);

 private:
  bool read_line();

  std::string name_;
  std::ifstream file_;
  std::string text_;
  std::int64_t line_ = 0;
};

}  // namespace tempo::data
