"""Pairs of expressions, equations, sets, tuples, matrices, words and the like."""

from .table import debated, pairs

# Variables: polynomials and other expressions.
pairs("polynomial", "x^2+2x+1", ["(x+1)^2", "1+2x+x^2", "x(x+2)+1", r"\left(x+1\right)^{2}",
      r"x^{2}+2\cdot x+1", "(1+x)(x+1)"], ["x^2+2x-1", "(x-1)^2", "x^2+1", "(y+1)^2", "x^2+2x", "2x^2+4x+2",
      "x+1"])
pairs("polynomial", "(x-2)(x+3)", ["x^2+x-6", "(x+3)(x-2)", r"(2-x)(-x-3)", "x^2 + x - 6"], ["x^2-x-6",
      "x^2+x+6", "(x+2)(x-3)"])
pairs("polynomial", "a^3-b^3", ["(a-b)(a^2+ab+b^2)", "-b^3+a^3"], ["(a-b)^3", "b^3-a^3", "(a-b)(a^2-ab+b^2)"])
pairs("polynomial", "3x-4y", ["-4y+3x", "3x - 4y", r"3\cdot x-4\cdot y", "3*x-4*y"], ["3y-4x", "3x+4y",
      "4y-3x", "-xy"])
pairs("polynomial", r"\frac{x^2}{4}", [r"0.25x^2", r"\left(\frac{x}{2}\right)^2", "x^2/4", r"\frac14x^2"],
      ["x^2/2", r"\frac{x}{4}", r"(\frac{x}{4})^2", r"x^{2/4}"])
pairs("expression", r"\frac{8-7x}{6}", [r"4/3-7x/6", r"\frac43-\frac{7x}{6}", r"\frac{7x-8}{-6}"],
      [r"\frac{8-7x}{3}", r"8-\frac{7x}{6}", r"\frac{8+7x}{6}"])
pairs("expression", r"\frac{x+1}{x-1}", [r"1+\frac{2}{x-1}", r"\frac{-x-1}{1-x}", r"(x+1)/(x-1)",
      r"\frac{1+x}{x-1}"], [r"\frac{x-1}{x+1}", "x+1/x-1", "-1"])
pairs("expression", "2n-1", ["n+(n-1)", "2(n-1)+1", "-1+2n"], ["2n+1", "2(n-1)", "n-1", "2m-1", "2^n-1"])
pairs("expression", "2^{n+1}", [r"2\cdot 2^n", r"4 \cdot 2^{n-1}"], ["2^n+1", "2n+1", "4^n", "2^{n-1}"])
pairs("expression", r"\frac{n(n+1)}{2}", [r"\frac{n^2+n}{2}", r"\frac12 n(n+1)", "n(n+1)/2", r"0.5n^2+0.5n"],
      [r"\frac{n(n-1)}{2}", "n(n+1)", r"\frac{n^2+1}{2}"])
pairs("expression", r"\sqrt{x+1}", ["(x+1)^{1/2}", r"\sqrt{1+x}"], [r"\sqrt{x}+1", "x+1", r"\sqrt{x-1}"])
pairs("expression", r"r\sqrt{2}", [r"\sqrt{2}r", r"\sqrt2\,r", r"\frac{2r}{\sqrt{2}}"], [r"\sqrt{2r}",
      r"2\sqrt{r}", r"R\sqrt{3}"])
pairs("expression", r"\pi r^2", [r"r^2\pi", r"\pi \cdot r \cdot r"], [r"2\pi r", r"(\pi r)^2", r"\pi r"])
pairs("expression", "x_1+x_2", ["x_2+x_1", "x_{1}+x_{2}"], ["x_1+x_3", "x_1-x_2", "2x", "x_{12}"])
debated("expression", r"\frac{n(n+1)}{2}", r"\binom{n+1}{2}", True, "equal where n is a whole number")
debated("expression", "x+1", r"\frac{x^2-1}{x-1}", True, "equal but at x = 1, where the second is undefined")
debated("expression", "x", r"\sqrt{x^2}", False, "equal for x of at least 0, where some problems live")
debated("expression", "2x+1", "2y+1", False, "another name for the variable, which some problems leave open")

