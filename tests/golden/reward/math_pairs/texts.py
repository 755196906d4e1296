"""Answers inside of texts, and more pairs as models write them."""

from .table import debated, pairs

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

# More, as models write them.
pairs("sentence", "$12$", ["Thus the total is $12$.", "The total number of ways is $3 \\cdot 4 = 12$.",
      "Therefore, the answer is \\( 12 \\).", "So she needs 12 more.", "12 apples are left.", "**12**",
      "The final answer is **12**.", "Answer: $12", "ANSWER: 12", "The answer is: 12",
      "the answer is $\\boxed{12}$", "Final answer: \\(12\\)", "so $n=12$.", "Hence $n = 12$", "\\[n = 12\\]",
      "\\begin{align*} n &= 3\\cdot 4 \\\\ &= 12 \\end{align*}", "The answer is \\textbf{12}.",
      "There are 12 of them, not 13? No: \\boxed{12}", "12\n", "  12  ", "12,", "12;", "= 12", "$$12$$",
      "\\boxed{\\mathbf{12}}", "\\boxed{12.}", "\\boxed{12\\,}", "\\boxed{n=12}", "\\framebox{12}"],
      ["The total is $11$.", "It is $12 + 1$.", "\\boxed{-12}", "The answer is 120.", "The answer is 1.2.",
      "The answer is 12.5", "12, 13", "12 or 13", "\\boxed{12}\\text{ or }\\boxed{13}",
      "The answer is not known", "$n > 12$", "$12n$", "\\frac{12}{5}", "12^2", "x12"])
pairs("sentence", "$x = 5$ or $x = -2$", ["\\boxed{5, -2}", "$x=-2$ or $x=5$", "x = -2, 5",
      "The solutions are $x = 5$ and $x = -2$.", "$x \\in \\{-2, 5\\}$", "\\boxed{x=5 \\text{ or } x=-2}",
      "$\\{5,-2\\}$", "The roots are $-2$ and $5$."], ["\\boxed{5}", "$x = 5$", "$5, 2$", "x=-5, x=2"])
pairs("sentence", "$\\frac{9}{4}\\pi$", ["\\boxed{\\frac{9\\pi}{4}}", "The area is $2.25\\pi$.", "$9\\pi/4$",
      "The area is $\\frac{9\\pi}{4}$ square units.", "$\\frac{9}{4} \\pi \\text{ cm}^2$"], ["$\\frac{9}{4}$",
      "$\\frac{4}{9}\\pi$", "7.07"])
pairs("sentence", "$x \\geq 5$", ["$x \\ge 5$", "x >= 5", "$[5, \\infty)$",
      "The solution set is $[5,\\infty)$.", "So $x\\geq 5$.", "$5 \\le x$", "$5 \\leq x < \\infty$"],
      ["$x \\leq 5$", "$x > 5$", "$x=5$", "The solution is $x < 5$."])
pairs("sentence", "$x != 3$", ["$x \\ne 3$", "x \u2260 3", "$x\\neq3$"], ["$x=3$", "$x \\neq 4$"])
pairs("sentence", "$-1 < x \\leq 3$", ["$x \\in (-1, 3]$", "(-1,3]", "$3 \\geq x > -1$",
      "The solution is $-1 < x \\le 3$."], ["$-1 \\leq x < 3$", "[-1,3)"])
pairs("sentence", "$f(2) < f(1) < f(4)$", ["$f(2)<f(1)<f(4)$", "We have \\boxed{f(2) < f(1) < f(4)}",
      "$f(4) > f(1) > f(2)$"], ["$f(1)<f(2)<f(4)$", "$f(2) > f(1) > f(4)$"])
pairs("sentence", "$a_n = 2n+1$", ["$2n+1$", "$a_n=1+2n$", "\\boxed{a_{n} = 2n + 1}", "$a_n = 2(n+1) - 1$"],
      ["$a_n=2n-1$", "$a_n = 2^n+1$", "$a_{n+1} = 2n+1+1$"])
pairs("sentence", "$y=-2x^2+4x+3$", ["$y=-2(x-1)^2+5$", "$-2x^2+4x+3$", "$f(x)=-2x^2+4x+3$"],
      ["$y=-2(x+1)^2+5$", "$y=2x^2-4x-3$"])
