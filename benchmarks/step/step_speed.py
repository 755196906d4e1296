"""Compares one training step of tempo and of TRL's GRPOTrainer on this machine's CPU: same model, prompts, group size,
lengths and dtype, processes one after the other in turn. Prints medians as Markdown."""

import argparse
import json
import sys
from pathlib import Path
from statistics import median

import measured
import report
import tempo_step
from shapes import SHAPES
from step_report import SIDES, shape_section

HERE = Path(__file__).resolve().parent
# glibc's malloc then keeps freed memory: TRL gives it back and faults it in again in each step otherwise.
KEEP_PAGES = {"MALLOC_MMAP_THRESHOLD_": str(2**32), "MALLOC_TRIM_THRESHOLD_": str(2**42)}


def run_tempo(options, shape, model, folder, checkpointing):
    source = model if shape.quickstart else options.model
    return tempo_step.run(options.tempo, shape, source, options.work / f"{shape.task}.jsonl", folder,
                          options.steps or shape.steps, options.warm_up, options.threads,
                          {"GOMP_SPINCOUNT": "5000"}, checkpointing)


def run_trl(options, shape, model, folder, environment):
    command = [sys.executable, HERE / "trl_step.py", model, options.work / f"{shape.task}.jsonl", folder,
               "--reward", shape.reward, "--prompts", shape.prompts, "--responses", shape.responses,
               "--new-tokens", shape.new_tokens, "--steps", options.warm_up + (options.steps or shape.steps),
               "--threads", options.threads, "--checkpointing", options.checkpointing]
    process = measured.run(command + (["--forced"] if shape.forced else []), environment)
    steps, before = [], 0
    for index, step in enumerate(json.loads(process.output.splitlines()[-1])["steps"]):
        if index >= options.warm_up:
            steps.append({**step, "tokens": step["num_tokens"] - before})
        before = step["num_tokens"]
    return steps, process


def run_side(options, side, shape):
    model = options.quickstart_model if shape.quickstart else options.work / "huggingface"
    folder = options.work / "runs" / f"{shape.name}-{side}"
    if side.startswith("tempo"):
        return run_tempo(options, shape, model, folder, side == "tempo-checkpointing")
    return run_trl(options, shape, model, folder, KEEP_PAGES if side == "trl-pages" else {})


def prompt_tokens(shape, steps):
    """Of each step: equal on both sides, or they did not get the same prompts."""
    responses = shape.prompts * shape.responses
    return [round(step["tokens"] - responses * step["mean_length"]) for step in steps]


def compare(options, shape):
    """Returns {side: (steps, runs)} of all rounds."""
    results = {side: ([], []) for side in options.sides}
    for turn in range(options.rounds):
        seen = set()
        for side, (steps, runs) in results.items():
            new, process = run_side(options, side, shape)
            print(f"shape {shape.name}, round {turn + 1}, {SIDES[side]}: {median(s['step_time'] for s in new):.2f} s a "
                  f"step, other work {process.other_work:.2f} cores", file=sys.stderr, flush=True)
            seen.add(tuple(prompt_tokens(shape, new)))
            steps += new
            runs.append(process)
        if len(seen) > 1:
            raise ValueError(f"shape {shape.name}: expected the same prompt tokens in each step, got {sorted(seen)}")
    return results


def parse():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("--shapes", default="a,b,c,d", help="comma between names (default %(default)s)")
    parser.add_argument("--sides", default="tempo,trl,trl-pages",
                        help=f"of {','.join(SIDES)} (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="processes of each side and shape (default %(default)s)")
    parser.add_argument("--steps", type=int, help="timed steps of a process (default: the shape's)")
    parser.add_argument("--warm-up", type=int, default=1, help="steps before, at least 1 (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of both sides (default %(default)s)")
    parser.add_argument("--checkpointing", choices=("default", "on", "off"), default="default",
                        help="TRL's gradient checkpointing; its default is on")
    parser.add_argument("--model", type=Path, default=Path(".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf"))
    parser.add_argument("--quickstart-model", type=Path, default=Path("runs/quickstart/final"), help="of shape d")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"),
                        help="folder with medqa_dev.jsonl and math_train.jsonl (default %(default)s)")
    parser.add_argument("--tempo", type=Path, default=Path("build/release/bin/tempo-train"))
    parser.add_argument("--work", type=Path, default=Path("build/bench/work"), help="folder for what is made")
    parser.add_argument("--output", type=Path, help="file for the report")
    return parser.parse_args()


def check(options):
    names = options.shapes.split(",")
    options.sides = options.sides.split(",")
    shapes = [shape for shape in SHAPES if shape.name in names]
    if len(shapes) != len(names) or not set(options.sides) <= set(SIDES) or options.warm_up < 1:
        raise ValueError("expected known shapes and sides, and at least 1 step of warm-up")
    for path, maker in ((options.model, "scripts/setup.sh"), (options.tempo, "make build")):
        if not path.exists():
            raise ValueError(f"{path}: expected a file, found nothing (run {maker})")
    for shape in shapes:
        if shape.quickstart and not options.quickstart_model.exists():
            raise ValueError(f"{options.quickstart_model}: expected the model of shape {shape.name}, found nothing "
                             "(run make quickstart)")
    return shapes


def prepare(options, shapes):
    measured.run([sys.executable, HERE / "prepare.py", options.work, "--model", options.model, "--data", options.data])
    for shape in shapes:
        if not (options.work / f"{shape.task}.jsonl").exists():
            raise ValueError(f"{options.data}: expected the data of shape {shape.name}, found nothing (--data FOLDER)")


def main():
    options = parse()
    shapes = check(options)
    prepare(options, shapes)
    sections = [shape_section(shape, compare(options, shape)) for shape in shapes]
    settings = (f"{options.threads} threads, bfloat16 weights; tempo with GOMP_SPINCOUNT=5000, TRL with OpenMP's "
                f"defaults, gradient checkpointing: {options.checkpointing} (TRL's default: on). Medians over "
                f"{options.rounds} processes a side, in turn; the first {options.warm_up} steps of each left out.")
    heading = report.heading("A training step, tempo and TRL", ("trl", "transformers", "torch"))
    report.write("\n\n".join([heading, settings, *sections]), options.output)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, measured.Failed) as error:
        sys.exit(f"error: {error}")