# Equations and assignments.
pairs("assignment", "5", ["x=5", "x = 5", "n=5", "$x=5$", r"x\,=\,5", r"f(2)=5", "= 5", r"2+3=5",
      r"x=\frac{10}{2}=5", "a_1 = 5", "5=x"], ["x=6", "x=-5", "2x=5", "x=5,y=3", "x > 5"])
pairs("assignment", "x=5", ["5", "x = 5.0", "5=x", r"x=\frac{10}{2}", "2x=10"], ["x=4", "x=-5", "5x=1",
      "x=0.2"])
debated("assignment", "x=5", "y=5", False, "a slip of the name, or another unknown")
pairs("assignment", "x=3, y=4", ["y=4, x=3", r"x=3 \text{ and } y=4", "(x,y)=(3,4)", r"x = 3,\; y = 4",
      r"x=3\quad y=4"], ["x=4, y=3", "(x,y)=(4,3)", "x=3", "x=3,y=5"])
pairs("assignment", "(x,y)=(3,4)", ["(3,4)", r"(x, y) = \left(3, 4\right)"], ["(4,3)", "(3,5)", "3", "x=3"])
pairs("assignment", "x = 2, 3", ["2, 3", "3, 2", r"x=2 \text{ or } x=3", "x = 3, 2", "x=2, x=3",
      r"x=2\text{ or }3"], ["x=2", "x=3", "2, 4", "-2, -3", "23"])
pairs("equation", "y=2x+3", ["2x-y+3=0", "2x+3=y", "2x+3", "y-2x=3", "2y=4x+6", "y = 3 + 2x", "f(x)=2x+3",
      "-y=-2x-3"], ["y=2x-3", "y=3x+2", "2x+y+3=0", "x=2y+3", "y=2x", "2x+4"])
pairs("equation", "x^2+y^2=25", ["x^2+y^2-25=0", "2x^2+2y^2=50", "y^2+x^2=25", "x^2+y^2=5^2", "25-x^2=y^2"],
      ["x^2-y^2=25", "x^2+y^2=5", "x+y=5", "x^2+y^2+25=0"])
pairs("equation", r"\frac{x^2}{9}+\frac{y^2}{4}=1", ["4x^2+9y^2=36", r"\frac{y^2}{4}+\frac{x^2}{9}=1",
      r"\frac{x^2}{3^2}+\frac{y^2}{2^2}=1"], ["9x^2+4y^2=36", r"\frac{x^2}{4}+\frac{y^2}{9}=1",
      r"\frac{x^2}{9}-\frac{y^2}{4}=1"])
pairs("equation", "x-7y+8z+3=0", ["-x+7y-8z-3=0", "2x-14y+16z+6=0", "x-7y+8z=-3"], ["x-7y+8z-3=0",
      "x+7y+8z+3=0"])
pairs("equation", r"(x-1)^2+(y+2)^2=9", ["x^2+y^2-2x+4y-4=0", "(y+2)^2+(x-1)^2=3^2"], ["(x+1)^2+(y-2)^2=9",
      "(x-1)^2+(y+2)^2=3"])

# Inequalities, intervals, unions.
pairs("inequality", "x>5", ["5<x", "x > 5", r"x \gt 5", r"(5,\infty)", r"x\in(5,\infty)", "-x<-5", "2x>10",
      r"5 \lt x"], ["x<5", r"x \ge 5", r"[5,\infty)", "x>-5", "5>x", "x>6", "x=5", "5"])
pairs("inequality", r"x \ge 5", [r"x \geq 5", "x >= 5", "x\u22655", r"5 \leq x", r"[5,\infty)",
      r"x \geqslant 5", r"\left[5,+\infty\right)"], [r"x \le 5", "x > 5", r"(5,\infty)", r"x\ge -5"])
pairs("inequality", r"1 \le x \le 2", ["[1,2]", r"2 \ge x \ge 1", r"x \in [1,2]", r"1\leq x\leq2",
      r"x \ge 1 \text{ and } x \le 2"], ["(1,2)", r"1 < x \le 2", r"1 < x < 2", "[1,3]", "[2,1]", "1,2"])
