"""Writes math_pairs.jsonl: pairs of answers, and whether they are equal as mathematics.

    python3 tests/golden/reward/make_math_pairs.py

The table below is written by hand, and its truth is mathematics, not what some program says. `gold` is an answer,
`pred` a model's: an answer too, or a text that contains one. A row with `debate` is left out of the tests: the
reason says why people of good will differ; `equivalent` is then what the author leans to.
"""

import json
from pathlib import Path

rows = []


def pairs(kind, gold, equal=(), different=()):
    for pred in equal:
        rows.append({"gold": gold, "pred": pred, "equivalent": True, "kind": kind})
    for pred in different:
        rows.append({"gold": gold, "pred": pred, "equivalent": False, "kind": kind})


def debated(kind, gold, pred, equivalent, why):
    rows.append({"gold": gold, "pred": pred, "equivalent": equivalent, "kind": kind, "debate": why})


# Integers and thousands.
pairs("integer", "2880", ["2,880", r"2,\!880", "2{,}880", r"2\,880", "2 880", "+2880", "2880.", r"2880\ ",
      "$2880$", "2880.0"], ["2,88", "28,80", "288", "28800", "2.880", "-2880", "2080", "2880x"])
pairs("integer", r"2,\!880", ["2880", "2,880"], ["2,888", "2, 881"])
pairs("integer", "1,000,000", ["1000000", r"10^6", r"1\,000\,000", r"1{,}000{,}000", "1 000 000",
      r"1,\!000,\!000"], ["1000,000,0", "100000", "1,000,001", "1,000,0000"])
pairs("integer", "-7", [r"-7", "\u22127", "\u20137", "(-7)", r"\left(-7\right)", r"- 7", r"{-7}"], ["7", "-8",
      r"\frac{1}{-7}"])
pairs("integer", "0", ["0", "-0", "0.00", r"\frac{0}{5}", "00"], ["o", r"\emptyset", "1", "0.0001"])
pairs("integer", "007", ["7"], ["70"])
pairs("integer", "1000000000000000000000", ["10^{21}", "1e21"], ["999999999999999999999",
      "1000000000000000000001"])
pairs("integer", r"2^{100}", ["1267650600228229401496703205376"], ["1267650600228229401496703205377",
      "100^2"])
debated("integer", "12345", "12, 345", False,
      "a space behind the comma makes a list of two numbers, or is a slip")

# Decimals.
pairs("decimal", "0.5", [".5", "0.50", r"\frac{1}{2}", "1/2", r"\frac12", "5e-1", r"5 \times 10^{-1}",
      "\u00bd"], ["0.05", "5", "2", "0.51", "0,5,", "-.5"])
pairs("decimal", "3.14", ["3.140", r"\frac{157}{50}", "314/100"], [r"\pi", "3.1416", "3.141",
      r"\frac{22}{7}"])
pairs("decimal", r"0.\overline{3}", [r"\frac{1}{3}", r".\overline{3}", r"0.\overline{33}", r"0.3\overline{3}",
      r"0.\bar{3}", r"0.3\bar3"], ["0.3", "0.333", "0.3333333333333333", r"0.\overline{03}", r"\overline{3}"])
pairs("decimal", r"\frac{5}{11}", [r"0.\overline{45}", r"0.4\overline{54}"], [r"0.4\overline{5}", "0.45",
      r"0.\overline{54}"])
pairs("decimal", r"0.1\overline{6}", [r"\frac16", "1/6"], ["0.16", r"0.\overline{16}", "0.1667"])
pairs("decimal", "0.3", ["0.1+0.2"], ["0.30000000000000004"])
pairs("decimal", "1", [r"0.\overline{9}", "1.0"], ["0.999999999999999999"])
debated("decimal", "0.33", "1/3", False, "rounded, and the problem is not at hand")
debated("decimal", "3,14", "3.14", True, "a comma for the decimal point, as in much of Europe, or a list")