pairs("sentence", "$y_{1}=2x,\\ y_{2}=3x$", ["$y_1=2x$ and $y_2=3x$", "$y_2 = 3x, y_1 = 2x$",
      "\\boxed{y_1=2x},\\boxed{y_2=3x}"], ["$y_1=3x, y_2=2x$"])
pairs("sentence", "$p=5, q=2; p=7, q=2$", ["$(p,q)=(5,2),(7,2)$", "$(5,2),(7,2)$", "\\boxed{(7,2), (5,2)}",
      "p=7,q=2 or p=5,q=2"], ["$p=5,q=2$", "$(2,5),(2,7)$"])
pairs("matrix", r"$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$",
      [r"$$\left[\begin{array}{ll}1 & 2 \\ 3 & 4\end{array}\right]$$",
      r"The matrix is $\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}$.",
      r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"$\left(\begin{smallmatrix}1&2\\3&4\end{smallmatrix}\right)$",
      r"$\begin{pmatrix} 2/2 & \sqrt{4} \\ 3 & 2^2 \end{pmatrix}$", "[[1,2],[3,4]]"],
      [r"$\begin{pmatrix} 1 & 2 \\ 3 & 5 \end{pmatrix}$", r"$\begin{pmatrix} 4 & 3 \\ 2 & 1 \end{pmatrix}$",
      "(1,2,3,4)"])
pairs("expression", "$\\frac{a}{b}$", ["a/b", "$ab^{-1}$", "\\frac{2a}{2b}", "$\\dfrac{a}{b}$"], ["b/a", "ab",
      "a-b"])
pairs("expression", "$x^{2}y+xy^{2}$", ["$xy(x+y)$", "xy(y+x)", "x y^2 + x^2 y"], ["$x^2y^2$", "$xy(x-y)$"])
pairs("expression", r"\frac{1}{x}+\frac{1}{y}", [r"\frac{x+y}{xy}", "(x+y)/(xy)"], [r"\frac{2}{x+y}",
      r"\frac{1}{xy}"])
pairs("expression", r"\sqrt{a^2+b^2}", [r"(a^2+b^2)^{\frac{1}{2}}", r"\sqrt{b^2+a^2}"], ["a+b",
      r"\sqrt{a^2}+\sqrt{b^2}", r"\sqrt{a^2-b^2}"])
pairs("expression", r"\frac{\ln 3}{\ln 2}", [r"\log_2 3", r"\log_{2}(3)", r"\ln 3/\ln 2",
      r"\frac{\log 3}{\log 2}"], [r"\log_3 2", "1.585", r"\ln\frac32"])
pairs("expression", "e^{x+1}", ["e\\cdot e^x", "e^xe", "e^{1+x}", r"\exp(x+1)"], ["e^x+1", "e^{x}+e"])
pairs("expression", r"\cos^2\theta", [r"1-\sin^2\theta", r"(\cos\theta)^2", r"\frac{1+\cos 2\theta}{2}"],
      [r"\cos\theta^2", r"\cos 2\theta", r"\sin^2\theta"])
pairs("expression", r"2\sqrt{x}", [r"\sqrt{4x}", r"2x^{1/2}"], [r"\sqrt{2x}", r"4\sqrt x", "2x"])
pairs("expression", "2(a+b)", ["2a+2b", "2\\times(a+b)", "(a+b)2", "2(b+a)", "(a+b)+(a+b)"], ["2a+b", "2ab",
      "a+2b"])
pairs("expression", r"\frac{3+\sqrt{5}}{2}", [r"\frac{\sqrt5+3}{2}", r"1.5+\frac{\sqrt5}{2}",
      r"\left(\frac{1+\sqrt5}{2}\right)^2", "(3+sqrt(5))/2", r"\frac32+\frac12\sqrt5"],
      [r"\frac{3-\sqrt5}{2}", r"3+\frac{\sqrt5}{2}", "2.618"])
pairs("expression", r"\sqrt[3]{2}+\sqrt[3]{4}", [r"2^{1/3}+2^{2/3}", r"\sqrt[3]{4}+\sqrt[3]{2}"],
      [r"\sqrt[3]{6}", r"\sqrt{2}+\sqrt{4}"])
pairs("expression", "k\\pi + \\frac{\\pi}{4}", [r"\frac{\pi}{4}+k\pi", r"\frac{\pi+4k\pi}{4}",
      r"\frac{(4k+1)\pi}{4}"], [r"\frac{\pi}{4}", r"\frac{\pi}{4}+2k\pi"])
