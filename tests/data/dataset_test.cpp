#include "tempo/data/dataset.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "data/text_file.h"

using Catch::Matchers::ContainsSubstring;
using tempo::data::DatasetOptions;
using tempo::data::read_examples;
using tempo::testing::error_of;
using tempo::testing::TextFile;

TEST_CASE("read_examples: keeps rows, and options in the file's order", "[data]") {
  const TextFile file(
      "{\"id\": \"a\", \"problem\": \"P \\u00e9\", \"answer\": \"B\", \"options\": {\"B\": \"x\", \"A\": "
      "\"y\"}}\r\n"
      "\n{\"problem\": \"Q\", \"answer\": -7, \"options\": null}");
  const auto examples = read_examples(file.path());
  REQUIRE(examples.size() == 2);
  CHECK(examples[0].id == "a");
  CHECK(examples[0].problem == "P \u00e9");
  CHECK(examples[0].options == std::vector<std::pair<std::string, std::string>>{{"B", "x"}, {"A", "y"}});
  CHECK(examples[1].id == "3");
  CHECK(examples[1].answer == "-7");
  CHECK(examples[1].options.empty());
}

TEST_CASE("read_examples: takes its keys from the options", "[data]") {
  const TextFile file(R"({"q": "P", "gold": "A", "choices": {"A": "x"}, "uid": 12, "problem": 1})");
  const auto examples = read_examples(
      file.path(), {.problem_key = "q", .answer_key = "gold", .options_key = "choices", .id_key = "uid"});
  REQUIRE(examples.size() == 1);
  CHECK(examples[0].problem == "P");
  CHECK(examples[0].id == "12");
  CHECK(examples[0].options.size() == 1);
}

TEST_CASE("read_examples: stops at the limit, before rows that it need not read", "[data]") {
  const TextFile file(
      "{\"problem\": \"P\", \"answer\": \"1\"}\n{\"problem\": \"P\", \"answer\": \"2\"}\nbroken\n");
  CHECK(read_examples(file.path(), {.limit = 2}).size() == 2);
}

TEST_CASE("read_examples: names line, key, expected and found in a bad row", "[data]") {
  const std::string good = "{\"problem\": \"P\", \"answer\": \"1\"}\n";
  CHECK(error_of(good + "{\"problem\": \"P\"}") == ":2: expected the key 'answer', got a row without it");
  CHECK(error_of(good + "{\"problem\": 3, \"answer\": \"1\"}") ==
        ":2: 'problem': expected a text, got number");
  CHECK(error_of(good + "{\"problem\": \" \", \"answer\": \"1\"}") ==
        ":2: 'problem': expected a text, got an empty one");
  CHECK(error_of("{\"problem\": \"P\", \"answer\": [1]}") ==
        ":1: 'answer': expected a text, a number or a boolean, got array");
  CHECK(error_of(good + "{\"problem\": ") == ":2: expected a JSON object, got invalid JSON at byte 13");
  CHECK(error_of("[1]") == ":1: expected a JSON object, got array");
}

TEST_CASE("read_examples: refuses options that are not one letter each with its text", "[data]") {
  const auto with = [](const std::string& options, const std::string& answer = "A") {
    return error_of(R"({"problem": "P", "answer": ")" + answer + R"(", "options": )" + options + "}");
  };
  CHECK(with(R"({"A": "x"})") == "read");
  const std::string wanted =
      ":1: 'options': expected an object of letters and texts or a list of texts, got ";
  CHECK(with("3") == wanted + "number");
  CHECK(with("{}") == wanted + "no option");
  CHECK(with("[]") == wanted + "no option");
  CHECK(with(R"({"A1": "x"})") == ":1: 'options': expected one letter for each option, got 'A1'");
  CHECK(with(R"({"A": []})") == ":1: 'options.A': expected a text, a number or a boolean, got array");
  CHECK(with(R"(["x", null])") == ":1: 'options.1': expected a text, a number or a boolean, got null");
  CHECK(with(R"({"A": "x"})", "C") ==
        ":1: 'answer': expected the letter, number or text of an option, got 'C'");
  std::string many = "[\"0\"";
  for (int i = 1; i < 27; ++i) many += ", \"" + std::to_string(i) + "\"";
  CHECK(with(many + "]") == ":1: 'options': expected at most 26 options, got 27");
}

TEST_CASE("read_examples: refuses a file without rows, a folder and a missing file", "[data]") {
  CHECK(error_of("") == ": expected at least one row, got an empty file");
  CHECK(error_of("\n \n") == ": expected at least one row, got an empty file");
  CHECK_THROWS_WITH(read_examples("nowhere.jsonl"),
                    "nowhere.jsonl: expected a file of JSON lines, found nothing");
  CHECK_THROWS_WITH(read_examples(std::filesystem::temp_directory_path()), ContainsSubstring("got a folder"));
}

TEST_CASE("DatasetOptions: validate names the field", "[data]") {
  CHECK_NOTHROW(DatasetOptions{}.validate());
  CHECK_THROWS_WITH(DatasetOptions{.problem_key = ""}.validate(),
                    "problem_key: expected a key, got an empty one");
  CHECK_THROWS_WITH(DatasetOptions{.answer_key = ""}.validate(),
                    "answer_key: expected a key, got an empty one");
  CHECK_THROWS_WITH(DatasetOptions{.answer_base = 2}.validate(), "answer_base: expected 0 or 1, got 2");
  CHECK_THROWS_WITH(DatasetOptions{.limit = -1}.validate(), "limit: expected at least 0, got -1");
}