# Fractions and mixed numbers.
pairs("fraction", r"\frac{1}{2}", [r"\dfrac{1}{2}", r"\tfrac{1}{2}", r"\frac12", r"\frac1{2}", r"\frac{1}2",
      "1/2", r"{1 \over 2}", r"\frac{2}{4}", "0.5", r"\frac{-1}{-2}", r"\left(\frac{1}{2}\right)",
      r"\displaystyle\frac{1}{2}", r"\cfrac{1}{2}", r"1 \div 2", r"\frac{ 1 }{ 2 }", r"2^{-1}", "3/6",
      r"\frac{\frac{1}{4}}{\frac12}"], [r"\frac{1}{3}", r"\frac{2}{1}", "12", r"-\frac{1}{2}", "1.2",
      r"\frac{1}{22}", "2", r"\frac{12}{}"])
pairs("fraction", r"-\frac{3}{4}", [r"\frac{-3}{4}", r"\frac{3}{-4}", "-3/4", "-0.75",
      r"-\left(\frac{3}{4}\right)", "(-3)/4"], ["3/4", r"\frac{-3}{-4}", "-4/3", r"-3\frac{1}{4}"])
pairs("fraction", r"\frac{137}{24}", [r"5\frac{17}{24}", r"\frac{274}{48}"], [r"5\frac{16}{24}", "5.708",
      "137.24", "24/137"])
pairs("mixed", r"5\frac{1}{2}", ["5.5", r"\frac{11}{2}", "5 1/2", r"5\frac12", r"5 \frac{1}{2}",
      r"5\dfrac{1}{2}", r"5\,\frac12", "11/2", "5\u00bd", "5 and 1/2"], [r"\frac{5}{2}", "2.5",
      r"5 \cdot \frac{1}{2}", r"5\times\frac12", "51/2", r"\frac{51}{2}"])
pairs("mixed", r"-2\frac{3}{4}", [r"-\frac{11}{4}", "-2.75", "-2 3/4"], [r"-\frac{5}{4}", "-1.25", "2.75",
      r"-\frac{3}{2}"])
pairs("mixed", r"2 \cdot \frac{3}{4}", ["1.5", r"\frac{3}{2}"], ["2.75", r"2\frac{3}{4}"])
pairs("mixed", r"x\frac{1}{2}", [r"\frac{x}{2}", "0.5x"], [r"x+\frac12"])
pairs("mixed", r"2\frac{x}{3}", [r"\frac{2x}{3}"], [r"2+\frac{x}{3}"])
pairs("mixed", r"3\frac{\pi}{4}", [r"\frac{3\pi}{4}", r"0.75\pi"], [r"3+\frac{\pi}{4}"])

# Roots and powers.
pairs("root", r"\sqrt{12}", [r"2\sqrt{3}", r"2\sqrt3", r"\sqrt{4}\sqrt{3}", r"12^{1/2}", r"12^{\frac12}",
      "sqrt(12)", "2*sqrt(3)", "\u221a12", "2\u221a3", r"\frac{6}{\sqrt{3}}", r"\sqrt[2]{12}", r"12^{0.5}",
      r"\sqrt{ 12 }"], [r"3\sqrt{2}", r"\sqrt{1}2", "3.4641", r"-2\sqrt{3}", r"\pm\sqrt{12}", r"2^{\sqrt{3}}",
      r"\sqrt[2]{3}"])
pairs("root", r"\sqrt[3]{16}", [r"2\sqrt[3]{2}", r"16^{1/3}", r"2^{4/3}", r"\sqrt[3]{2^4}",
      r"2 \cdot 2^{\frac13}"], [r"3\sqrt{16}", "12", r"\sqrt{16}", r"2\sqrt{2}", r"\sqrt[4]{16}"])
pairs("root", r"\frac{\sqrt{3}}{3}", [r"\frac{1}{\sqrt{3}}", r"\frac{\sqrt3}3", r"\sqrt{\frac{1}{3}}",
      r"3^{-1/2}", "sqrt(3)/3", r"\frac13\sqrt3"], [r"\sqrt{3}", r"\frac{3}{\sqrt{3}}", "0.577",
      r"\sqrt{\frac33}", r"\frac{\sqrt{3}}{2}"])
pairs("root", r"1+\sqrt{2}", [r"\sqrt{3+2\sqrt{2}}", r"\sqrt2+1", r"\frac{1}{\sqrt{2}-1}"], [r"1-\sqrt{2}",
      r"\sqrt{3}", "2.41421356", r"\sqrt{2+1}"])
pairs("root", r"\sqrt{2}+\sqrt{3}", [r"\sqrt{5+2\sqrt{6}}", r"\sqrt3+\sqrt2"], [r"\sqrt{5}",
      "3.146264369941972", r"\sqrt{6}"])
