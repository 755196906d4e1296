"""Writes adamw.json: ten steps of torch.optim.AdamW. Made with torch 2.15.0, numpy 2.

Run: python make_adamw_golden.py (in this folder).
Cases: options, initial parameters, gradients of each step (null: absent), learning rates, parameters after each
step. Gradients are bfloat16 numbers, so that the same case serves bfloat16 parameters.
"""
import json
import pathlib

import torch

STEPS = 10
SHAPES = [[5], [3, 4], [2, 1, 3], [1]]


def flat(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.9g}") for x in tensor.flatten().tolist()]}


def case(name, seed, options, learning_rates, absent):
    generator = torch.Generator().manual_seed(seed)
    parameters = [torch.randn(s, generator=generator).requires_grad_() for s in SHAPES]
    initial = [flat(p.detach()) for p in parameters]
    optimizer = torch.optim.AdamW(parameters, foreach=False, **options)
    gradients, after = [], []
    for step in range(STEPS):
        for i, p in enumerate(parameters):
            g = torch.randn(p.shape, generator=generator) * 10.0 ** (i - 2)
            p.grad = None if (step, i) in absent else g.bfloat16().float()
        gradients.append([None if p.grad is None else flat(p.grad) for p in parameters])
        for group in optimizer.param_groups:
            group["lr"] = learning_rates[step]
        optimizer.step()
        after.append([flat(p.detach()) for p in parameters])
    return {"name": name, "beta1": options["betas"][0], "beta2": options["betas"][1], "epsilon": options["eps"],
            "weight_decay": options["weight_decay"], "learning_rates": learning_rates, "initial": initial,
            "gradients": gradients, "after": after}


def main():
    falling = [0.1 * (1 - s / STEPS) for s in range(STEPS)]
    cases = [
        case("defaults", 1, dict(betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01), [1e-3] * STEPS, set()),
        case("large decay, falling rate", 2, dict(betas=(0.8, 0.95), eps=1e-5, weight_decay=0.5), falling, set()),
        case("no decay, absent gradients", 3, dict(betas=(0.9, 0.99), eps=1e-8, weight_decay=0.0), [1e-2] * STEPS,
             {(0, 1), (1, 1), (4, 0), (5, 2)} | {(s, 3) for s in range(STEPS)}),
    ]
    path = pathlib.Path(__file__).with_name("adamw.json")
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
