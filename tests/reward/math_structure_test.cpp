// What counts as equal among relations, sets, matrices and words: docs/rewards.md has the conventions.
#include <catch2/catch_test_macros.hpp>

#include "reward/compare_pairs.h"
#include "tempo/reward/math.h"

using tempo::tests::check;

TEST_CASE("compare_answers: a named value is the value, an equation is not", "[reward]") {
  check(true, {
                  {R"(x=5)", R"(5)"},
                  {R"(k=1)", R"(1)"},
                  {R"(5=x)", R"(x=5)"},
                  {R"(x = 5+5+1 = 11)", R"(11)"},
                  {R"(\frac13 \approx 0.33)", R"(\frac13)"},
                  {R"(x \approx 3.5)", R"(3.5)"},
                  {R"(f(x)=2x+3)", R"(2x+3)"},
                  {R"(f(x)=2x+3)", R"(y=2x+3)"},
                  {R"(f^{-1}(x)=2x)", R"(2x)"},
                  {R"(2x+4y-3=0)", R"(y=-\frac12 x+\frac34)"},
                  {R"(x^2/4 + y^2/3 = 1)", R"(3x^2+4y^2=12)"},
                  {R"((p,q)=(3,2))", R"((3,2))"},
                  {R"(x=3, y=4)", R"(y=4, x=3)"},
                  {R"(x=3, y=4)", R"((x,y)=(3,4))"},
                  {R"(x=3, y=4)", R"((3,4))"},
              });
}

TEST_CASE("compare_answers: a named value is the value, an equation is not, told apart", "[reward]") {
  check(false, {
                   {R"(x=5)", R"(y=5)"},
                   {R"(x=5)", R"(x=6)"},
                   {R"(a^2+b=0)", R"(0)"},
                   {R"(2x+4y-3=0)", R"(2x+4y+3=0)"},
                   {R"(x=3, y=4)", R"(x=4, y=3)"},
               });
}

TEST_CASE("compare_answers: ratios and times", "[reward]") {
  check(true, {
                  {R"(S:T=7:32)", R"(7:32)"},
                  {R"(7:32)", R"(7/32)"},
                  {R"(2 to 3)", R"(2:3)"},
                  {R"(20:34:00)", R"(20:34)"},
                  {R"(8\!:\!34 \text{ p.m.})", R"(8:34 p.m.)"},
              });
}

TEST_CASE("compare_answers: ratios and times, told apart", "[reward]") {
  check(false, {
                   {R"(12:00)", R"(1:00)"},
               });
}

TEST_CASE("compare_answers: inequalities, intervals and unions", "[reward]") {
  check(true, {
                  {R"(-793<a<10)", R"((-793,10))"},
                  {R"(x>5)", R"((5,\infty))"},
                  {R"(x \ge 5)", R"([5,\infty))"},
                  {R"(5<x)", R"(x>5)"},
                  {R"(x<1)", R"(-x>-1)"},
                  {R"(-5\le x\le1 or 3\le x\le9)", R"([-5,1]\cup[3,9])"},
                  {R"([-5,1]\cup[3,9])", R"([3,9] \cup [-5,1])"},
                  {R"((-\infty,0)\cup(0,\infty))", R"(x \neq 0)"},
                  {R"(\mathbb{R} \setminus \{0\})", R"(x \ne 0)"},
                  {R"((-\infty,\infty))", R"(\mathbb{R})"},
                  {R"(x \in [1,4])", R"(1 \le x \le 4)"},
                  {R"(x\not=3)", R"(x \neq 3)"},
                  {R"(x>1 \text{ and } x<3)", R"((1,3))"},
                  {R"(]1,3[)", R"((1,3))"},
                  {R"([1,2] \cup [2,3])", R"([1,3])"},
                  {R"(f(2) < f(1) < f(4))", R"(f(4) > f(1) > f(2))"},
              });
}

TEST_CASE("compare_answers: inequalities, intervals and unions, told apart", "[reward]") {
  check(false, {
                   {R"(x<1)", R"(x>1)"},
                   {R"(x<1)", R"(x\le 1)"},
                   {R"(f(2) < f(1) < f(4))", R"(f(1) < f(2) < f(4))"},
               });
}

TEST_CASE("compare_answers: matrices, vectors and systems", "[reward]") {
  check(true, {
                  {R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})", R"(\begin{bmatrix}1&2\\3&4\end{bmatrix})"},
                  {R"(\begin{pmatrix}\frac12\\1\end{pmatrix})", R"([0.5,1])"},
                  {R"(\begin{pmatrix}1\\2\\3\end{pmatrix})", R"((1,2,3))"},
                  {R"(\begin{pmatrix} -1/3 \\ -11/3 \\ -8 \end{pmatrix})",
                   R"(\begin{pmatrix} -\frac13 \\ -\frac{11}3 \\ -8 \end{pmatrix})"},
                  {R"([[1,2],[3,4]])", R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})"},
                  {R"(\begin{array}{cc}1&2\\3&4\end{array})", R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})"},
                  {R"(\langle 1,2,3\rangle)", R"((1,2,3))"},
                  {R"(\begin{cases}x=1\\y=2\end{cases})", R"(x=1, y=2)"},
              });
}

TEST_CASE("compare_answers: matrices, vectors and systems, told apart", "[reward]") {
  check(false, {
                   {R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})", R"(\begin{pmatrix}1&3\\2&4\end{pmatrix})"},
               });
}