pairs("inequality", r"-2 < x \le 7", ["(-2,7]", r"x\in(-2,7]", r"7 \ge x > -2"], ["[-2,7)", "(-2,7)",
      "[-2,7]", "(2,7]"])
pairs("inequality", r"x \neq 3", [r"x \ne 3", r"x\not=3", r"(-\infty,3)\cup(3,\infty)"], ["x = 3", "3",
      r"x \neq -3"])
pairs("interval", "[1,2)", [r"\left[1,2\right)", "[ 1, 2 )", r"x \in [1,2)", r"[1, 2.0)",
      r"\left[\frac22, 2\right)"], ["(1,2]", "[1,2]", "(1,2)", "[1,3)", "[2,1)"])
pairs("interval", r"(-\infty, 3]", [r"(-\infty,3]", r"\left(-\infty,3\right]", "(-inf, 3]", "(-\u221e, 3]",
      r"x \le 3"], [r"(-\infty,3)", r"[3,\infty)", r"(3,-\infty]", r"(\infty,3]", r"(-\infty,-3]"])
pairs("interval", r"(0,\infty)", [r"(0,+\infty)", r"x>0", r"\left(0,\infty\right)"], [r"[0,\infty)",
      r"(-\infty,0)", r"(0,1)", r"(\infty,0)"])
pairs("union", r"(-\infty,1)\cup(2,\infty)", [r"(2,\infty)\cup(-\infty,1)", r"x<1 \text{ or } x>2",
      r"x \in (-\infty, 1) \cup (2, \infty)", r"(-\infty,1) \bigcup (2,+\infty)",
      "(-\u221e,1)\u222a(2,\u221e)"], [r"(-\infty,1]\cup[2,\infty)", r"(-\infty,2)\cup(1,\infty)", r"(1,2)",
      r"(-\infty,1)\cap(2,\infty)", r"(-\infty,1)", r"(-\infty,1)\cup(2,3)"])
pairs("union", r"[-2,-1]\cup[1,2]", [r"[1,2]\cup[-2,-1]", r"\left[-2,-1\right]\cup\left[1,2\right]"],
      ["[-2,2]", r"(-2,-1)\cup(1,2)", r"[-2,1]\cup[-1,2]", r"[-1,-2]\cup[1,2]"])
pairs("union", r"(-\infty,\infty)", [r"\mathbb{R}", r"(-\infty,0]\cup(0,\infty)", r"(-\infty,+\infty)",
      "\u211d"], [r"(0,\infty)", r"\emptyset", r"(-\infty,0)\cup(0,\infty)"])
pairs("union", "[1,3]", [r"[1,2]\cup[2,3]", r"[1,2]\cup(2,3]"], [r"[1,2)\cup(2,3]", "[1,2]"])
debated("interval", "(1,2)", r"1<x<2", True, "the interval, unless the answer was a point")

# Sets, lists, tuples, plus-minus.
pairs("list", "1,2,3", ["3,2,1", "1, 2, 3", r"1,\,2,\,3", "1, 2 and 3", r"1, 2, \text{ and } 3", r"\{1,2,3\}",
      "{1,2,3}", "1;2;3", r"2, 3, 1"], ["1,2", "1,2,4", "1,2,3,4", "123", "1,23", "6"])
pairs("list", r"-2, \frac{1}{3}", [r"\frac13, -2", "1/3 and -2", r"-2,\frac{2}{6}",
      r"-2 \text{ or } \frac13"], [r"2, \frac13", "-2", r"-\frac{2}{3}", r"-2, 0.33",
      r"\frac{1}{3},\frac{1}{3}"])
pairs("list", r"6 \text{ and } 8", ["6, 8", "8, 6", "6 and 8", r"\{6, 8\}"], ["68", "6", "14", "6, 8, 10",
      "48"])
