// What counts as equal, and what does not: docs/rewards.md has the conventions.
#include "tempo/reward/math.h"

#include <catch2/catch_test_macros.hpp>

#include "reward/compare_pairs.h"

using tempo::tests::check;

TEST_CASE("compare_answers: fractions, mixed numbers and decimals", "[reward]") {
  check(true, {
                  {R"(\frac{1}{2})", R"(\dfrac12)"},
                  {R"(\frac 34)", R"(0.75)"},
                  {R"(\frac{1}{2})", R"(.5)"},
                  {R"(\frac{1}{2})", R"(frac{1}{2})"},
                  {R"(\frac{1}{2})", R"(1/2)"},
                  {R"(\frac{1}{2})", R"(½)"},
                  {R"(-\frac{1}{2})", R"(\frac{-1}{2})"},
                  {R"(-\frac{1}{2})", R"(\frac{1}{-2})"},
                  {R"(\frac{1}{2})", R"({1 \over 2})"},
                  {R"(5\frac{1}{2})", R"(5.5)"},
                  {R"(1 1/2)", R"(\frac32)"},
                  {R"(2{1 \over 4})", R"(2.25)"},
                  {R"(0.\overline{3})", R"(\frac{1}{3})"},
                  {R"(.\overline{3})", R"(1/3)"},
                  {R"(2.1\overline{6})", R"(13/6)"},
              });
}

TEST_CASE("compare_answers: fractions, mixed numbers and decimals, told apart", "[reward]") {
  check(false, {
                   {R"(11/2)", R"(1 1/2)"},
                   {R"(\frac{1}{2})", R"(\frac{1}{3})"},
                   {R"(0.333)", R"(\frac13)"},
                   {R"(0.33)", R"(1/3)"},
               });
}

TEST_CASE("compare_answers: thousands and powers of ten", "[reward]") {
  check(true, {
                  {R"(1,000)", R"(1000)"},
                  {R"(2,\!880)", R"(2880)"},
                  {R"(1{,}008{,}016)", R"(1008016)"},
                  {R"(10\,000)", R"(10000)"},
                  {R"(1 000 000)", R"(1,000,000)"},
                  {R"(5.)", R"(5)"},
                  {R"(007)", R"(7)"},
                  {R"(3 \times 10^5)", R"(300000)"},
                  {R"(3 x 10^5)", R"(300000)"},
                  {R"(3e5)", R"(300000)"},
                  {R"(1.5E-3)", R"(0.0015)"},
                  {R"(2 \cdot 10^{-3})", R"(0.002)"},
                  {R"(2^{10})", R"(1024)"},
                  {R"(2**10)", R"(1024)"},
                  {R"(10^{100})", R"(10^{99} \cdot 10)"},
                  {R"(2^{4950})", R"(4^{2475})"},
              });
}

TEST_CASE("compare_answers: thousands and powers of ten, told apart", "[reward]") {
  check(false, {
                   {R"(32, 349)", R"(32349)"},
                   {R"(1,2)", R"(12)"},
                   {R"(10^{100}+1)", R"(10^{100})"},
                   {R"(10^{400}+1)", R"(10^{400})"},
               });
}

TEST_CASE("compare_answers: roots and complex numbers", "[reward]") {
  check(true, {
                  {R"(\sqrt{12})", R"(2\sqrt3)"},
                  {R"(√12)", R"(2√3)"},
                  {R"(sqrt(12))", R"(2sqrt(3))"},
                  {R"(2sqrt3)", R"(\sqrt{12})"},
                  {R"(\sqrt[3]{8})", R"(2)"},
                  {R"(\sqrt[3]{-8})", R"(-2)"},
                  {R"(12^{1/7})", R"(\sqrt[7]{12})"},
                  {R"(\frac{1}{\sqrt{2}})", R"(\frac{\sqrt2}{2})"},
                  {R"(\sqrt{3+2\sqrt2})", R"(1+\sqrt2)"},
                  {R"(\frac{3\sqrt{}{3}}{2})", R"(\frac{3\sqrt{3}}{2})"},
                  {R"(\sqrt{-1})", R"(i)"},
                  {R"(i^2)", R"(-1)"},
                  {R"((1+i)^2)", R"(2i)"},
                  {R"(3+4i)", R"(4i+3)"},
                  {R"(|3+4i|)", R"(5)"},
                  {R"(e^{i\pi})", R"(-1)"},
              });
}

TEST_CASE("compare_answers: roots and complex numbers, told apart", "[reward]") {
  check(false, {
                   {R"(\sqrt{2})", R"(1.41421356)"},
                   {R"(\sqrt{2})", R"(1.4142135623730951)"},
                   {R"(3+4i)", R"(3-4i)"},
               });
}

