// Turns an example into the texts of a chat prompt.
#pragma once

#include <string>

#include "tempo/data/dataset.h"

namespace tempo::data {

struct PromptTemplate {
  std::string system;  // taken as it stands; empty: no system message
  // {problem}, {options} and {question} are filled in; {{ and }} stand for single braces.
  std::string user = "{problem}";

  // Throws tempo::Error naming the field: an unknown placeholder, or a brace that is neither one nor doubled.
  void validate() const;
};

struct Prompt {
  std::string system;  // empty: no system message
  std::string user;
};

// Returns the example's prompt; {options} becomes one line "A. text" for each option, {question} the problem,
// followed by a blank line and the options where there are some.
// Throws tempo::Error: a template that does not validate, or {options} for an example without options.
Prompt render_prompt(const PromptTemplate& prompt_template, const Example& example);

}  // namespace tempo::data