pairs("decimal", "1234567.89", ["1,234,567.89", r"1{,}234{,}567.89", r"\$1,234,567.89"], ["1234567",
      "1,234,567.98"])
pairs("decimal", "-0.25", [r"-\frac14", "-.25", "-25\\%", "\u22120.25", "-1/4"], ["0.25", "-2.5"])
pairs("decimal", "100", ["10^2", "1e2", "100.000", "1 \\times 10^2", r"\frac{200}{2}", "100\\text{ m}",
      "100\u00b0"], ["1000", "10", r"10\cdot 2", "1 00 0"])
pairs("decimal", r"\frac{7}{3}", ["2\\frac13", "2 \\frac{1}{3}", "2\\tfrac{1}{3}", "7/3", "7 / 3", "2 1/3",
      r"2.\overline{3}", r"-\frac{-7}{3}"], ["2.33", "2.3", "21/3", "3/7", r"2\cdot\frac13"])
pairs("decimal", "6.25 \\times 10^{-3}", ["0.00625", "6.25e-3", r"\frac{1}{160}", "6.25 \\cdot 10^{-3}"],
      ["6.25e3", "0.0625"])
debated("decimal", "1/3", "0.(3)", True, "how half of the world writes a repeating decimal, or a product")
pairs("decimal", "1/3", [r"0.\dot{3}", "33\\frac13\\%", r"\frac{1}{3}"], ["0.33", "33\\%"])
pairs("set", r"\{x \mid x > 3\}", [r"(3,\infty)", "x>3", r"\{x : x > 3\}", r"\{x | x>3\}"], [r"[3,\infty)",
      r"\{3\}", "x<3"])
pairs("set", r"\mathbb{R} \setminus \{2\}", [r"(-\infty,2)\cup(2,\infty)", r"x\neq 2", r"\mathbb{R}-\{2\}"],
      [r"\mathbb{R}", r"\{2\}"])
pairs("set", r"\{-1,0,1\}", ["-1,0,1", r"\{0,\pm1\}", r"0, \pm 1", "{0, 1, -1}"], [r"\{-1,1\}", r"\pm 1",
      r"[-1,1]"])
pairs("set", r"(0,1)\cup(1,2)", [r"(1,2)\cup(0,1)", "0<x<1 \\text{ or } 1<x<2"], ["(0,2)", r"(0,1]\cup[1,2)"])
pairs("set", r"\left[\frac{1}{2}, 1\right) \cup (1, \infty)", [r"[0.5,1)\cup(1,+\infty)",
      r"(1,\infty)\cup[1/2,1)"], [r"[\frac12,\infty)", r"(\frac12,1)\cup(1,\infty)"])
pairs("set", r"x = 2k\pi, k \in \mathbb{Z}", [r"x=2\pi k, k\in\mathbb{Z}", r"2k\pi, k\in \mathbb{Z}"],
      [r"x = k\pi, k \in \mathbb{Z}"])
pairs("text", r"\text{Friday}", ["The answer is Friday.", r"\boxed{\text{Friday}}",
      "It was a Friday, so the answer is \\boxed{Friday}."], ["The answer is Sunday.",
      r"\boxed{\text{Thursday}}"])
pairs("text", "B", ["The answer is (B).", "\\boxed{B}", "The correct option is B", "Answer: B) 5", "B) 5",
      "**B**", "(B) because it fits", "\\boxed{\\text{(B) } 5}"], ["The answer is (C).", "\\boxed{\\text{A}}",
      "A or B"])
pairs("text", r"x^2-4x+4", ["The polynomial is $(x-2)^2$.", "\\boxed{(x-2)^2}", "p(x) = (x-2)^2"],
      ["\\boxed{(x+2)^2}", "\\boxed{x-2}"])
pairs("unit", r"25\text{ mph}", ["25", "25 miles per hour", r"25\text{ miles/hour}", "The speed is 25 mph."],
      ["52 mph", "2.5 mph"])
pairs("unit", r"30\pi\text{ cm}^3", [r"30\pi", r"30 \pi \, \text{cm}^3", r"30\pi\ \mathrm{cm^3}"], ["30",
      r"30\pi^3", r"3\pi"])
pairs("unit", "0.06 \\text{ yuan}", ["0.06", "0.06 yuan", "\u00a50.06"], ["0.6 yuan", "6"])
pairs("unit", "7\\text{ hours}", ["7 hours", "7 hrs", "7.0 hours"], ["17 hours", "70 hours", "0.7"])
