"""One run of TRL's GRPOTrainer on the CPU: prints one JSON object with the seconds of each step.

What TRL sets by default stays as it is. Each phase is timed around the method of the trainer that does it:
rollout = _generate_single_turn, scoring = the rest of _generate_and_score_completions (decoding, rewards, advantages),
training = the rest of training_step (loss and backward), optimiser = clipping and the step of the optimiser.
"""

import argparse
import json
import re
import time

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer


class Stopwatch:
    """Seconds by name; what a nested measurement took is not counted in the outer one."""

    def __init__(self):
        self.seconds = {}
        self.nested = [0.0]

    def wrap(self, owner, method, name):
        inner = getattr(owner, method)

        def timed(*args, **kwargs):
            self.nested.append(0.0)
            begin = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                took = time.perf_counter() - begin
                self.seconds[name] = self.seconds.get(name, 0.0) + took - self.nested.pop()
                self.nested[-1] += took

        setattr(owner, method, timed)

    def take(self):
        taken, self.seconds = self.seconds, {}
        return taken


class StepClock(TrainerCallback):
    """A step lasts from the end of the one before, so that nothing between two steps is left out."""

    def __init__(self, watch):
        self.watch = watch
        self.steps = []
        self.last = None

    def on_train_begin(self, *args, **kwargs):
        self.last = time.perf_counter()

    def on_step_end(self, *args, **kwargs):
        now = time.perf_counter()
        self.steps.append({"step_time": now - self.last, **self.watch.take()})
        self.last = now


def reward_by(pattern):
    """1 where the last match in the response is the answer: a short form of tempo's rewards."""
    def correct(completions, answer, **_):
        found = [re.findall(pattern, completion[-1]["content"]) for completion in completions]
        return [float(bool(matches) and matches[-1] == wanted) for matches, wanted in zip(found, answer)]
    return correct


REWARDS = {"number": reward_by(r"-?\d+(?:\.\d+)?"), "choice": reward_by(r"\b[A-D]\b")}


def read_rows(path):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return Dataset.from_list([{"prompt": [{"role": "user", "content": row["problem"]}], "answer": row["answer"]}
                              for row in rows])


def configuration(options):
    forced = {"min_new_tokens": options.new_tokens} if options.forced else {}
    return GRPOConfig(
        output_dir=options.folder, use_cpu=True, max_steps=options.steps, save_strategy="no", report_to=[],
        logging_steps=1, disable_tqdm=True, seed=options.seed, shuffle_dataset=False,
        per_device_train_batch_size=options.prompts * options.responses // options.accumulation,
        gradient_accumulation_steps=options.accumulation, num_generations=options.responses,
        max_completion_length=options.new_tokens, temperature=1.0, generation_kwargs=forced or None,
        model_init_kwargs={"dtype": "bfloat16"},
        **({} if options.checkpointing == "default" else {"gradient_checkpointing": options.checkpointing == "on"}))


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("folder")
    for name in ("prompts", "responses", "new-tokens", "steps"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--reward", choices=REWARDS, required=True)
    parser.add_argument("--accumulation", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--forced", action="store_true")
    parser.add_argument("--checkpointing", choices=("default", "on", "off"), default="default")
    return parser.parse_args()


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    trainer = GRPOTrainer(model=options.model, reward_funcs=REWARDS[options.reward], args=configuration(options),
                          train_dataset=read_rows(options.data))
    watch = Stopwatch()
    clock = StepClock(watch)
    trainer.add_callback(clock)
    watch.wrap(trainer, "_generate_single_turn", "rollout")
    watch.wrap(trainer, "_generate_and_score_completions", "scoring")
    watch.wrap(trainer, "training_step", "training")
    trainer.create_optimizer()
    watch.wrap(trainer.optimizer, "step", "optimiser")
    watch.wrap(trainer.accelerator, "clip_grad_norm_", "optimiser")
    trainer.train()

    logs = [row for row in trainer.state.log_history if "step_time" in row]
    for step, log in zip(clock.steps, logs):
        step.update(num_tokens=log["num_tokens"], mean_length=log["completions/mean_length"],
                    reward=log["reward"], flat_groups=log["frac_reward_zero_std"])
    print(json.dumps({"steps": clock.steps, "threads": torch.get_num_threads(),
                      "checkpointing": trainer.args.gradient_checkpointing}))


if __name__ == "__main__":
    main()
