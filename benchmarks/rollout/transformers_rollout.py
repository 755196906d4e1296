"""Times rollouts of transformers' generate: prints one JSON object with the seconds of each repetition.

Usage: transformers_rollout.py FOLDER REQUEST.json, a request of rollout_speed.py with one response a prompt. The
prompts are one batch, padded on the left; sampling at temperature 1 without truncation, the length forced.
"""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM


def left_padded(prompts, filler):
    width = max(map(len, prompts))
    tokens = [[filler] * (width - len(prompt)) + prompt for prompt in prompts]
    mask = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return {"input_ids": torch.tensor(tokens), "attention_mask": torch.tensor(mask)}


def main(folder, request_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    if request["responses"] != 1:
        raise ValueError("expected one response a prompt")
    torch.set_num_threads(request["threads"])
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    inputs = left_padded(request["prompts"], model.config.eos_token_id)
    length = request["new_tokens"]
    seconds = []
    for _ in range(1 + request["repetitions"]):
        begin = time.perf_counter()
        output = model.generate(**inputs, do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
                                min_new_tokens=length, max_new_tokens=length)
        seconds.append(time.perf_counter() - begin)
    new_tokens = output[:, inputs["input_ids"].shape[1]:]
    print(json.dumps({"seconds": seconds[1:], "tokens": new_tokens.numel()}))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"error: {error}")