pairs("root", r"\sqrt{2}", [r"2^{0.5}", r"\frac{2}{\sqrt2}"], ["1.41421356237309504880", r"\frac{99}{70}",
      "2", r"\sqrt{3}"])
pairs("root", r"\sqrt2\sqrt3", [r"\sqrt{6}", r"\sqrt2 \cdot \sqrt3"], [r"\sqrt{2}+\sqrt{3}", "6"])
pairs("power", "2^{10}", ["1024", "2^10", r"4^5", r"2^{5}\cdot 2^{5}", "2**10", r"32^2"], ["20", "2^1 0",
      "1025", "10^2"])
pairs("power", r"3^{-2}", [r"\frac{1}{9}", r"\frac{1}{3^2}", r"0.\overline{1}"], ["-9", "9", "-6"])
pairs("power", "-2^2", ["-4", r"-(2^2)"], ["4", "(-2)^2"])
pairs("power", r"x^2", ["x^{2}", r"x \cdot x", "x*x", "x**2", "x\u00b2", "xx", r"\left(x\right)^2"], ["2x",
      "x^3", "x_2", "y^2", "x"])
pairs("power", "2^{3^2}", ["512", "2^9"], ["64"])
pairs("power", r"10^{100}", [r"100^{50}"], [r"10^{100}+1", "10^{99}"])
debated("power", r"9^{9^{9^9}}", r"9^{9^{9^{9}}}", True, "equal by its looks; the value is out of reach")
pairs("power", r"9^{9^{9^9}}", [], ["9", r"9^{9^{9^8}}"])

# Pi, e, functions.
pairs("constant", r"2\pi", [r"\pi 2", "2pi", "2*pi", "2\u03c0", r"2 \cdot \pi", r"\frac{4\pi}{2}",
      r"\pi + \pi", r"2\,\pi"], ["6.28", "6.283185307179586", r"\pi^2", "2", r"\pi", r"\frac{\pi}{2}", "2p"])
pairs("constant", r"\frac{\pi}{3}", [r"\frac13\pi", r"\pi/3", r"\frac{1}{3}\pi", r"\frac{2\pi}{6}",
      r"\tfrac{\pi}{3}"], ["60", r"\frac{3}{\pi}", "1.047", r"\frac{355}{339}"])
pairs("constant", r"\pi", ["pi", "\u03c0"], ["3.14", "22/7", r"\frac{355}{113}",
      "3.14159265358979323846264338327950288", "p"])
pairs("constant", "e^2", ["e^{2}", r"e \cdot e", r"\mathrm{e}^2"], ["7.389056", "2^e", "2e", "e"])
pairs("constant", r"e^{\pi\sqrt{163}}", [], ["262537412640768744"])
pairs("constant", "i^2", ["-1"], ["1", "i"])
pairs("function", r"\ln 8", [r"3\ln 2", r"\ln(8)", r"\log_e 8", r"\ln{8}", r"2\ln 2 + \ln 2"], ["2.0794415",
      r"\ln 6", r"8\ln", r"\log_{10} 8", r"2 \ln 3"])
pairs("function", r"\log_2 8", ["3", r"\log_{2}{8}", r"\frac{\ln 8}{\ln 2}"], ["4", r"\log_8 2", r"\log 8"])
pairs("function", r"\sin 30^\circ", ["0.5", r"\frac12", r"\cos 60^\circ", r"\sin\frac{\pi}{6}"],
      [r"\frac{\sqrt3}{2}", r"\sin 60^\circ"])
debated("function", r"\sin 30^\circ", r"\sin 30", False,
      "radians by the letter, degrees by the habit of schools")
pairs("function", r"\tan x", [r"\frac{\sin x}{\cos x}", r"\tan(x)"], [r"\cot x", r"\sin x", r"\tan y"])
pairs("function", "1", [r"\sin^2 x + \cos^2 x"], [r"\sin x + \cos x", r"\sin^2 x - \cos^2 x"])
pairs("function", r"\sin 2x", [r"2\sin x\cos x", r"\sin(2x)"], [r"2\sin x", r"\sin x^2", r"\cos 2x"])
pairs("function", r"\arctan 1", [r"\frac{\pi}{4}", r"\tan^{-1}(1)"], [r"\frac{\pi}{2}"])
pairs("function", "|x|", [r"\sqrt{x^2}", r"\left|x\right|", r"\lvert x \rvert", r"|-x|"], ["x", "-x", "x^2"])
pairs("function", "3", [r"|-3|", r"\lfloor 3.7 \rfloor", r"\lceil 2.2 \rceil", r"\left|{-3}\right|"], ["|4|",
      r"\lfloor 4.1 \rfloor"])