debated("list", "1,1,2", "1,2", True, "roots with their multiplicity, or a set")
debated("list", r"\{1,2\}", "(1,2)", False, "a set has no order, a pair has")
pairs("set", r"\{1, 2\}", [r"\{2,1\}", r"\left\{1,2\right\}", "1,2", r"\{ 1,\, 2 \}",
      r"\lbrace 1, 2 \rbrace"], [r"\{1\}", r"\{1,2,3\}", r"\{1,-2\}", r"\{12\}", r"\emptyset"])
pairs("set", r"\emptyset", [r"\varnothing", r"\{\}", r"\{ \}", "\u2205"], ["0", r"\{0\}",
      r"\{\emptyset, 1\}"])
pairs("tuple", "(1,2)", ["(1, 2)", r"\left(1,2\right)", "( 1 , 2 )", r"(1,\,2)",
      r"\left(\frac{2}{2}, 2.0\right)", r"\big(1,2\big)", "$(1,2)$"], ["(2,1)", "(1,3)", "(1,2,3)", "[1,2)",
      "12", "(1)", "(1,-2)", "(12)"])
pairs("tuple", r"\left(\frac12,-3\right)", ["(0.5,-3)", "(1/2, -3)", r"(\frac{1}{2},-3)"], [r"(-3,\frac12)",
      r"(\frac12,3)", r"\frac12,-3,0", "(-0.5,-3)"])
pairs("tuple", "(1,2,3)", ["(1, 2, 3)", r"\langle 1,2,3\rangle"], ["(3,2,1)", "(1,2)", "(1,3,2)", "(1,23)"])
debated("tuple", "(1,2,3)", r"\begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}", True, "the point and its vector")
pairs("tuple", "(1,2),(3,4)", ["(3,4),(1,2)", r"(1,2) \text{ and } (3,4)", r"\{(1,2),(3,4)\}"],
      ["(2,1),(3,4)", "(1,2)", "(1,2,3,4)", "(1,3),(2,4)", "(1,4),(3,2)"])
pairs("coordinate", "(3,4)", [r"(3\text{ cm}, 4\text{ cm})", "P(3,4)", "P = (3, 4)",
      r"\left(3,4\right)\text{ units}"], ["Q(4,3)", "(3,-4)", "3,4,5"])
pairs("coordinate", r"\left(2, 60^\circ\right)", [r"(2,60^{\circ})", "(2, 60\u00b0)"], [r"(2,30^\circ)",
      r"(60^\circ,2)"])
pairs("plusminus", r"\pm 3", ["3,-3", "-3, 3", r"\pm3", r"x=\pm 3", r"3 \text{ or } -3", r"\{-3,3\}",
      r"+3, -3", "\u00b13", r"\pm\frac{6}{2}", r"\mp 3", "x = 3, x = -3"], ["3", "-3", r"\pm 2", "3, 3", "0",
      r"\pm 3i"])
pairs("plusminus", r"1\pm\sqrt{2}", [r"1+\sqrt2, 1-\sqrt2", r"1-\sqrt{2}, 1+\sqrt{2}",
      r"\frac{2\pm 2\sqrt{2}}{2}", r"\frac{2\pm\sqrt{8}}{2}", r"1 \mp \sqrt 2"], [r"1+\sqrt2",
      r"-1\pm\sqrt{2}", r"\pm1+\sqrt{2}", r"1\pm 2", r"2\pm\sqrt2"])

