#include "tempo/data/duplicates.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace tempo::data;

namespace {

Example open_question(const std::string& problem, const std::string& answer = "1") {
  return {.id = problem, .problem = problem, .answer = answer, .options = {}, .subject = {}, .level = {}};
}

Example choice(const std::string& problem, std::vector<std::pair<std::string, std::string>> options,
               const std::string& answer) {
  Example example = open_question(problem, answer);
  example.options = std::move(options);
  return example;
}

// The numbers first to last, a word each.
std::string counting(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += " n" + std::to_string(i);
  return text;
}

}  // namespace

TEST_CASE("normalise_text: white space, case and punctuation go, signs of mathematics stay", "[data]") {
  CHECK(normalise_text("  What is\n $x+1$?  ") == "what is x+1");
  CHECK(normalise_text("what is X+1.") == "what is x+1");
  CHECK(normalise_text("3 + 4?") != normalise_text("3 - 4?"));
  CHECK(normalise_text("1.5") != normalise_text("15"));
  CHECK(normalise_text("\u00c9t\u00e9!") == "\u00c9t\u00e9");
  CHECK(normalise_text("?!").empty());
}

TEST_CASE("duplicate_key: options count by the text of the right one", "[data]") {
  const auto a = choice("Which?", {{"A", "This."}, {"B", "that"}}, "A");
  CHECK(duplicate_key(a) == duplicate_key(choice("which", {{"A", "other"}, {"B", "x"}, {"C", "this"}}, "C")));
  CHECK(duplicate_key(a) != duplicate_key(choice("Which?", {{"A", "This."}, {"B", "that"}}, "B")));
  CHECK(duplicate_key(open_question("P", "1")) == duplicate_key(open_question("p", "2")));
  CHECK(duplicate_key(open_question("??")) != duplicate_key(open_question("!!")));
}

TEST_CASE("find_repeated: pairs each repetition with the first", "[data]") {
  const std::vector<Example> examples{open_question("a b"), open_question("c"), open_question("A  b."),
                                      open_question("C!"), open_question("a, b")};
  CHECK(find_repeated(examples) == std::vector<ExamplePair>{{0, 2}, {1, 3}, {0, 4}});
}

TEST_CASE("find_overlap: tells training problems that are held-out ones from those that are near", "[data]") {
  const std::vector<Example> held_out{open_question("What is 1 + 1?"), open_question(counting(1, 30))};
  const std::vector<Example> training{open_question("what is 1 + 1"), open_question("What is 1 + 2?"),
                                      open_question("First," + counting(1, 28)),
                                      open_question(counting(1, 20) + " and no more")};
  const auto overlap = find_overlap(training, held_out);
  CHECK(overlap.exact == std::vector<ExamplePair>{{0, 0}});
  CHECK(overlap.near == std::vector<ExamplePair>{{2, 1}});  // 21 of 23 runs of eight words; the last has 13
}

TEST_CASE("find_overlap: does not compare phrases that many held-out problems share", "[data]") {
  const std::string phrase = "read this text with care and then answer the question ";
  std::vector<Example> held_out;
  for (int i = 0; i < 40; ++i) held_out.push_back(open_question(phrase + std::to_string(i)));
  CHECK(find_overlap(std::vector{open_question(phrase + "again")}, held_out).near.empty());
  held_out.resize(1);
  CHECK(find_overlap(std::vector{open_question(phrase + "again")}, held_out).near.empty());
  held_out[0] = open_question(phrase + "once more with feeling " + counting(1, 2));
  CHECK(
      find_overlap(std::vector{open_question(phrase + "once more with feeling " + counting(1, 1))}, held_out)
          .near.size() == 1);
}

TEST_CASE("find_overlap: ten thousand equal problems take linear time", "[data]") {
  const std::vector<Example> same(10000, open_question(counting(1, 40)));
  CHECK(find_overlap(same, same).exact.size() == 10000);
  const std::vector<Example> near(10000, open_question(counting(0, 40)));
  CHECK(find_overlap(near, same).near.empty());  // all its phrases are of many problems
}