pairs("function", "120", ["5!", r"\frac{6!}{6}", r"5 \cdot 4!"], ["5", "4!", "6!"])
pairs("function", r"\binom{5}{2}", ["10", r"\binom{5}{3}", r"{5 \choose 2}", r"\dbinom{5}{2}",
      r"\frac{5!}{2!3!}"], ["20", r"\frac{5}{2}", r"\binom{2}{5}"])

# Percent, currency, units, degrees.
pairs("percent", r"50\%", ["50%", r"50 \%", "50 percent", r"50\text{ percent}", r"50\,\%", r"\frac12", "0.5"],
      [r"5\%", "49%", "0.05", r"500\%"])
pairs("percent", r"12.5\%", [r"\frac18", "12.50%", r"12\frac12\%"], ["1.25%", r"12\%"])
debated("percent", "50", r"50\%", True, "where the problem asks for percent the sign is only repeated")
debated("percent", r"50\%", "50", True, "where the problem asks for percent the sign is only left out")
pairs("percent", "50", [], ["0.5"])
pairs("currency", "18", [r"\$18", "$18", r"\$18.00", "18 dollars", r"18\text{ dollars}", "USD 18", r"\$ 18",
      "\u20ac18"], [r"\$180", r"\$18.50", "18 thousand", r"-\$18"])
pairs("currency", r"\$1{,}234.50", ["1234.5", r"\$1,234.50", "1,234.50 dollars"], ["1234", r"\$12,345.0",
      r"\$1{,}234.05"])
pairs("currency", r"\$32,\!348", ["32348", r"\$32{,}348", "$32,348"], ["32,3480", "32.348"])
pairs("unit", "10", [r"10\text{ cm}", "10 cm", r"10\,\mathrm{cm}", r"10\text{ cm}^2", "10 square units",
      "10 units", r"10\mbox{ miles}", "10 apples", r"10~\text{km/h}", r"10\ \text{meters per second}",
      "10 hours"], [r"100\text{ cm}", "1 cm", "10 c", "10x", r"-10\text{ cm}", "12 cm"])
pairs("unit", r"15\text{ cm}^2", ["15", r"15\text{ cm}^2", r"15 \mathrm{~cm}^{2}", "15 square centimeters",
      r"15 \text{ sq cm}"], ["225", "15^2", "16", r"5\text{ cm}^2"])
pairs("unit", r"\frac{3}{4}\text{ inch}", ["0.75", "3/4 inches", r"\frac34"], ["3", "4/3",
      r"\frac{3}{4\text{ inch}}+1"])
pairs("unit", r"12\pi\text{ square feet}", [r"12\pi", r"12\pi\text{ ft}^2"], ["12", r"12\text{ ft}^2",
      "37.7"])
pairs("unit", r"5\sqrt{2}\text{ m}", [r"5\sqrt2", r"\sqrt{50}"], [r"5\text{ m}", "7.07", r"5\sqrt{2m}"])
debated("unit", "10 cm", "10 m", False, "a reader takes units off, a physicist does not")
debated("unit", "1 m", "100 cm", True, "equal quantities; most verifiers do not convert")
pairs("degree", "45", [r"45^\circ", r"45^{\circ}", "45\u00b0", "45 degrees", r"45\text{ degrees}",
      r"45\degree"], [r"4.5^\circ", r"54^\circ", r"135^\circ"])
pairs("degree", r"120^\circ", ["120", r"120^{\circ}"], ["12", r"60^\circ", "120^2"])
debated("degree", r"60^\circ", r"\frac{\pi}{3}", True, "equal angles, and another number")

# Scientific notation.
pairs("scientific", r"3 \times 10^5", ["300000", "3e5", "3E5", r"3\cdot 10^{5}", "300,000",
      r"3.0 \times 10^{5}", r"30 \times 10^4", "3*10^5", "3 x 10^5", "3\u00d710^5"], ["30000",
      r"3 \times 10^6", "3^5", r"3 \times 10 \times 5", "3 + 10^5", "30^5"])
