#include "tempo/data/prompt_template.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>

#include "tempo/core/error.h"

using tempo::data::Example;
using tempo::data::PromptTemplate;
using tempo::data::render_prompt;

namespace {

const Example kExample{.id = "q1",
                       .problem = "Which {one}?",
                       .answer = "A",
                       .options = {{"A", "this"}, {"B", "that {problem}"}}};

std::string user_text(const std::string& user) {
  return render_prompt({.system = "", .user = user}, kExample).user;
}

}  // namespace

TEST_CASE("render_prompt: fills problem and options, and nothing inside them", "[data]") {
  CHECK(user_text("{problem}") == "Which {one}?");
  CHECK(user_text("Q: {problem}\n{options}\nA:") == "Q: Which {one}?\nA. this\nB. that {problem}\nA:");
}

TEST_CASE("render_prompt: a question is the problem, and the options where there are some", "[data]") {
  CHECK(user_text("Q: {question}!") == "Q: Which {one}?\n\nA. this\nB. that {problem}!");
  Example open = kExample;
  open.options.clear();
  CHECK(render_prompt({.system = "", .user = "Q: {question}!"}, open).user == "Q: Which {one}?!");
}

TEST_CASE("render_prompt: doubled braces stand for single ones", "[data]") {
  CHECK(user_text("\\boxed{{}} {{problem}} {{{problem}}}") == "\\boxed{} {problem} {Which {one}?}");
}

TEST_CASE("render_prompt: passes the system text as it stands", "[data]") {
  CHECK(render_prompt({.system = "Be {brief}.", .user = "x"}, kExample).system == "Be {brief}.");
  CHECK(render_prompt({}, kExample).system.empty());
}

TEST_CASE("render_prompt: refuses options for an example that has none", "[data]") {
  CHECK_THROWS_WITH(render_prompt({.system = "", .user = "{options}"},
                                  Example{.id = "q2", .problem = "P", .answer = "1", .options = {}}),
                    "user: expected options for {options}, got none in example 'q2'");
}

TEST_CASE("PromptTemplate: validate names unknown placeholders and single braces", "[data]") {
  const auto validate = [](const std::string& user) {
    PromptTemplate{.system = "", .user = user}.validate();
  };
  CHECK_NOTHROW(validate("{problem} {{ }} {options} {question}"));
  CHECK_THROWS_WITH(validate("{query}"), "user: expected {problem}, {options} or {question}, got {query}");
  CHECK_THROWS_WITH(validate("{}"), "user: expected {problem}, {options} or {question}, got {}");
  CHECK_THROWS_WITH(validate("a {problem"), "user: expected {placeholder}, {{ or }}, got a single '{'");
  CHECK_THROWS_WITH(validate("a } b"), "user: expected {placeholder}, {{ or }}, got a single '}'");
}
