// Recognises an option of a multiple-choice question by its text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tempo/reward/choice.h"

namespace tempo::reward {

// Returns a text as options are compared: lower case, words and numbers with one space between, TeX's text
// commands and other punctuation left out. A sign before or behind a digit is part of the number.
std::string plain_words(std::string_view text);

// The options' texts, to be looked up.
class OptionTexts {
 public:
  explicit OptionTexts(Options options);

  // Returns the upper-case letter of the one option with this text; '\0' where none or several have it.
  // Bounded by the options' lengths, whatever the text's: one with far more punctuation than words is no
  // option's.
  char find(std::string_view text) const;

 private:
  struct Entry {
    std::string words;
    char letter;
  };
  std::vector<Entry> entries_;
  std::size_t max_bytes_ = 0;  // of a text that may be one of them
};

}  // namespace tempo::reward
