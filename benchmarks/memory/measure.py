#!/usr/bin/env python3
"""Prints the peak memory of runs of tempo-train, as --plan computes it and as the system measures it, as Markdown.

    benchmarks/memory/measure.py                              the shapes below, on SmolLM2-135M: about 20 minutes
    benchmarks/memory/measure.py CONFIG.yaml [key=value ...]  a run of yours; give it ten steps

Responses have their full length (sampling.ignore_eos), as the plan assumes. The peak grows over the first ten steps or
so, until the allocator's gaps do not.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/bin/tempo-train"
UNITS = {"KiB": 2**-10, "MiB": 1, "GiB": 2**10}

CONFIG = """
model: {path: .deps/models/SmolLM2-135M-Instruct.Q4_1.gguf, dtype: bfloat16}
data: {train: examples/data/arithmetic_train.jsonl}
rewards: [{kind: number}]
sampling: {max_new_tokens: 64, ignore_eos: true}
loss: {entropy_coefficient: 1.0e-12}  # every group is trained, whatever its rewards
train: {steps: 10, prompts_per_step: 4, responses_per_prompt: 8}
output: {save_dtype: bfloat16}
"""
LONG_PROMPT = 'data.prompt="{problem} ' + "Think of it again. " * 50 + '"'
SHAPES = {
    "4 x 8 x 64": [],
    "with checkpointing": ["train.activation_checkpointing=true"],
    "micro-batches of 1,200": ["train.micro_batch_tokens=1200"],
    "one group at a time, checkpointing": ["train.micro_batch_tokens=1", "train.activation_checkpointing=true"],
    "float32": ["model.dtype=float32", "train.steps=8"],
    "8 x 8 x 64": ["train.prompts_per_step=8", "train.micro_batch_tokens=9000", "train.steps=7"],
    "prompts of 250, 4 x 8 x 24": [LONG_PROMPT, "sampling.max_new_tokens=24"],
    "KL": ["loss.kl_coefficient=0.01"],
    "2 x 4 x 32": ["train.prompts_per_step=2", "train.responses_per_prompt=4", "sampling.max_new_tokens=32"],
    "1 x 2 x 8": ["train.prompts_per_step=1", "train.responses_per_prompt=2", "sampling.max_new_tokens=8"],
    "evaluation of 200 at a time": ["train.steps=6", "evaluation.data=examples/data/arithmetic_test.jsonl"],
}


def computed_mib(arguments):
    text = subprocess.run([PROGRAM, *arguments, "--plan"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    number, unit = re.search(r"peak of the run, at most +([\d.]+) (\w+)", text).groups()
    return float(number) * UNITS[unit]


def measured_mib(arguments):
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with open(log, "w") as out:
            run = subprocess.Popen([PROGRAM, *arguments, f"output.folder={folder}/run"], cwd=ROOT, stdout=out, stderr=out)
            _, status, usage = os.wait4(run.pid, 0)
        if status != 0:
            sys.exit(log.read_text().strip().splitlines()[-1])
    return usage.ru_maxrss / 1024


def print_row(name, arguments):
    computed, measured = computed_mib(arguments), measured_mib(arguments)
    print(f"| {name} | {computed:,.0f} | {measured:,.0f} | {100 * (computed / measured - 1):+.1f} % |", flush=True)


def main():
    print("| run | computed, MiB | measured, MiB | |\n|---|---|---|---|")
    if len(sys.argv) > 1:
        return print_row(sys.argv[1], sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run.yaml"
        config.write_text(CONFIG)
        for name, changes in SHAPES.items():
            print_row(name, [config, *changes])


if __name__ == "__main__":
    main()
