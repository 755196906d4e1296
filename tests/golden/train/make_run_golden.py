"""Writes run_NAME.json and run_NAME.safetensors: ten updates of a tiny Llama on given samples and rewards, by
transformers, torch.optim.AdamW and a loss over padded responses in plain PyTorch, all in float64.

    python make_run_golden.py

Made with torch 2.15.0, transformers 5.23.0, safetensors 0.8.0, in this folder, from ../model/llama_tied. An update's
old_logp is the model's own before the update plus noise, the same for equal prefixes, so that ratios leave the clip
range; none lies within MARGIN of a bound, where rounding would decide about a gradient.
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent
MODEL = FOLDER.parent / "model" / "llama_tied"
UPDATES, GROUPS, RESPONSES, MAX_TOKENS, ALPHABET = 10, 3, 5, 8, 3
MARGIN = 1e-3
CASES = [
    dict(name="tempo", estimator="tempo", aggregation="token_mean", clip_low=0.2, clip_high=0.28, dual_clip=1.5,
         kl_coefficient=0.0, entropy_coefficient=0.0, temperature=1.0, max_grad_norm=1.0, weight_decay=0.01),
    dict(name="grpo_kl", estimator="grpo", aggregation="sequence_mean", clip_low=0.2, clip_high=0.2, dual_clip=None,
         kl_coefficient=0.1, entropy_coefficient=0.01, temperature=0.7, max_grad_norm=0.0, weight_decay=0.1),
]
# A large epsilon keeps the step continuous in the gradient: with 1e-8 an element whose gradient is rounding alone
# would move by the whole learning rate.
ADAM = dict(beta1=0.9, beta2=0.99, epsilon=1e-3)


def draw_samples(generator):
    """Groups of a prompt and responses from a small alphabet: shared prefixes, equal, nested and empty responses."""
    def integers(high, count, low=0):
        return torch.randint(low, high, (count,), generator=generator).tolist()

    groups = []
    for g in range(GROUPS):
        prompt = integers(64, integers(7, 1, 1)[0])
        responses = [integers(ALPHABET, length) for length in integers(MAX_TOKENS + 1, RESPONSES)]
        rewards = [1.0] * RESPONSES if g == GROUPS - 1 else [0.5 * r for r in integers(3, RESPONSES)]
        groups.append(dict(prompt=prompt, responses=responses, rewards=rewards))
    return groups


def advantages(group, estimator):
    """Of every response token, from the formulas: mean rewards over the responses with the same prefix."""
    responses, rewards = group["responses"], torch.tensor(group["rewards"], dtype=torch.float64)
    mean, scale = rewards.mean(), rewards.std() + 1e-6

    def value(prefix):
        same = [r for o, r in zip(responses, rewards) if o[: len(prefix)] == prefix]
        return sum(same) / len(same)

    rows = []
    for o, r in zip(responses, rewards):
        step = [value(o[: t + 1]) - value(o[:t]) if estimator == "tempo" else 0.0 for t in range(len(o))]
        rows.append([float((r - mean + s) / scale) for s in step])
    return rows


def token_distributions(model, groups, temperature):
    """log-probability and entropy of every response token, padded [B, MAX_TOKENS], and the mask of real tokens."""
    rows = [(g["prompt"], o) for g in groups for o in g["responses"]]
    longest = max(len(p) for p, _ in rows)
    ids = torch.zeros(len(rows), longest + MAX_TOKENS, dtype=torch.long)
    targets = torch.zeros(len(rows), MAX_TOKENS, dtype=torch.long)
    where = torch.zeros(len(rows), MAX_TOKENS, dtype=torch.long)
    mask = torch.zeros(len(rows), MAX_TOKENS, dtype=torch.bool)
    for b, (p, o) in enumerate(rows):
        ids[b, : len(p) + len(o)] = torch.tensor(p + o)
        targets[b, : len(o)] = torch.tensor(o)
        where[b] = torch.arange(MAX_TOKENS) + len(p) - 1
        mask[b, : len(o)] = True
    logits = model(ids).logits / temperature  # padding stands behind, where a causal model does not look
    logp = logits.gather(1, where[..., None].expand(-1, -1, logits.shape[-1])).log_softmax(-1)
    return logp.gather(2, targets[..., None])[..., 0], -(logp.exp() * logp).sum(-1), mask


def padded(rows):
    return torch.tensor([row + [0.0] * (MAX_TOKENS - len(row)) for row in rows], dtype=torch.float64)


def draw_old_logp(groups, logp, case, generator):
    """The model's own plus noise, one number a prefix, rounded to float32."""
    bounds = [1 - case["clip_low"], 1 + case["clip_high"]] + ([case["dual_clip"]] if case["dual_clip"] else [])
    b = 0
    for group in groups:
        known = {}
        group["old_logp"] = []
        for o in group["responses"]:
            for t in range(len(o)):
                key = tuple(o[: t + 1])
                while key not in known:
                    noise = 0.3 * torch.randn(1, generator=generator, dtype=torch.float64).item()
                    if min(abs(torch.tensor(-noise).exp().item() - x) for x in bounds) > MARGIN:
                        known[key] = float(f"{torch.tensor(logp[b, t].item() + noise).float().item():.9g}")
            group["old_logp"].append([known[tuple(o[: t + 1])] for t in range(len(o))])
            b += 1


