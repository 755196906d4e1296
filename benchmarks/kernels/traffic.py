#!/usr/bin/env python3
"""Prints, a row a kernel, the bytes that it should move and those that it moves, counted by an emulator.

    python3 benchmarks/kernels/traffic.py [--emulator DIR] [--program build/cuda-kernels/bin/kernel-traffic]

Groups of 8 responses of 1,024 tokens, half of them shared (traffic.cpp). "distinct": bytes in the 32-byte sectors that a
kernel touches, each counted once; "sectors": bytes of the sectors that its warps ask for, against the distinct ones;
"used": how much of these sectors' bytes its lanes asked for. The time is the formula's bytes at the bandwidth of an H100.
Registers and shared memory are nvcc's for sm_90. Exit status 1 if a streaming kernel misses a goal.
"""

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import resources

BANDWIDTH = 3.35e12  # bytes a second of an H100 SXM
STREAMS = 1 << 16  # a kernel that moves less moves the outline of the forest, not its tokens
MOST_DISTINCT, MOST_SECTORS, LEAST_USED = 1.05, 1.10, 0.90

# Threads a block and dynamic shared memory in bytes, for the shapes of traffic.cpp.
BLOCKS = {"group_credit": (32, 560), "segment_folds": (32, 96), "count_segments": (32, 0), "write_segments": (32, 0),
          "token_advantages": (128, 0), "node_values": (128, 0), "node_credit": (128, 0), "node_folds": (128, 0),
          "forward<float>": (512, 0), "forward<BFloat16>": (512, 0), "backward<float, BFloat16>": (512, 0),
          "backward<BFloat16, BFloat16>": (512, 0), "draw_rows<float>": (512, 27 << 10),
          "draw_rows<BFloat16>": (512, 27 << 10)}
READ_AGAIN = {"draw_rows<float>", "draw_rows<BFloat16>"}  # a row comes from the device's cache for each of its passes
USUAL_BLOCK = (256, 0)

PROFILE = re.compile(r"\[gpuemu\] profile: (?P<name>.*)\n\s+\d+ launches.*\n"
                     r"\s+read : (?P<r_asked>\S+) bytes asked for in \S+ requests, (?P<r_sectors>\S+) bytes of sectors.*?, "
                     r"(?P<r_distinct>\S+) bytes distinct\n"
                     r"\s+write: (?P<w_asked>\S+) bytes asked for in \S+ requests, (?P<w_sectors>\S+) bytes of sectors.*?, "
                     r"(?P<w_distinct>\S+) bytes distinct\n"
                     r"\s+atomics: (?P<atomics>\S+) requests; shared memory: (?P<requests>\S+) requests in (?P<passes>\S+) passes")


def measured(text):
    """Returns {kernel: {column: number}}."""
    rows = {}
    for match in PROFILE.finditer(text):
        columns = match.groupdict()
        name = resources.short_name(columns.pop("name"))
        rows[name] = {key: float(value) for key, value in columns.items()}
    return rows


def expected(text):
    """Returns [(kernel, bytes read, bytes written, formula)] in the order of the program."""
    lines = [line.split("\t")[1:] for line in text.splitlines() if line.startswith("expect\t")]
    return [(name, int(read), int(written), formula) for name, read, written, formula in lines]


def find(rows, name):
    """The emulator cuts long names short."""
    found = [key for key in rows if key == name or (len(key) > 20 and name.startswith(key.split("(")[0]))]
    if not found:
        raise SystemExit(f"error: traffic: expected a profile of {name}, got those of {', '.join(rows)}")
    return rows[found[0]]


def percent(x):
    return f"{100 * x:.0f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=resources.ROOT / "build/cuda-kernels/bin/kernel-traffic")
    parser.add_argument("--emulator", type=Path, default=resources.ROOT / "build/gpuemu")
    parser.add_argument("--nvcc", default=shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc")
    arguments = parser.parse_args()
    done = subprocess.run([arguments.emulator / "gpuemu", "-p", arguments.program], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"error: {arguments.program}: {done.stderr.strip()[-400:]}")
    rows, compiled = measured(done.stdout + done.stderr), resources.of_all(arguments.nvcc)
    print("| kernel | bytes read; written | formula | distinct | sectors | used | H100, us | registers | shared, B "
          "| passes | occupancy |\n|---|---|---|---|---|---|---|---|---|---|---|")
    missed = []
    for name, read, written, formula in expected(done.stdout):
        row, (_, kernel) = find(rows, name), compiled[name]
        total, distinct = read + written, row["r_distinct"] + row["w_distinct"]
        sectors = row["r_sectors"] + row["w_sectors"]
        used = min(1, (row["r_asked"] + row["w_asked"]) / sectors)
        threads, dynamic = BLOCKS.get(name, USUAL_BLOCK)
        passes = row["passes"] / row["requests"] if row["requests"] else 1
        print(f"| `{name}` | {formula} | {total:,} | {percent(distinct / total)} | {sectors / distinct:.2f} | {percent(used)} "
              f"| {total / BANDWIDTH * 1e6:.2f} | {kernel.registers} | {kernel.shared + dynamic:,} | {passes:.2f} "
              f"| {percent(kernel.occupancy(threads, dynamic))} |")
        if total >= STREAMS and name not in READ_AGAIN and not (distinct <= MOST_DISTINCT * total and sectors <= MOST_SECTORS * distinct
                                           and used >= LEAST_USED):
            missed.append(name)
    if missed:
        raise SystemExit(f"error: traffic: expected at most {MOST_DISTINCT} of the formula, {MOST_SECTORS} sectors and at "
                         f"least {LEAST_USED} used, missed by {', '.join(missed)}")


if __name__ == "__main__":
    main()