pairs("scientific", r"1.6 \times 10^{-19}", ["1.6e-19", r"16 \times 10^{-20}", r"0.16\times10^{-18}"],
      ["1.6e19", "0", r"1.6 \times 10^{-18}", "1.6"])
pairs("scientific", "6.02e23", [r"6.02\times 10^{23}", "602e21"], ["6.02", "6.02e22"])

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
pairs("base", "2A_{16}", [r"2\text{A}_{16}", "2a_{16}"], ["2B_{16}", "2A_{12}"])
pairs("base", "1{,}234_5", ["1234_5"], ["1234_6", "1243_5"])
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
pairs("time", "12:05", ["12:05", r"12\!:\!05"], ["12:50", "12:5:0", "1205", "2:05"])
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

# Answers inside of texts.
FORTY_TWO = ["The answer is 42.", r"The answer is $42$.", r"So the final answer is \boxed{42}.",
      r"Therefore, \(x = 42\).", "#### 42", "<answer>42</answer>", "Answer: 42", "**Answer:** 42",
      "The final answer is: $\\boxed{42}$. I hope it is correct.", r"\[ \boxed{42} \]", "We get 6 * 7 = 42",
      r"$6 \cdot 7 = 42$", "<think>Is it \\boxed{41}? No.</think> It is \\boxed{42}.",
      r"First \boxed{41}, but corrected: \boxed{42}", r"\boxed{\text{42}}", r"\boxed{ 42 }",
      r"$\boxed{x = 42}$", "The total is **42** apples.", r"\textbf{Final answer: } $42$",
      "Adding 40 and 2, she has 42 marbles left.", r"\boxed{42 \text{ apples}}",
      "Final Answer: The final answer is $42$", r"\boxed{\boxed{42}}", "Thus the value is\n\n$$42$$"]
NOT_42 = ["The answer is 43.", r"\boxed{43}", "#### 24", "", r"\boxed{}", r"It is 42 or so, so \boxed{41}",
      r"\boxed{42} \\ Wait, no: \boxed{43}", "I do not know.", r"\boxed{42",
      r"<think>\boxed{42}</think> \boxed{41}", r"\boxed{42, 43}", "The answer is not 42, but 44."]
pairs("sentence", "42", FORTY_TWO[:], [text for text in NOT_42 if text != r"\boxed{42"])
debated("sentence", "42", r"\boxed{42", True, "cut off inside of the box")
debated("sentence", "42", "about 42", True, "said to be rounded")
pairs("sentence", r"\frac{3}{4}", [r"The probability is $\frac{3}{4}$.", "So the answer is 3/4.",
      r"Thus $P = 1 - \frac14 = \boxed{\frac{3}{4}}$.", r"The answer is \frac{3}{4}", r"The answer is 0.75."],
      [r"The probability is $\frac{1}{4}$.", "So the answer is 3.", r"$1-\frac34=\boxed{\frac14}$"])
pairs("sentence", r"x \in [1, 4]", [r"The solution is $x \in [1,4]$.", r"Hence \boxed{[1,4]}.",
      r"The answer is $1 \le x \le 4$."], [r"The solution is $x \in (1,4)$.", r"\boxed{[1,5]}"])
pairs("sentence", r"k = 45, n = 2", [r"$\boxed{k=45}$ and $\boxed{n=2}$", r"\boxed{k=45, n=2}",
      r"\boxed{n=2, k=45}"], [r"$\boxed{k=2}$ and $\boxed{n=45}$", r"\boxed{n=2}"])
pairs("sentence", r"$\boxed{7}$", ["7", r"\boxed{7}", "The answer is 7"], ["8", r"\boxed{-7}"])
pairs("sentence", "The answer is 7.", ["7", r"\boxed{7}"], ["6"])


def main():
    seen = set()
    for row in rows:
        key = (row["gold"], row["pred"])
        if key in seen:
            raise SystemExit(f"twice in the table: {key}")
        seen.add(key)
    path = Path(__file__).with_name("math_pairs.jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    debates = sum("debate" in row for row in rows)
    print(f"{len(rows)} pairs, {sum(row['equivalent'] for row in rows)} equal, {debates} under debate")


if __name__ == "__main__":
    main()
