"""One run of tempo-train: the seconds of each step, in the phases that trl_step.py has too."""

import json
import shutil
import time

import measured

# An entropy bonus that changes nothing makes tempo train groups of equal rewards too, which it leaves out otherwise:
# TRL computes them, and a forced length is to compare equal work.
TRAIN_EVERY_GROUP = 1e-12

CONFIGURATION = """\
model: {{path: {model}, dtype: bfloat16, threads: {threads}}}
data: {{train: {data}}}
rewards: [{{kind: {reward}}}]
sampling: {{temperature: 1.0, max_new_tokens: {new_tokens}, ignore_eos: {forced}}}
loss: {{entropy_coefficient: {entropy}}}
train:
  {{steps: {steps}, prompts_per_step: {prompts}, responses_per_prompt: {responses}, shuffle: false, seed: {seed},
   activation_checkpointing: {checkpointing}}}
output: {{folder: {folder}, overwrite: true, save_dtype: bfloat16}}
"""


class Follower:
    """Notes when a line of a file appears: the time between two lines is a whole step, logging included."""

    def __init__(self, path):
        self.path = path
        self.times = []
        self.read = 0

    def __call__(self):
        if not self.path.exists():
            return
        with open(self.path, "rb") as file:
            file.seek(self.read)
            new = file.read()
        self.read += len(new)
        self.times.extend([time.perf_counter()] * new.count(b"\n"))


def phases(row):
    optimiser = row.get("time/optimizer", 0.0)
    return {"rollout": row["time/rollout"], "scoring": row["time/reward"] + row["time/credit"],
            "training": row["time/update"] - (optimiser if is_within_update(row) else 0.0), "optimiser": optimiser}


def is_within_update(row):
    """Whether time/update counts the optimiser too: then the phases sum to more than the step."""
    total = sum(seconds for name, seconds in row.items() if name.startswith("time/"))
    return "time/optimizer" in row and total > row["step_time"] * 1.0001


def read_steps(path, times, warm_up):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    steps, before = [], 0
    for index, row in enumerate(rows):
        if index >= warm_up:
            steps.append({"step_time": times[index] - times[index - 1], **phases(row),
                          "tokens": row["num_tokens"] - before, "mean_length": row["completions/mean_length"],
                          "reward": row["reward"], "flat_groups": row["frac_reward_zero_std"],
                          "unique": row["tree/unique_token_ratio"]})
        before = row["num_tokens"]
    return steps


def run(program, shape, model, data, folder, steps, warm_up, threads, environment, checkpointing):
    """Returns (steps, measured.Run). warm_up: steps at the start that are not timed, at least one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = CONFIGURATION.format(
        model=model, threads=threads, data=data, reward=shape.reward, new_tokens=shape.new_tokens,
        forced=str(shape.forced).lower(), entropy=TRAIN_EVERY_GROUP if shape.forced else 0, steps=warm_up + steps,
        prompts=shape.prompts, responses=shape.responses, seed=0,
        checkpointing=str(checkpointing).lower(), folder=folder)
    (folder / "benchmark.yaml").write_text(text, encoding="utf-8")
    follower = Follower(folder / "metrics.jsonl")
    process = measured.run([program, folder / "benchmark.yaml"], environment, follower)
    follower()
    shutil.rmtree(folder / "final", ignore_errors=True)
    return read_steps(folder / "metrics.jsonl", follower.times, warm_up), process
