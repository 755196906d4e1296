// Counts over the rows of tempo-verify, and how many agree with what the rows expect.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tempo_verify/row.h"

namespace tempo::programs {

class Summary {
 public:
  void add(const Result& result, const std::string& place);

  // Throws tempo::Error that tells how many lines were no rows, and what is wrong with the first.
  void check_errors() const;

  // Returns the counts as text; each row that disagrees with its own "equivalent" is named by its place.
  std::string text() const;

 private:
  std::int64_t rows_ = 0, equivalent_ = 0, expecting_ = 0, errors_ = 0;
  std::vector<std::string> disagreements_;
  std::string first_error_;
};

}  // namespace tempo::programs
