#!/usr/bin/env python3
"""Lists the pairs of answers on which tempo-verify and the Python package math-verify differ.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install math-verify==0.9.0
    /tmp/peer/bin/python benchmarks/reward/compare_math_verify.py tests/golden/reward/math_pairs.jsonl \\
        ../shared/data/math_equiv.jsonl --restyled ../shared/data/math500.jsonl > differences.md

Rows are JSON lines with `gold`, `pred` and `equivalent`; `debate` or `flags` mark rows whose truth is a convention.
--restyled takes a data set with `answer`, and pairs each answer with other spellings of itself, and with the answer
of the next row. Prints a table of counts, and one of the differing pairs with what each row holds for true.
"""

import argparse
import json
import logging
import subprocess
import sys
from pathlib import Path

from math_verify import parse, verify

DELIMITERS = ("$", "\\(", "\\[", "\\boxed", "\\fbox")


def parsed(text, formula=True):
    """What math-verify reads: it looks for LaTeX between dollars only, so a bare formula gets them."""
    if formula and not any(mark in text.replace("\\$", "") for mark in DELIMITERS):
        text = f"${text}$"
    return parse(text)


def math_verify(row):
    try:
        return bool(verify(parsed(row["gold"]), parsed(row["pred"], row.get("kind") != "sentence")))
    except Exception:  # what it raises for some input counts as "not equivalent"
        return False


def tempo_verify(program, rows):
    lines = "".join(json.dumps({"gold": row["gold"], "pred": row["pred"]}) + "\n" for row in rows)
    result = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def restyled(answer):
    """Other spellings of an answer that mean the same whatever it is."""
    yield f"\\boxed{{{answer}}}"
    yield answer.replace("\\frac", "\\dfrac").replace("\\left", "").replace("\\right", "")
    yield answer.replace("+", " + ").replace("=", " = ").replace("^2", "^{2}")
    yield f"So the final answer is ${answer}$."


def read_restyled(path):
    answers = [json.loads(line)["answer"] for line in path.open(encoding="utf-8")]
    for answer, other in zip(answers, answers[1:] + answers[:1]):
        for pred in restyled(answer):
            yield {"gold": answer, "pred": pred, "equivalent": True}
        if other != answer:
            yield {"gold": answer, "pred": other, "equivalent": False}


def read_rows(path):
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        yield row | {"convention": bool(row.get("debate") or row.get("flags"))}


def cell(text):
    text = " ".join(text.split())
    text = text if len(text) <= 70 else "..." + text[-67:]
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def mark(value):
    return "equal" if value else "different"


def report(name, rows, theirs, ours):
    firm = [i for i, row in enumerate(rows) if not row.get("convention")]
    agree_ours = sum(ours[i]["equivalent"] == rows[i]["equivalent"] for i in firm)
    agree_theirs = sum(theirs[i] == rows[i]["equivalent"] for i in firm)
    differ = [i for i in range(len(rows)) if theirs[i] != ours[i]["equivalent"]]
    count = f"| {name} | {len(rows)} | {len(firm)} | {agree_ours} | {agree_theirs} | {len(differ)} |"
    table = []
    for i in differ:
        row = rows[i]
        right = "a convention" if row.get("convention") else (
            "tempo" if ours[i]["equivalent"] == row["equivalent"] else "math-verify")
        table.append(f"| {cell(row['gold'])} | {cell(row['pred'])} | {mark(ours[i]['equivalent'])} |"
                     f" {mark(theirs[i])} | {right} |")
    return count, table


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pairs", nargs="*", type=Path)
    arguments.add_argument("--restyled", type=Path, action="append", default=[])
    arguments.add_argument("--program", default="build/release/bin/tempo-verify")
    options = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    sets = [(path.name, list(read_rows(path))) for path in options.pairs]
    sets += [(path.name + ", restyled", list(read_restyled(path))) for path in options.restyled]
    counts, tables = [], []
    for name, rows in sets:
        print(f"{name}: {len(rows)} pairs", file=sys.stderr)
        theirs = [math_verify(row) for row in rows]
        count, table = report(name, rows, theirs, tempo_verify(options.program, rows))
        counts.append(count)
        tables.append(f"### {name}\n\n| gold | pred | tempo | math-verify | right |\n|---|---|---|---|---|\n"
                      + "\n".join(table) + "\n")
    print("| set | pairs | of a firm truth | tempo right | math-verify right | differ |\n|---|---|---|---|---|---|")
    print("\n".join(counts) + "\n")
    print("\n".join(tables))


if __name__ == "__main__":
    main()
