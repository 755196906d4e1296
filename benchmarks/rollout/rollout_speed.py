"""Compares rollouts alone, generated tokens a second with the prompts' time included: tempo, transformers' generate,
and llama.cpp in bfloat16 and in Q4_1. Independent sequences, and prompts of about 290 tokens that 8 responses share
or not. Prints medians as Markdown."""

import argparse
import json
import sys
from pathlib import Path
from statistics import median

import measured
import report

HERE = Path(__file__).resolve().parent
SIDES = {"tempo": "tempo", "transformers": "transformers", "llama-bf16": "llama.cpp bf16", "llama-q4": "llama.cpp Q4_1"}
NEW_TOKENS = 64
SHARED = "4 x 8, prompt shared"
APART = "4 x 8, prompt not shared"

# (what, of tempo at, other side, at, at least so many times)
GOALS = (("1", "llama-bf16", "1", 1), ("32", "transformers", "32", 4), ("32", "llama-bf16", "32", 4),
         ("32", "llama-q4", "32", 2), ("128", "transformers", "32", 6), (SHARED, "tempo", APART, 1.2))


def read_prompts(path, count, length=None):
    """The first prompts, or those whose length is nearest to `length`."""
    with open(path, encoding="utf-8") as lines:
        prompts = [json.loads(line)["prompt_tokens"] for line in lines]
    if length:
        prompts.sort(key=lambda prompt: abs(len(prompt) - length))
    if len(prompts) < count:
        raise ValueError(f"{path}: expected {count} prompts, found {len(prompts)}")
    return prompts[:count]


def requests(options):
    """{name: (prompts, responses of each)}"""
    found = {}
    for count in options.sequences.split(","):
        found[count] = (read_prompts(options.work / "arithmetic.jsonl", int(count)), 1)
    medqa = options.work / "medqa.jsonl"
    if options.shared and medqa.exists():
        prompts = read_prompts(medqa, 4, 290)
        found[SHARED] = (prompts, 8)
        found[APART] = ([prompt for prompt in prompts for _ in range(8)], 1)
    return found


def commands(options):
    return {"tempo": [options.tempo, options.model],
            "transformers": [sys.executable, HERE / "transformers_rollout.py", options.work / "huggingface"],
            "llama-bf16": [sys.executable, HERE / "llama_cpp_rollout.py", options.work / "bf16.gguf"],
            "llama-q4": [sys.executable, HERE / "llama_cpp_rollout.py", options.model]}


def time_side(options, side, name, prompts, responses):
    """Returns (tokens a second of each repetition, measured.Run)."""
    request = options.work / f"request-{len(prompts)}x{responses}.json"
    request.write_text(json.dumps({"prompts": prompts, "responses": responses, "new_tokens": NEW_TOKENS,
                                   "repetitions": options.repetitions, "threads": options.threads}), encoding="utf-8")
    environment = {"GOMP_SPINCOUNT": "5000"} if side == "tempo" else {}
    process = measured.run([*commands(options)[side], request], environment)
    answer = json.loads(process.output.splitlines()[-1])
    wanted = len(prompts) * responses * NEW_TOKENS
    if answer["tokens"] != wanted:
        raise ValueError(f"{SIDES[side]}: expected {wanted} tokens, got {answer['tokens']}")
    speeds = [answer["tokens"] / seconds for seconds in answer["seconds"]]
    print(f"{name}, {SIDES[side]}: {median(speeds):.0f} tokens/s, other work {process.other_work:.2f} cores",
          file=sys.stderr, flush=True)
    return speeds, process


def compare(options):
    """Returns {(shape, side): (tokens a second, peak GiB, other work)}; sides take turns within each shape."""
    found = {}
    for name, (prompts, responses) in requests(options).items():
        sides = ["tempo"] if name in (SHARED, APART) else options.sides
        runs = {side: ([], []) for side in sides}
        for _ in range(options.rounds):
            for side, (speeds, processes) in runs.items():
                new, process = time_side(options, side, name, prompts, responses)
                speeds += new
                processes.append(process)
        for side, (speeds, processes) in runs.items():
            found[name, side] = (median(speeds), median(process.peak_gib for process in processes),
                                 max(process.other_work for process in processes))
    return found


def result_table(found):
    rows = []
    for (name, side), (speed, peak, other) in found.items():
        ours = found.get((name, "tempo"))
        ratio = f"{ours[0] / speed:.2f}" if ours else ""
        rows.append([name, SIDES[side], f"{speed:.0f}", ratio, f"{peak:.2f}", f"{other:.2f}"])
    return report.table(["sequences", "side", "tokens/s", "tempo's / this", "peak GiB", "other work (cores)"], rows)


def goal_lines(found):
    lines = []
    for name, side, at, wanted in GOALS:
        ours, other = found.get((name, "tempo")), found.get((at, side))
        if ours and other:
            lines.append(report.goal(f"tempo at {name} against {SIDES[side]} at {at}", ours[0] / other[0], wanted,
                                     other_work=max(ours[2], other[2])))
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("--sequences", default="1,8,32,128", help="comma between numbers (default %(default)s)")
    parser.add_argument("--sides", default=",".join(SIDES), help="of %(default)s")
    parser.add_argument("--shared", action=argparse.BooleanOptionalAction, default=True, help="shared long prompts too")
    parser.add_argument("--rounds", type=int, default=2, help="processes of each side and shape (default %(default)s)")
    parser.add_argument("--repetitions", type=int, default=3, help="of each process, timed (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of all sides (default %(default)s)")
    parser.add_argument("--model", type=Path, default=Path(".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with medqa_dev.jsonl")
    parser.add_argument("--tempo", type=Path, default=Path("build/release/bin/rollout-speed"))
    parser.add_argument("--work", type=Path, default=Path("build/bench/work"), help="folder for what is made")
    parser.add_argument("--output", type=Path, help="file for the report")
    return parser.parse_args()


def main():
    options = parse()
    options.sides = options.sides.split(",")
    if not set(options.sides) <= set(SIDES):
        raise ValueError(f"--sides: expected names of {','.join(SIDES)}")
    for path, maker in ((options.model, "scripts/setup.sh"), (options.tempo, "benchmarks/rollout/README.md says how")):
        if not path.exists():
            raise ValueError(f"{path}: expected a file, found nothing ({maker})")
    measured.run([sys.executable, HERE.parent / "step" / "prepare.py", options.work, "--model", options.model,
                  "--data", options.data])
    found = compare(options)
    heading = report.heading("Rollouts", ("transformers", "torch", "llama-cpp-python"))
    settings = (f"{NEW_TOKENS} new tokens a sequence, forced; temperature 1; {options.threads} threads; tempo and "
                "transformers with bfloat16 weights, tempo with GOMP_SPINCOUNT=5000. Medians over "
                f"{options.rounds} processes of {options.repetitions} repetitions, the sides in turn.")
    parts = [heading, settings, result_table(found), goal_lines(found)]
    report.write("\n\n".join(part for part in parts if part), options.output)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, measured.Failed) as error:
        sys.exit(f"error: {error}")
