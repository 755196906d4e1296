"""Writes the quickstart's task: all sums of two numbers below 50, split into a training and a test file.

Run it as `python3 examples/data/make_arithmetic.py`, any Python 3; it needs no package and writes beside itself.
"""

import hashlib
import json
import pathlib

LIMIT = 50
HELD_OUT = 200
SEED = "arithmetic-1"


def place(pair):
    """A pair's place in the shuffled order: a hash, so that no Python version orders them differently."""
    return hashlib.sha256(f"{SEED}:{pair[0]}+{pair[1]}".encode()).digest()


def split(pairs):
    """Holds out whole sums: the mirror image of a test problem is in neither file."""
    test, held = [], set()
    for pair in pairs:
        if len(test) == HELD_OUT:
            break
        if frozenset(pair) not in held:
            held.add(frozenset(pair))
            test.append(pair)
    return test, [pair for pair in pairs if frozenset(pair) not in held]


def row(pair):
    a, b = pair
    return {"id": f"sum/{a}+{b}", "problem": f"What is {a} + {b}? Answer with just the number.", "answer": str(a + b)}


def main():
    pairs = sorted(((a, b) for a in range(LIMIT) for b in range(LIMIT)), key=place)
    folder = pathlib.Path(__file__).parent
    test, train = split(pairs)
    for name, part in (("arithmetic_test", test), ("arithmetic_train", train)):
        with open(folder / f"{name}.jsonl", "w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(row(pair)) + "\n" for pair in part)


if __name__ == "__main__":
    main()
