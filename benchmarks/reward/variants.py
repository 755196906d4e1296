#!/usr/bin/env python3
"""Writes pairs of each answer of data sets and its variants: other spellings of it, and near misses of it.

    benchmarks/reward/variants.py ../shared/data/math_train.jsonl ../shared/data/math500.jsonl > variants.jsonl
    build/release/bin/tempo-verify --summary variants.jsonl >/dev/null

Rows: `gold`, `pred`, `equivalent` as the rule that made the row means it, `kind`: the rule.
"""

import json
import re
import sys

FRACTION = re.compile(r"\\frac\{(\d+)\}\{(\d+)\}")
FRAMES = {
    "dollars": "${}$", "parentheses": "\\({}\\)", "brackets": "\\[\n{}\n\\]", "box": "\\boxed{{{}}}",
    "box in dollars": "$\\boxed{{{}}}$.", "phrase": "The answer is ${}$.", "prose": "Therefore, we have ${}$",
    "final phrase": "The final answer is: $\\boxed{{{}}}$", "bold phrase": "**Answer:** ${}$", "bold": "**{}**",
    "tag": "<answer>{}</answer>", "thoughts": "<think>hm 7</think>\n\n${}$",
}
INTEGER_FRAMES = {
    "assignment": "x = {}", "point zero": "{}.0", "units": "{} \\text{{ units}}", "as text": "\\text{{{}}}",
    "in prose": "So there are {} ways in total.", "counted": "{} ways",
}


def has_text(answer):
    return any(command in answer for command in ("\\text", "\\mbox"))


def restyled(answer):
    """Other spellings by replacing signs with their synonyms."""
    yield "dfrac", answer.replace("\\frac", "\\dfrac")
    yield "no left and right", re.sub(r"\\(left|right)(?![a-z])", "", answer)
    yield "fraction tripled", FRACTION.sub(lambda m: f"\\frac{{{3 * int(m[1])}}}{{{3 * int(m[2])}}}", answer)
    yield "over", FRACTION.sub(r"{\1 \\over \2}", answer)
    yield "root with its degree", re.sub(r"\\sqrt\{(\d+)\}", r"\\sqrt[2]{\1}", answer)
    yield "root as a power", re.sub(r"\\sqrt\{(\d+)\}", r"{\1}^{1/2}", answer)
    yield "braced power", re.sub(r"\^(\d)", r"^{\1}", answer)
    yield "thin spaces", answer.replace("+", "\\,+\\,")
    yield "Unicode", answer.replace("\\pi", "\u03c0").replace("\\infty", "\u221e").replace("\\cup", "\u222a")
    if not has_text(answer):
        yield "Unicode minus", answer.replace("-", "\u2212")


def spellings(answer):
    for kind, frame in FRAMES.items():
        yield kind, frame.format(answer)
    yield from restyled(answer)
    if re.fullmatch(r"-?\d+", answer):
        for kind, frame in INTEGER_FRAMES.items():
            yield kind, frame.format(answer)
        yield "thousands", f"{int(answer):,}"
        yield "braced thousands", f"{int(answer):,}".replace(",", "{,}")
        yield "fraction", f"\\frac{{{2 * int(answer)}}}{{2}}"


def changed_digits(answer):
    for match in list(re.finditer(r"\d", answer))[:6]:
        i = match.start()
        yield "digit", f"{answer[:i]}{(int(answer[i]) + 1) % 10}{answer[i + 1:]}"


def changed_signs(answer):
    turned = {"+": "-", "-": "+", "<": ">"}
    for i, sign in enumerate(answer):
        if sign in turned and (i > 0 or sign != "-"):
            yield "sign", answer[:i] + turned[sign] + answer[i + 1:]
        if sign == "]" and answer.count(",") == 1:
            yield "bracket", answer[:i] + ")" + answer[i + 1:]


def changed_letters(answer):
    if has_text(answer) or "\\begin" in answer:
        return
    for match in re.finditer(r"[a-zA-Z]", answer):
        i = match.start()
        if not re.search(r"\\[a-zA-Z]*$", answer[:i]):
            yield "letter", answer[:i] + ("q" if answer[i].lower() != "q" else "w") + answer[i + 1:]


def changed_parts(answer):
    match = re.search(r"frac\{([^{}]*)\}\{([^{}]*)\}", answer)
    if match and match[1] != match[2]:
        turned = f"frac{{{match[2]}}}{{{match[1]}}}"
        yield "fraction turned over", answer[:match.start()] + turned + answer[match.end():]
    yield "root dropped", answer.replace("\\sqrt", "", 1)
    yield "pi dropped", answer.replace("\\pi", "", 1)
    parts = [part.strip() for part in answer[1:-1].split(",")]
    if answer[0] in "([" and len(parts) == 2 and parts[0] != parts[1]:
        yield "swapped", f"{answer[0]}{parts[1]},{parts[0]}{answer[-1]}"


def near_misses(answer):
    for rule in (changed_digits, changed_signs, changed_letters, changed_parts):
        yield from rule(answer)
    yield "more", f"{answer} + 1"
    if answer.strip("0."):
        yield "twice", f"2({answer})"


def main():
    answers = {json.loads(line)["answer"] for path in sys.argv[1:] for line in open(path, encoding="utf-8")}
    for answer in sorted(answers):
        for equivalent, variants in ((True, spellings(answer)), (False, near_misses(answer))):
            for kind, pred in variants:
                if pred != answer:
                    print(json.dumps({"gold": answer, "pred": pred, "equivalent": equivalent, "kind": kind}))


if __name__ == "__main__":
    main()
