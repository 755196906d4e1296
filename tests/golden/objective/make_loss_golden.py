"""Writes loss.json: the clipped policy loss of padded [B, L] tokens in plain PyTorch, with gradients by autograd.

Made with torch 2.15.0. Run: python make_loss_golden.py (in this folder).
Tokens that share their whole prefix share logp, old_logp, ref_logp, entropy and the tree's part of the advantage, as a
policy gives them. All columns are flat over response tokens, in float32; losses and gradients are computed in float64.
"""
import json
import pathlib

import torch

GROUPS = [  # one prompt token each; equal responses, one inside another, an empty one
    [[1, 2, 3, 4], [1, 2, 5], [1, 2, 3, 4], [1, 2]],
    [[2, 2, 2], [], [3], [2, 2, 1, 1, 4, 3]],
]
MAX_TOKENS = 8
CASES = [
    dict(name="token mean", aggregation="token_mean"),
    dict(name="sequence mean", aggregation="sequence_mean"),
    dict(name="Dr. GRPO", aggregation="dr_grpo"),
    dict(name="clip-higher", aggregation="token_mean", clip_low=0.1, clip_high=0.5),
    dict(name="dual clip", aggregation="sequence_mean", clip_high=0.28, dual_clip=1.5),
    dict(name="KL", aggregation="token_mean", kl_coefficient=0.3),
    dict(name="entropy bonus", aggregation="dr_grpo", entropy_coefficient=0.2),
    dict(name="all", aggregation="token_mean", clip_low=0.3, clip_high=0.4, dual_clip=1.5, kl_coefficient=0.05,
         entropy_coefficient=0.01),
]


def per_prefix(generator, draw):
    """One number a distinct prefix of a group, given to each response token with that prefix."""
    values = []
    for group in GROUPS:
        known = {}
        for response in group:
            for t in range(len(response)):
                key = tuple(response[: t + 1])
                if key not in known:
                    known[key] = draw(generator)
                values.append(known[key])
    return torch.tensor(values, dtype=torch.float32)


def pad(flat, lengths):
    padded = torch.zeros(len(lengths), max(lengths), dtype=flat.dtype)
    mask = torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]
    padded[mask] = flat
    return padded, mask


def reference(case, tensors, response_part, lengths):
    low, high = case.get("clip_low", 0.2), case.get("clip_high", 0.2)
    flat = {k: v.double() for k, v in tensors.items()}
    flat["logp"].requires_grad_()
    flat["entropy"].requires_grad_()
    (logp, mask), (entropy, _) = pad(flat["logp"], lengths), pad(flat["entropy"], lengths)
    old, ref, node = (pad(flat[k], lengths)[0] for k in ("old_logp", "ref_logp", "node_part"))
    # The library adds the two parts of an advantage in float32.
    advantage = (node.float() + response_part[:, None]).double()

    ratio = torch.exp(logp - old)
    unclipped = -advantage * ratio
    clipped = -advantage * ratio.clamp(1 - low, 1 + high)
    loss = torch.maximum(unclipped, clipped)
    if "dual_clip" in case:
        loss = torch.where(advantage < 0, torch.minimum(loss, -advantage * case["dual_clip"]), loss)
    k3 = torch.exp(ref - logp) - (ref - logp) - 1
    loss = loss + case.get("kl_coefficient", 0.0) * k3 - case.get("entropy_coefficient", 0.0) * entropy

    def aggregate(x):
        if case["aggregation"] == "token_mean":
            return x[mask].sum() / mask.sum()
        if case["aggregation"] == "sequence_mean":
            return ((x * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()
        return (x * mask).sum() / (len(lengths) * MAX_TOKENS)

    value = aggregate(loss)
    value.backward()
    count = lambda condition: int((condition & mask).sum())
    grad_entropy = flat["entropy"].grad
    return {
        **case,
        "loss": value.item(),
        "grad_logp": flat["logp"].grad.tolist(),
        "grad_entropy": [0.0] * sum(lengths) if grad_entropy is None else grad_entropy.tolist(),
        "stats": {
            "tokens": sum(lengths),
            "clipped_low": count((advantage < 0) & (ratio < 1 - low)),
            "clipped_high": count((advantage > 0) & (ratio > 1 + high)),
            "clipped_dual": count((advantage < 0) & (ratio > case["dual_clip"])) if "dual_clip" in case else 0,
            "kl": k3[mask].sum().item(),
            "entropy": entropy[mask].sum().item(),
            "logp_difference_max": (logp - old)[mask].abs().max().item(),
        },
    }


def main():
    generator = torch.Generator().manual_seed(6)
    normal = lambda scale, shift=0.0: lambda g: shift + scale * torch.randn((), generator=g).item()
    tensors = {"logp": per_prefix(generator, normal(0.6, -2.0))}
    tensors["old_logp"] = tensors["logp"] + per_prefix(generator, normal(0.8))
    tensors["ref_logp"] = tensors["logp"] + per_prefix(generator, normal(0.4))
    tensors["entropy"] = per_prefix(generator, normal(0.3)).abs()
    tensors["node_part"] = per_prefix(generator, normal(0.4))
    responses = [r for group in GROUPS for r in group]
    lengths = [len(r) for r in responses]
    response_part = torch.randn(len(responses), generator=generator)
    golden = {
        "groups": GROUPS,
        "max_tokens": MAX_TOKENS,
        "response_part": response_part.tolist(),
        **{k: v.tolist() for k, v in tensors.items()},
        "cases": [reference(case, tensors, response_part, lengths) for case in CASES],
    }
    path = pathlib.Path(__file__).with_name("loss.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    for case in golden["cases"]:
        print(case["name"], case["loss"], case["stats"])


if __name__ == "__main__":
    main()
