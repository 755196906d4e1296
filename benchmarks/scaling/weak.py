#!/usr/bin/env python3
"""Weak scaling on one machine: N processes with one core each and N times the prompts, against one process with one core, alternating.

    benchmarks/scaling/weak.py [--processes 2] [--rounds 3] [--steps 3] [--prompts 4] [key=value ...]

Prints a table of a step's seconds by phase, the median over all steps but the first of each run, and the efficiency: the time of one process
divided by that of N. Keys go to tempo-train, on examples/quickstart.yaml
with an entropy bonus, so that every group is trained and the work of a process is the same.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(arguments, processes, folder):
    """Returns the metrics of the steps but the first."""
    command = ["taskset", "-c", ",".join(map(str, range(processes))), f"{ROOT}/build/release/bin/tempo-train",
               "examples/quickstart.yaml", "evaluation.data=", "output.checkpoint_every=0", "output.overwrite=true",
               "output.resume=never", f"output.folder={folder}", "loss.entropy_coefficient=0.001", "model.threads=1", f"train.steps={arguments.steps + 1}",
               f"train.prompts_per_step={arguments.prompts * processes}", *arguments.keys]
    if processes > 1:
        command += ["--nproc", str(processes)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = [json.loads(line) for line in open(f"{folder}/metrics.jsonl")]
    return [line for line in lines if "step_time" in line][1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3, help="measured steps of a run")
    parser.add_argument("--prompts", type=int, default=4, help="prompts a step of one process")
    parser.add_argument("keys", nargs="*")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp()
    one, many = [], []
    for _ in range(arguments.rounds):
        one += run(arguments, 1, folder)
        many += run(arguments, arguments.processes, folder)
    shutil.rmtree(folder)
    median = lambda steps, name: statistics.median(step.get(name, 0) for step in steps)
    print(f"{'':<24}{'1 process':>12}{f'{arguments.processes} processes':>14}")
    names = ["step_time", "time/rollout", "time/exchange", "time/reward", "time/credit", "time/update", "time/optimizer"]
    for name in names + ["tree/trained_tokens", "dist/sent_bytes"]:
        print(f"{name:<24}{median(one, name):>12.3f}{median(many, name):>14.3f}")
    tokens = [median(steps, "tree/trained_tokens") for steps in (one, many)]
    print(f"efficiency {median(one, 'step_time') / median(many, 'step_time'):.3f}"
          f" (trained tokens a process: {tokens[1] / arguments.processes / max(tokens[0], 1):.3f} of one's)")


if __name__ == "__main__":
    main()
