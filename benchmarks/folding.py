#!/usr/bin/env python3
"""What folding saves: one update with each distinct token computed once, and with each response on its own.

    python3 benchmarks/folding.py [--program build/release/bin/training-rate] [--rounds 2] [--groups 8]

Runs training-rate on groups whose responses share their prompt and more and more of their first tokens, folded
and unfolded in turn, and prints a table: ratio of tokens, of arithmetic, of time (median of the rounds) and
peak memory.
"""

import argparse
import json
import statistics
import subprocess

# prompt tokens, tokens of a response, first tokens that the responses of a group share: ratios 1.2, 2, 4, 6.
SHAPES = [(16, 64, 0), (45, 64, 17), (45, 64, 48), (45, 64, 59)]


def measure(program, groups, shape, unfolded):
    prompt, length, shared = shape
    command = [program, "--groups", groups, "--prompt", prompt, "--length", length, "--shared", shared]
    command += ["--micro-batch-tokens", 1_000_000, "--repetitions", 2] + ["--unfolded"] * unfolded
    return json.loads(subprocess.run([str(x) for x in command], check=True, capture_output=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/release/bin/training-rate")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--groups", type=int, default=8)
    options = parser.parse_args()
    print("| distinct tokens | tokens | ratio | of arithmetic | of time | time against tokens | peak MB folded, unfolded |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for shape in SHAPES:
        runs = {False: [], True: []}
        for _ in range(options.rounds):
            for unfolded in runs:
                runs[unfolded].append(measure(options.program, options.groups, shape, unfolded))
        median = {u: statistics.median(r["step_seconds"] for r in rows) for u, rows in runs.items()}
        folded, flat = runs[False][0], runs[True][0]
        tokens = flat["tokens"] / folded["tokens"]
        time = median[True] / median[False]
        print(
            f"| {folded['tokens']:,} | {flat['tokens']:,} | {tokens:.2f} | {flat['gflop'] / folded['gflop']:.2f}"
            f" | {time:.2f} | {time / tokens - 1:+.0%} | {folded['peak_rss_mb']:,.0f} and {flat['peak_rss_mb']:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
