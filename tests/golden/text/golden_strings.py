"""The strings that make_text.py tokenizes: the same on every run. Characters are those of Unicode 3.2 and the
newer ones listed here, so that the version of a library's Unicode tables does not matter.
"""
import random
import unicodedata

SENTENCES = [
    "The quick brown fox can't jump over 13 lazy dogs; they're asleep, aren't they?",
    "I'VE SEEN IT. She'LL know we'D gone, I'M sure it'S fine. don't DON'T Don’t y'all'd've",
    "Der Fußgänger überquert die Straße; Äpfel kosten 3,50 €.",
    "Le garçon a mangé une crêpe à Noël — c'était délicieux !",
    "\u00bfDónde está el niño? \u00a1Aquí, en el jardín!",
    "Съешь ещё этих мягких булок, друг.",
    "Γνωρίζω τον δρόμο προς τη θάλασσα.",
    "今天天气很好\uff0c我们去公园走走吧\u3002共有123个人\u3002",
    "今日はとてもいい天気ですね\u3001コ\u30fcヒ\u30fcを飲みましょう\u3002",
    "오늘은 날씨가 아주 좋습니다. \u1112\u1161\u11ab\u1100\u1173\u11af",
    "الطقس جميل اليوم\u060c أليس كذلك\u061f ١٢٣",
    "ש\u05c1\u05b8לו\u05b9ם עולם, מה שלומך?",
    "आज म\u094cसम बह\u0941त अच\u094dछ\u093e ह\u0948\u0964 १२३",
    "ว\u0e31นน\u0e35\u0e49อากาศด\u0e35มาก ๑๒",
    "Hôm nay trời đẹp quá, tiếng Việt. Tie\u0302\u0301ng Vie\u0323\u0302t",
    "Ångström A\u030angstro\u0308m \u212bngström e\u0301\u0327 \ufb01ne \u2460 \u00bd \u00b2 \u2167 ǅ",
    "x\u0308\u0323 q\u0307\u0323 \u0f71\u0f74 \u0958 \u2126 ẛ\u0323 \u0344 \u0345",
]
CODE = [
    "def f(x):\n    if x <= 0:\n        return None\n\treturn x**2  # done\n",
    "for (int i = 0; i < 10; ++i) {\r\n\tstd::cout << v[i] << '\\n';\r\n}\r\n",
    "SELECT name, COUNT(*) FROM t WHERE id >= 42 GROUP BY 1;\n\n\n-- end",
    '{"key": [1, 2.5e-3, null], "nested": {"a\\u00e9": true}}',
    "<div class=\"a b\">&nbsp;\u00a0text</div><!-- x -->",
    "\\frac{1}{2} \\times \\sqrt{3} = \\boxed{0.866} $x^{2}$ \\[ a_{ij} \\]",
    "https://example.org/a_b?q=1&r=%20#frag user@example.org C:\\temp\\new",
    "#include <vector>\n#define X(a, b) ((a)+(b))\nauto y = x->z ? ~x : !y;",
    "let s = `v: ${n}`; a && b || c; d === e; f => g; 0xFF 1_000 3.14f",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n* item\n  * sub\n\n```py\nprint(1)\n```",
]
EMOJI = [
    "\U0001F600", "\U0001F44D\U0001F3FD", "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466",
    "\u2764\ufe0f", "\U0001F1E9\U0001F1EA", "\U0001F3F3\ufe0f\u200d\U0001F308", "1\ufe0f\u20e3", "\u2603",
    "\U0001F680\U0001F680",
]
SPACES = [
    " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u3000", "\u2028", "\u2029", "\u2003", "\u0085",
    "\u180e", "\u200b", "\ufeff", "\x0b", "\x0c", "\u1680", "\u202f", "\u205f", " \n", "\n ", "\t\t",
    " \t ", "\x1c", "\x00", "\x04",
]
SPECIALS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<repo_name>", "<reponame>",
    "<s>", "<unk>", "the", "12345", "12", "caf\u00e9", "cafe\u0301", "<|im_start|", "|im_end|>",
    "<|im_end|>\n", "<empty_output>",
]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + [
    "\u2026", "\u2014", "\u201c", "\u00ab", "\u3002", "\uff01", "\u00a9", "\u20ac", "\u2200", "\u2190",
    "\u0964", "\u061f",
]
DIGITS = [
    "0", "7", "42", "123", "2024", "31337", "1000000", "1,234.56", "\u0663", "\u096b\u096c", "\uff11\uff12",
    "\u4e09", "\u00b3", "\u2155", "\u2164", "\u2487", "\u3007", "\u0bf0", "\U0001D7D8",
]
SCRIPTS = [
    (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x250, 0x2AF), (0x2B0, 0x2FF), (0x300, 0x36F),
    (0x370, 0x3FF), (0x400, 0x52F), (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x6FF), (0x700, 0x74F),
    (0x780, 0x7BF), (0x900, 0x97F), (0x980, 0x9FF), (0xA00, 0xA7F), (0xA80, 0xAFF), (0xB00, 0xB7F),
    (0xB80, 0xBFF), (0xC00, 0xC7F), (0xC80, 0xCFF), (0xD00, 0xD7F), (0xD80, 0xDFF), (0xE00, 0xE7F),
    (0xE80, 0xEFF), (0xF00, 0xFFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137F),
    (0x13A0, 0x13FF), (0x1400, 0x167F), (0x1680, 0x169F), (0x16A0, 0x16FF), (0x1780, 0x17FF),
    (0x1800, 0x18AF), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x209F),
    (0x20A0, 0x20CF), (0x20D0, 0x20FF), (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF),
    (0x2200, 0x22FF), (0x2300, 0x23FF), (0x2460, 0x24FF), (0x2500, 0x259F), (0x2600, 0x27BF),
    (0x2E80, 0x2FDF), (0x3040, 0x30FF), (0x3100, 0x312F), (0x3130, 0x318F), (0x3200, 0x33FF),
    (0x3400, 0x4DB5), (0x4E00, 0x9FA5), (0xA000, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
    (0xFB00, 0xFB4F), (0xFB50, 0xFDFF), (0xFE20, 0xFE6F), (0xFF00, 0xFFEF), (0x10300, 0x1034F),
    (0x10400, 0x1044F), (0x1D100, 0x1D1FF), (0x1D400, 0x1D7FF), (0x20000, 0x20100),
]


