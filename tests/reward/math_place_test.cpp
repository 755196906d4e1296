// Where the answer of a response is looked for.
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "tempo/core/error.h"
#include "tempo/reward/math.h"

namespace {

using tempo::reward::AnswerPlace;

std::string strict(const std::string& response, const std::string& reference) {
  return tempo::reward::score_math(response, reference).extracted;
}

std::string at(AnswerPlace place, const std::string& response) {
  return tempo::reward::score_math(response, "0", {.places = {place}}).extracted;
}

std::string lenient(const std::string& response) {
  return tempo::reward::score_math(response, "0", {.places = tempo::reward::lenient_places()}).extracted;
}

}  // namespace

TEST_CASE("score_math: strictly takes the last box alone", "[reward]") {
  CHECK(strict(R"(First \boxed{1}. Then \boxed{\frac{1}{2}}.)", "0") == R"(\frac{1}{2})");
  CHECK(strict(R"(\fbox{3})", "0") == "3");
  CHECK(strict(R"(so it is \boxed 9$.)", "0") == "9");
  CHECK(strict("The answer is 5.", "5").empty());
  CHECK(strict("$5$", "5").empty());
}

TEST_CASE("score_math: an unclosed box was cut, and has no answer", "[reward]") {
  CHECK(strict(R"(\boxed{5} hence \boxed{\frac{1}{2})", "5").empty());
}

TEST_CASE("score_math: several boxes in a row are one list", "[reward]") {
  const auto score = [](const char* response, const char* reference) {
    return tempo::reward::score_math(response, reference).score;
  };
  CHECK(score(R"($\boxed{1}$ and $\boxed{2}$)", "1,2") == 1);
  CHECK(score(R"(\boxed{1}, \boxed{2}, \boxed{3})", "3,2,1") == 1);
  CHECK(score(R"($\boxed{(3, 3)} \text{ for part (a) and } \boxed{(1, 1)}$)", "(3,3),(1,1)") == 1);
  CHECK(score(R"($y_1 = \boxed{2x}$ and $y_2 = \boxed{3x}$)", "2x,3x") == 1);
  CHECK(score(R"(\boxed{1} no no no \boxed{2})", "1,2") == 0);
  CHECK(score(R"(\boxed{1} and or \boxed{2})", "1,2") == 0);
  CHECK(score(R"(\boxed{1} or \boxed{2})", "2") == 1);
  CHECK(score(R"(\boxed{1} or \boxed{2})", "1") == 0);
}

TEST_CASE("score_math: thoughts hold no answer", "[reward]") {
  CHECK(strict(R"(<think>\boxed{1}</think> \boxed{2})", "1") == "2");
  CHECK(strict(R"(<think>\boxed{1})", "1").empty());
}

TEST_CASE("score_math: each place alone", "[reward]") {
  CHECK(at(AnswerPlace::kTag, "<answer>4</answer> or <answer> 5 </answer>") == " 5 ");
  CHECK(at(AnswerPlace::kHashes, "4 + 1\n#### 5\n") == "5");
  CHECK(at(AnswerPlace::kPhrase, "The answer is **$5$**. Good.") == "$5$");
  CHECK(at(AnswerPlace::kPhrase, "Answer: 3.5") == "3.5");
  CHECK(at(AnswerPlace::kFormula, "first $a$, then \\(b\\).") == "b");
  CHECK(at(AnswerPlace::kNumber, "of 10 only 2/3 are left") == "2/3");
  CHECK(at(AnswerPlace::kWhole, " 10 square units ") == "10 square units");
}

TEST_CASE("score_math: leniently the strongest mark decides", "[reward]") {
  CHECK(lenient(R"(The answer is 4, or \boxed{5})") == "5");
  CHECK(lenient("Therefore $x \\geq 5$ is the solution.") == "x \\geq 5");
  CHECK(lenient("We solve $f(x)$ and there are 12 of them. I hope it is correct.") == "12");
  CHECK(lenient("total = 100 meters") == "total = 100 meters");
  CHECK(lenient("The roots are $x = 5$ and $x = -2$.") == "x = -2");
  CHECK(tempo::reward::score_math("The roots are $x = 5$ and $x = -2$.", "5,-2",
                                  {.places = tempo::reward::lenient_places()})
            .score == 1);
}

TEST_CASE("score_math: the reference may be a marked text", "[reward]") {
  CHECK(tempo::reward::score_math(R"(\boxed{0.5})", R"(Hence \boxed{\frac12}.)").score == 1);
  CHECK(tempo::reward::score_math(R"(\boxed{18})", "9 * 2 = 18\n#### 18").score == 1);
}

TEST_CASE("MathOptions: fields out of range are named", "[reward]") {
  CHECK_THROWS_AS(tempo::reward::compare_answers("1", "1", {.places = {}}), tempo::Error);
  CHECK_THROWS_AS(tempo::reward::compare_answers("1", "1", {.relative_tolerance = -1}), tempo::Error);
  CHECK_THROWS_AS(tempo::reward::compare_answers("1", "1", {.max_steps = 0}), tempo::Error);
}