# Matrices.
IDENTITY = r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}"
pairs("matrix", IDENTITY, [r"\begin{bmatrix}1&0\\0&1\end{bmatrix}",
      r"\begin{pmatrix}1 & 0 \\ 0 & 1\end{pmatrix}",
      r"\left(\begin{array}{cc} 1 & 0 \\ 0 & 1 \end{array}\right)",
      r"\begin{pmatrix} \frac22 & 0 \\ 0 & 1.0 \end{pmatrix}", r"A = " + IDENTITY,
      r"\left(\begin{matrix}1&0\\0&1\end{matrix}\right)", r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \\ \end{pmatrix}"],
      [r"\begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}",
      r"\begin{pmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \end{pmatrix}",
      r"\begin{pmatrix} 1 & 0 \\ 0 & -1 \end{pmatrix}", "1",
      r"\begin{pmatrix} 1 \\ 0 \\ 0 \\ 1 \end{pmatrix}"])
pairs("matrix", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
      [r"\begin{bmatrix} 1 & 2 \\[4pt] 3 & 4 \end{bmatrix}"],
      [r"\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}", r"\begin{pmatrix} 12 \\ 34 \end{pmatrix}",
      r"\begin{vmatrix} 1 & 2 \\ 3 & 5 \end{vmatrix}"])
pairs("matrix", r"\begin{pmatrix} 1/3 \\ -2 \end{pmatrix}",
      [r"\begin{pmatrix} \frac{1}{3} \\ -2 \end{pmatrix}", r"\begin{bmatrix}\dfrac13\\-2\end{bmatrix}"],
      [r"\begin{pmatrix} -2 \\ 1/3 \end{pmatrix}", r"\begin{pmatrix} 1/3 \\ 2 \end{pmatrix}"])
debated("matrix", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 1 & 2 \end{pmatrix}", False,
      "a column against a row: the same vector to many")

# Complex numbers.
pairs("complex", "3+4i", ["4i+3", "3 + 4i", r"3+4\cdot i", r"i(4-3i)", r"3+4\,i", r"3+4\mathrm{i}", "(3+4i)"],
      ["3-4i", "4+3i", "7i", "7", "5", "3+4", "3,4i", "3+4j^2"])
pairs("complex", r"\frac{1+i}{2}", [r"\frac12+\frac{i}{2}", "0.5+0.5i", r"\frac{1}{1-i}",
      r"\frac{1}{2}(1+i)"], [r"\frac{1-i}{2}", "1+i", r"\frac{i}{2}"])
pairs("complex", r"2e^{i\pi/3}", [r"1+i\sqrt{3}", r"2\left(\cos\frac{\pi}{3}+i\sin\frac{\pi}{3}\right)"],
      [r"1-i\sqrt3", r"\sqrt3+i", "2"])
pairs("complex", "i", ["0+i", r"\sqrt{-1}", r"-\frac{1}{i}"], ["-i", "1", "-1", "j^2"])

# Bases.
pairs("base", "101_2", ["101_{2}", r"101_{\text{two}}", r"101_{\text{2}}", r"(101)_2", r"101_{\text{base }2}",
      "101 base 2"], ["101_3", "110_2", "101_{10}", "1010_2", "10_2"])
pairs("base", "2A_{16}", [r"2\text{A}_{16}"], ["2B_{16}", "2A_{12}"])
pairs("base", "1{,}234_5", ["1234_5"], ["1234_6", "1243_5"])
debated("base", "2A_{16}", "2a_{16}", True, "a digit in lower case, or twice a variable")
debated("base", "101_2", "101", True, "the base is often left out where the problem names it")
debated("base", "101_2", "5", True, "the same number, yet not written in the base that was asked for")

# Ratios and times.
pairs("ratio", "2:3", ["2 : 3", r"2\colon 3", r"2 \text{ to } 3", "2 to 3"], ["3:2", "2:5", "23", "2:3:4",
      "-2:3"])
pairs("ratio", "1:2:3", ["1 : 2 : 3"], ["1:3:2", "1:2", "3:2:1"])
debated("ratio", "2:3", "4:6", True, "the same ratio, not in lowest terms")
debated("ratio", "2:3", r"\frac{2}{3}", True, "the ratio as a number")
pairs("time", r"3\!:\!30 \text{ p.m.}", ["3:30 p.m.", "3:30 PM", r"3:30\text{ pm}", r"3:30 \text{ P.M.}"],
      ["3:30 a.m.", "3:03 p.m.", "2:30 p.m.", "3.30", "15"])
pairs("time", "12:05", ["12:05", r"12\!:\!05"], ["12:50", "1205", "2:05"])
debated("time", "12:05", "12:5:0", True, "hours, minutes and seconds without their zeros, or something else")
debated("time", "3:30 p.m.", "3:30", True, "the problem often says the half of the day")
debated("time", "3:30 p.m.", "15:30", True, "the same time on the other clock")

# Text and choices.
pairs("text", r"\text{yes}", ["yes", "Yes", "YES", r"\text{Yes}", r"\mathrm{yes}", "yes."], ["no",
      r"\text{no}", "not yes", "1"])
pairs("text", r"\text{even}", ["even", "Even", r"\textbf{even}", r"\text{ even }"], ["odd", "neither",
      "even and odd", "uneven"])
pairs("text", "Monday", [r"\text{Monday}", "monday", r"\mathrm{Monday}"], ["Tuesday", "Sunday",
      "Mon day Tuesday"])
pairs("text", r"\text{no solution}", ["no solution", "No solution", r"\text{No solution}"], ["1 solution",
      "0", "infinitely many solutions"])
pairs("text", r"\text{Evelyn}", ["Evelyn", r"\text{evelyn}", r"\mbox{Evelyn}"], ["Angela", "Eve",
      r"\text{Evelyn and Angela}"])
pairs("text", "undefined", [r"\text{undefined}", r"\text{Undefined}"], ["0", r"\infty", "defined"])
pairs("text", r"\text{east}", ["east", "East"], ["west", "least", "southeast"])
pairs("text", r"\text{hyperbola}", ["Hyperbola", r"\textit{hyperbola}"], ["parabola", "ellipse"])
debated("text", r"\emptyset", r"\text{no solution}", True, "the words for it")
debated("text", "True", "yes", True, "the same verdict in another word")
pairs("choice", r"\text{(C)}", ["C", "(C)", r"\text{C}", r"\textbf{(C)}", r"\mathbf{(C)}", "C.", "C)",
      r"\mathrm{(C)}", r"(\text{C})"], ["B", "(B)", r"\text{(D)}", "A, C", "CD"])
pairs("choice", "B", [r"\text{B}", "(B)", r"\textbf{(B)}", r"\textbf{B}", r"\text{(B)}", "B."], ["A", "8",
      r"\text{(E)}", "A and B", r"\beta"])
pairs("choice", r"\text{A,C,D}", ["A, C, D", r"A, C, \text{ and } D", "C, A, D"], ["A, C", "A, B, C, D",
      "ACE"])
debated("choice", r"\text{(C)}", "(C) 15", True,
      "the letter with its text; right where the text is the option's")

# Infinity.
pairs("infinity", r"\infty", [r"+\infty", "\u221e", r"\text{infinity}", "infinity"], [r"-\infty", "0",
      "1000000000", "8"])
pairs("infinity", r"-\infty", ["-\u221e", r"- \infty"], [r"\infty", "-1"])

# Spaces, styles and signs of LaTeX.
pairs("style", r"\frac{x+1}{2}", [r"\displaystyle \frac{x+1}{2}", r"\left.\frac{x+1}{2}\right.",
      r"\frac{(x+1)}{2}", r"\frac{x + 1}{2}", r"{\frac{x+1}{2}}", r"\frac{x+1}{2}\,", r"\!\frac{x+1}{2}",
      "(x+1)/2", r"$\frac{x+1}{2}$", r"\(\frac{x+1}{2}\)", r"\[\frac{x+1}{2}\]", r"$$\frac{x+1}{2}$$",
      r"\boxed{\frac{x+1}{2}}", r"\fbox{$\frac{x+1}{2}$}", r"\mathbf{\frac{x+1}{2}}"], [r"\frac{x}{2}+1",
      "x+1/2", r"\frac{x-1}{2}"])
pairs("style", "3ab", [r"3\,ab", r"3\cdot a\cdot b", r"3a\;b", "3ba", r"3a \times b", "3 a b", r"3{a}{b}"],
      ["3a+b", "3a", "ab", "3ab^2", "3Ab"])
pairs("style", r"f^{-1}(x)=2x", [r"f^{-1}(x) = 2x", "2x", "y=2x"], ["x/2", r"f^{-1}(x)=3x"])
pairs("style", "11", [r"\text{11}", r"\mathbf{11}", r"\textbf{11}", r"\mathrm{11}", r"{11}",
      r"\text{The answer is }11", r"\underline{11}"], ["1", "111", r"1^1", "1,1"])