def assigned(low, high):
    table = unicodedata.ucd_3_2_0
    return [chr(code) for code in range(low, high + 1) if table.category(chr(code)) not in ("Cn", "Cs", "Co")]


def word(rng, letters):
    text = "".join(rng.choice(letters) for _ in range(rng.randrange(1, 7)))
    decomposed = unicodedata.ucd_3_2_0.normalize("NFD", text)
    return rng.choice([text, text, text.upper(), text.capitalize(), decomposed])


def pieces(rng, scripts):
    """One random piece of text of a random kind."""
    sentence_words = rng.choice(SENTENCES).split(" ")
    short = rng.random() < 0.5
    contraction = rng.choice("sStTmMdD\u017f") if short else rng.choice(["re", "RE", "vE", "ll", "LL"])
    return rng.choice([
        lambda: word(rng, rng.choice(scripts)),
        lambda: " " + word(rng, rng.choice(scripts)),
        lambda: rng.choice(sentence_words),
        lambda: " " + rng.choice(sentence_words),
        lambda: rng.choice(DIGITS),
        lambda: rng.choice(PUNCTUATION) * rng.choice([1, 1, 2, 3]),
        lambda: rng.choice(SPACES) * rng.choice([1, 1, 2, 5]),
        lambda: rng.choice(EMOJI),
        lambda: rng.choice(SPECIALS),
        lambda: rng.choice(["'", "\u2019"]) + contraction,
        lambda: rng.choice(CODE)[rng.randrange(20):][:rng.randrange(1, 24)],
    ])()


def make_strings(count=10500):
    rng = random.Random(20240607)
    scripts = [letters for letters in (assigned(low, high) for low, high in SCRIPTS) if letters]
    strings = ["", " ", "a", "\n"] + SENTENCES + CODE + EMOJI + SPACES + SPECIALS + DIGITS + PUNCTUATION
    strings += [" " * n for n in (7, 64, 513)]
    strings += ["ab" * 700, "\n" * 100, "x" * 1000, "1" * 99, "\u00e9" * 300]
    strings += ["".join(letters[:40]) for letters in scripts]
    while len(strings) < count:
        strings.append("".join(pieces(rng, scripts) for _ in range(rng.randrange(1, 7))))
    return strings
