"""Writes math_pairs.jsonl: pairs of answers, and whether they are equal as mathematics.

    python3 tests/golden/reward/make_math_pairs.py

The table, in the folder math_pairs/, is written by hand, and its truth is mathematics, not what some program says.
`gold` is an answer, `pred` a model's: an answer too, or a text that contains one. A row with `debate` is left out of
the tests: the reason says why people of good will differ; `equivalent` is then what the author leans to.
"""

import json
from pathlib import Path

from math_pairs import structures, texts, values  # noqa: F401, they fill the table
from math_pairs.table import rows


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