TEST_CASE("compare_answers: expressions are equal as functions", "[reward]") {
  check(true, {
                  {R"(x^2+2x+1)", R"((x+1)^2)"},
                  {R"((x-2)(x+2))", R"(x^2-4)"},
                  {R"(4/3-7x/6)", R"(\frac{8-7x}{6})"},
                  {R"(xy)", R"(yx)"},
                  {R"(\frac{x+2}{7})", R"(\frac{x}{7}+\frac{2}{7})"},
                  {R"(42x\sqrt{5x})", R"(\sqrt{8820x^3})"},
                  {R"(x_1+x_2)", R"(x_{2}+x_{1})"},
                  {R"(2^{n-1})", R"(\frac{2^n}{2})"},
                  {R"(\frac{1}{3\sqrt[3]{x}^2})", R"(\frac{1}{3x^{2/3}})"},
                  {R"(\sqrt{x^2})", R"(|x|)"},
              });
}

TEST_CASE("compare_answers: expressions are equal as functions, told apart", "[reward]") {
  check(false, {
                   {R"(x^2+2x-1)", R"((x+1)^2)"},
                   {R"(|x|)", R"(x)"},
                   {R"(x)", R"(2x)"},
                   {R"(x)", R"(y)"},
                   {R"(f(x))", R"(f(y))"},
                   {R"(x_1)", R"(x_2)"},
               });
}

TEST_CASE("compare_answers: numbers in a base", "[reward]") {
  check(true, {
                  {R"(101_2)", R"(101_{2})"},
                  {R"(101_2)", R"((101)_2)"},
                  {R"(2A_{16})", R"(2\text{a}_{16})"},
                  {R"(\text{A5}_{11})", R"(115_{10})"},
                  {R"(101_2)", R"(101_{\text{two}})"},
                  {R"(13_5)", R"(8_{10})"},
              });
}

TEST_CASE("compare_answers: numbers in a base, told apart", "[reward]") {
  check(false, {
                   {R"(101_2)", R"(101)"},
                   {R"(101_2)", R"(101_3)"},
               });
}

TEST_CASE("compare_answers: words and letters", "[reward]") {
  check(true, {
                  {R"(\text{odd})", R"(odd)"},
                  {R"(\text{Odd})", R"(odd.)"},
                  {R"(\text{(C)})", R"(C)"},
                  {R"((C))", R"(\text{C})"},
                  {R"(C Cecile)", R"(C)"},
                  {R"(D. it can't be A or B)", R"(D)"},
                  {R"(five)", R"(5)"},
                  {R"(\text{five})", R"(5)"},
                  {R"(\mbox{four})", R"(4)"},
                  {R"(\text{A, B})", R"(B,A)"},
                  {R"(\text{two lines})", R"(two lines)"},
              });
}

TEST_CASE("compare_answers: words and letters, told apart", "[reward]") {
  check(false, {
                   {R"(\text{oddd})", R"(odd)"},
                   {R"((A) Cecile)", R"(C)"},
                   {R"(\text{ellipse})", R"(\text{circle})"},
               });
}

TEST_CASE("compare_answers: spellings", "[reward]") {
  check(true, {
                  {R"(\infty)", R"(\text{infinity})"},
                  {R"(\hat{i}+2\hat{j})", R"(2\hat{j}+\hat{i})"},
                  {R"(\mathbf{i}+2\mathbf{j})", R"(\hat{i}+2\hat{j})"},
                  {R"($\frac{1}{2}$)", R"(\(\frac12\))"},
                  {R"(\boxed{5})", R"(5)"},
                  {R"(\displaystyle\frac12)", R"(\tfrac12)"},
                  {R"(2\times3)", R"(6)"},
                  {R"(\lim_{x\to0}\frac{\sin x}{x}=1)", R"(1)"},
                  {R"(-5\lex\le1)", R"([-5,1])"},
                  {R"(1-\frac{1}{\mathrm{e}})", R"(1-1/e)"},
                  {R"(\left\{1,2\right\})", R"(\{2,1\})"},
                  {R"(3\frac{x}{2})", R"(1.5x)"},
                  {R"(x^2\frac12)", R"(\frac{x^2}{2})"},
                  {R"(\sin 2x)", R"(2\sin x\cos x)"},
                  {R"(P(3,4))", R"((3,4))"},
                  {R"(\tan \theta = 2\theta)", R"(\tan\theta=2\theta)"},
                  {R"(\frac{\sqrt{6}-\sqrt{2}}{4})", R"(\sin 15^\circ)"},
                  {R"(1/0)", R"(1/0)"},
                  {R"(p=5, q=2; p=7, q=2)", R"((5,2),(7,2))"},
                  {R"(\{x : x > 3\})", R"((3,\infty))"},
                  {R"(\{x \mid x > 3\})", R"(x>3)"},
                  {R"(\mathbb{R}-\{2\})", R"(x \neq 2)"},
                  {R"(\begin{align*} n &= 3\cdot 4 \\ &= 12 \end{align*})", R"(12)"},
                  {R"(USD 18)", R"(18)"},
              });
}

TEST_CASE("compare_answers: spellings, told apart", "[reward]") {
  check(false, {
                   {R"(\infty)", R"(-\infty)"},
                   {R"(\frac{\sqrt{6}-\sqrt{2}}{4})", R"(\cos 15^\circ)"},
                   {R"(1/0)", R"(5)"},
                   {R"(0/0)", R"(0)"},
                   {R"(3:30 a.m.)", R"(3\!:\!30 \text{ p.m.})"},
               });
}