def loss_of(case, groups, model, reference):
    logp, entropy, mask = token_distributions(model, groups, case["temperature"])
    advantage = padded([row for g in groups for row in advantages(g, case["estimator"])])
    ratio = (logp - padded([row for g in groups for row in g["old_logp"]])).exp()
    clipped = ratio.clamp(1 - case["clip_low"], 1 + case["clip_high"])
    loss = -torch.minimum(ratio * advantage, clipped * advantage)
    if case["dual_clip"]:
        loss = torch.where(advantage < 0, torch.minimum(loss, -case["dual_clip"] * advantage), loss)
    if reference is not None:
        with torch.no_grad():
            gap = token_distributions(reference, groups, case["temperature"])[0]
        gap = gap - logp
        loss = loss + case["kl_coefficient"] * (gap.exp() - gap - 1)
    loss = (loss - case["entropy_coefficient"] * entropy) * mask
    if case["aggregation"] == "token_mean":
        return loss.sum() / mask.sum()
    return (loss.sum(1) / mask.sum(1).clamp(min=1)).mean()


def load():
    return transformers.LlamaForCausalLM.from_pretrained(MODEL, attn_implementation="eager").double()


def run(case, seed):
    generator = torch.Generator().manual_seed(seed)
    model, reference = load(), load() if case["kl_coefficient"] else None
    optimizer = torch.optim.AdamW(model.parameters(), betas=(ADAM["beta1"], ADAM["beta2"]), eps=ADAM["epsilon"],
                                  weight_decay=case["weight_decay"])
    updates = []
    for k in range(UPDATES):
        rate = 3e-3 * min(1, (k + 1) / 3)
        groups = draw_samples(generator)
        with torch.no_grad():
            draw_old_logp(groups, token_distributions(model, groups, case["temperature"])[0], case, generator)
        optimizer.zero_grad()
        loss = loss_of(case, groups, model, reference)
        loss.backward()
        limit = case["max_grad_norm"] or float("inf")
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
        for param_group in optimizer.param_groups:
            param_group["lr"] = rate
        optimizer.step()
        updates.append(dict(learning_rate=rate, loss=loss.item(), grad_norm=norm.item(), groups=groups))
    content = dict(case, **ADAM, updates=updates)
    (FOLDER / f"run_{case['name']}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    weights = {name: tensor.float() for name, tensor in model.named_parameters()}
    save_file(weights, FOLDER / f"run_{case['name']}.safetensors")
    print(case["name"], [round(u["loss"], 5) for u in updates], [round(u["grad_norm"], 2) for u in updates])


for index, run_case in enumerate(CASES):
    run(run_case, 7 + index)
