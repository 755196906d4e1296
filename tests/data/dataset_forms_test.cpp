// The forms in which rows may have their answers, options and keys.
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>
#include <vector>

#include "data/text_file.h"
#include "tempo/data/dataset.h"

using tempo::data::DatasetOptions;
using tempo::data::Example;
using tempo::testing::error_of;
using tempo::testing::TextFile;

namespace {

Example only_example(const std::string& row, const DatasetOptions& options = {}) {
  const TextFile file(row);
  return tempo::data::read_examples(file.path(), options).at(0);
}

// A row with these options and answer, both JSON.
std::string choice_row(const std::string& options, const std::string& answer) {
  return R"({"problem": "P", "options": )" + options + R"(, "answer": )" + answer + "}";
}

}  // namespace

TEST_CASE("read_examples: numbers and booleans are answers in their JSON spelling", "[data]") {
  const auto answer = [](const std::string& json) {
    return only_example(R"({"problem": "P", "answer": )" + json + "}").answer;
  };
  CHECK(answer("-9007199254740993") == "-9007199254740993");
  CHECK(answer("18446744073709551615") == "18446744073709551615");
  CHECK(answer("5867630.8") == "5867630.8");
  CHECK(answer("0.10") == "0.1");
  CHECK(answer("21.0") == "21.0");
  CHECK(answer("true") == "true");
  CHECK(answer("\" 7 \"") == " 7 ");
}

TEST_CASE("read_examples: a list of options gets letters", "[data]") {
  const auto example = only_example(choice_row(R"(["x", 2, "", true])", "\"D\""));
  CHECK(example.options ==
        std::vector<std::pair<std::string, std::string>>{{"A", "x"}, {"B", "2"}, {"C", ""}, {"D", "true"}});
  CHECK(example.answer == "D");
  CHECK(example.answer_text() == "true");
}

TEST_CASE("read_examples: an answer is a letter, a number or the text of an option", "[data]") {
  const auto letter = [](const std::string& options, const std::string& answer, std::int32_t base = 0) {
    return only_example(choice_row(options, answer), {.answer_base = base}).answer;
  };
  CHECK(letter(R"(["x", "y", "z"])", "\"B\"") == "B");
  CHECK(letter(R"(["x", "y", "z"])", "0") == "A");
  CHECK(letter(R"(["x", "y", "z"])", "3", 1) == "C");
  CHECK(letter(R"(["x", "y", "z"])", "\"z\"") == "C");
  CHECK(letter(R"({"b": "x", "c": "y"})", "1") == "c");
  CHECK(letter(R"([2, 4, 6])", "4") == "B");            // no option has this number
  CHECK(letter(R"(["A", "O", "B"])", "\"B\"") == "B");  // a letter first
}

TEST_CASE("read_examples: refuses an answer that means no option, or two", "[data]") {
  const auto error = [](const std::string& options, const std::string& answer, std::int32_t base = 0) {
    return error_of(choice_row(options, answer), {.answer_base = base});
  };
  CHECK(error(R"(["x", "y"])", "2") == ":1: 'answer': expected the number of an option, 0 to 1, got 2");
  CHECK(error(R"(["x", "y"])", "0", 1) == ":1: 'answer': expected the number of an option, 1 to 2, got 0");
  CHECK(error(R"(["x", "y"])", "-1") == ":1: 'answer': expected the number of an option, 0 to 1, got -1");
  CHECK(error(R"([3, 2, 1])", "1") ==
        ":1: 'answer': expected an answer that means one option, got 1, which is the number of one and the "
        "text of another");
  CHECK(error(R"(["x", "x"])", "\"x\"") ==
        ":1: 'answer': expected the text of one option, got 'x', which two have");
}

TEST_CASE("read_examples: keys with dots lead into objects and lists", "[data]") {
  const DatasetOptions keys{.problem_key = "messages.1.content",
                            .answer_key = "extra_info.answer",
                            .options_key = "choices.text",
                            .id_key = "extra_info.index",
                            .subject_key = "a.b"};
  const auto example = only_example(
      R"({"messages": [{"content": "S"}, {"content": "P"}], "extra_info": {"answer": "B", "index": 7},)"
      R"( "choices": {"text": ["x", "y"]}, "a.b": "whole", "a": {"b": "nested"}})",
      keys);
  CHECK(example.problem == "P");
  CHECK(example.answer == "B");
  CHECK(example.options.size() == 2);
  CHECK(example.id == "7");
  CHECK(example.subject == "whole");
  CHECK(error_of(R"({"messages": ["a"], "extra_info": 3})", keys) ==
        ":1: expected the key 'messages.1.content', got a row without it");
}

TEST_CASE("read_examples: keeps subject and level where a row has them", "[data]") {
  const auto example = only_example(R"({"problem": "P", "answer": "1", "topic": "algebra", "level": 5})",
                                    {.subject_key = "topic"});
  CHECK(example.subject == "algebra");
  CHECK(example.level == "5");
}