TEST_CASE("compare_answers: constants, angles and functions", "[reward]") {
  check(true, {
                  {R"(2\pi)", R"(2 pi)"},
                  {R"(2π)", R"(2\pi)"},
                  {R"(\frac{\pi}{2})", R"(90^\circ)"},
                  {R"(90^\circ)", R"(90)"},
                  {R"(90^{\circ})", R"(90°)"},
                  {R"(90\text{ degrees})", R"(90)"},
                  {R"(\sin 30^\circ)", R"(\frac12)"},
                  {R"(\sin(\pi/6))", R"(1/2)"},
                  {R"(\sin^2 x + \cos^2 x)", R"(1)"},
                  {R"(\frac{1}{\cos x})", R"(\sec x)"},
                  {R"(\arctan 1)", R"(\tan^{-1}(1))"},
                  {R"(\arcsin 1)", R"(\frac{\pi}{2})"},
                  {R"(\ln e)", R"(1)"},
                  {R"(\log_2 8)", R"(3)"},
                  {R"(\log 100)", R"(2)"},
                  {R"(\log_{10} 1000)", R"(3)"},
                  {R"(\ln 8)", R"(3\ln 2)"},
                  {R"(e^{\ln 3})", R"(3)"},
                  {R"(5!)", R"(120)"},
                  {R"(\binom{5}{2})", R"(10)"},
                  {R"({5 \choose 2})", R"(10)"},
                  {R"(\lfloor 3.7 \rfloor)", R"(3)"},
                  {R"(\lceil 3.2 \rceil)", R"(4)"},
                  {R"(|{-3}|)", R"(3)"},
                  {R"(\left|-3\right|)", R"(3)"},
              });
}

TEST_CASE("compare_answers: constants, angles and functions, told apart", "[reward]") {
  check(false, {
                   {R"(\pi)", R"(3.14)"},
                   {R"(\pi)", R"(22/7)"},
               });
}

TEST_CASE("compare_answers: percent, currency and units", "[reward]") {
  check(true, {
                  {R"(28\%)", R"(28)"},
                  {R"(28\%)", R"(0.28)"},
                  {R"(28\%)", R"(28 percent)"},
                  {R"(\$18)", R"(18)"},
                  {R"($18)", R"(18)"},
                  {R"(\$1,\!657)", R"(1657)"},
                  {R"(18 dollars)", R"(\$18)"},
                  {R"(18 thousand)", R"(18000)"},
                  {R"(5\text{ cm})", R"(5)"},
                  {R"(15\mbox{ cm}^2)", R"(15)"},
                  {R"(15\text{ cm}^2)", R"(15 \mathrm{~cm}^{2})"},
                  {R"(10 square units)", R"(10)"},
                  {R"(17\text{ any text})", R"(17)"},
                  {R"(60 miles/hour)", R"(60)"},
                  {R"(7 \pmod{11})", R"(7)"},
              });
}

TEST_CASE("compare_answers: percent, currency and units, told apart", "[reward]") {
  check(false, {
                   {R"(0.28)", R"(28)"},
                   {R"(28\%)", R"(2.8)"},
                   {R"(18 thousand)", R"(18)"},
                   {R"(5 cm)", R"(5 m)"},
                   {R"(5\text{ cm})", R"(5\text{ inches})"},
                   {R"(5\text{ hours})", R"(5\text{ minutes})"},
                   {R"(12\text{ feet})", R"(13\text{ feet})"},
               });
}

TEST_CASE("compare_answers: tuples are ordered, lists and sets are not", "[reward]") {
  check(true, {
                  {R"((1,2))", R"((1, 2))"},
                  {R"((1,\frac{9}{2}))", R"((1,4.5))"},
                  {R"(\left( \frac12, 3 \right))", R"((0.5,3))"},
                  {R"(1,2,3)", R"(3,2,1)"},
                  {R"(1,2,3)", R"(3, 2, \text{ and } 1)"},
                  {R"(1 \text{ or } 2)", R"(2,1)"},
                  {R"(\{1,2,3\})", R"(3,2,1)"},
                  {R"(\{1,1,2\})", R"(\{1,2\})"},
                  {R"(\{1\} \cup \{2\})", R"(\{1,2\})"},
                  {R"(\emptyset)", R"(\{\})"},
              });
}

TEST_CASE("compare_answers: tuples are ordered, lists and sets are not, told apart", "[reward]") {
  check(false, {
                   {R"((1,2))", R"((2,1))"},
                   {R"((1,2))", R"([1,2])"},
                   {R"((1,2))", R"(1,2)"},
                   {R"([1,2))", R"((1,2])"},
                   {R"(1,2,3)", R"(1,2)"},
                   {R"(1,1,2)", R"(1,2)"},
                   {R"(\{1,2\})", R"(\{1,3\})"},
               });
}

TEST_CASE("compare_answers: plus-minus is two values", "[reward]") {
  check(true, {
                  {R"(1 \pm \sqrt{19})", R"(1+\sqrt{19}, 1-\sqrt{19})"},
                  {R"(\pm 3)", R"(3,-3)"},
                  {R"(x = \pm 3)", R"(x=3 \text{ or } x=-3)"},
              });
}

TEST_CASE("compare_answers: plus-minus is two values, told apart", "[reward]") {
  check(false, {
                   {R"(\pm 3)", R"(3)"},
               });
}

TEST_CASE("compare_answers: a relative tolerance accepts rounded values alone", "[reward]") {
  const tempo::reward::MathOptions loose{.relative_tolerance = 1e-3};
  CHECK(tempo::reward::compare_answers("40\\pi", "125.66", loose).equivalent);
  CHECK_FALSE(tempo::reward::compare_answers("40\\pi", "125.66").equivalent);
  CHECK_FALSE(tempo::reward::compare_answers("40\\pi", "126", loose).equivalent);
}

TEST_CASE("compare_answers: says why in one line", "[reward]") {
  CHECK(tempo::reward::compare_answers("5", "5").reason == "'5' equals '5': same text");
  CHECK(tempo::reward::compare_answers("5", "10/2").reason == "'10/2' equals '5': same value");
  CHECK(tempo::reward::compare_answers("5", "6").reason == "'6' differs from '5': another value");
  CHECK(tempo::reward::compare_answers("5", "").reason == "'' differs from '5': no answer");
}
