"""Pairs of numbers, in every spelling."""

from .table import debated, pairs

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
      r"5\dfrac{1}{2}", r"5\,\frac12", "11/2", "5\u00bd"], [r"\frac{5}{2}", "2.5",
      r"5 \cdot \frac{1}{2}", r"5\times\frac12", "51/2", r"\frac{51}{2}"])
debated("mixed", r"5\frac{1}{2}", "5 and 1/2", True, "a mixed number in words, or a list")
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
