#!/usr/bin/env python3
"""Compares the advantages of libtempo_kernels with the estimator's definition in plain tensor loops, in one run.

    python3 benchmarks/kernels/python_loops.py [--library build/release/lib/libtempo_kernels.so]

Needs torch in this Python. Prints, for none, half and full sharing, microseconds a token of both, their ratio, and the
largest difference of an advantage.
"""

import argparse
import ctypes
import statistics
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
EPSILON = 1e-6


class Groups(ctypes.Structure):
    """tempo_groups of tempo_kernels.h."""
    _fields_ = [("groups", ctypes.c_int32), ("responses", ctypes.c_int32), ("largest_group", ctypes.c_int32),
                ("response_token_count", ctypes.c_int64), ("prompt_token_count", ctypes.c_int64),
                *((name, ctypes.c_void_p) for name in ("group_offsets", "response_offsets", "response_tokens",
                                                       "prompt_offsets", "prompt_tokens"))]


class CreditOptions(ctypes.Structure):
    _fields_ = [("estimator", ctypes.c_int32), ("divide_by_std", ctypes.c_int32), ("epsilon", ctypes.c_double),
                ("value_shrinkage", ctypes.c_double)]


def load(path):
    library = ctypes.CDLL(str(path))
    library.tempo_kernels_message.restype = ctypes.c_char_p
    library.tempo_token_advantages_workspace.restype = ctypes.c_size_t
    return library


def by_library(library, tokens, rewards):
    """tokens [groups, responses, length] int32, rewards [groups, responses] float32: advantages like tokens."""
    count, responses, length = tokens.shape
    group_offsets = torch.arange(count + 1, dtype=torch.int32) * responses
    response_offsets = torch.arange(count * responses + 1, dtype=torch.int32) * length
    groups = Groups(count, count * responses, responses, tokens.numel(), 0, group_offsets.data_ptr(),
                    response_offsets.data_ptr(), tokens.data_ptr(), None, None)
    options = CreditOptions(0, 1, EPSILON, 0)
    workspace = torch.empty(library.tempo_token_advantages_workspace(0, ctypes.byref(groups)), dtype=torch.uint8)
    advantages = torch.empty(tokens.shape)

    def run(offsets=(group_offsets, response_offsets)):  # which the library reads, so they must live
        result = library.tempo_token_advantages(
            0, ctypes.byref(groups), ctypes.c_void_p(rewards.data_ptr()), ctypes.byref(options),
            ctypes.c_void_p(advantages.data_ptr()), ctypes.c_void_p(workspace.data_ptr()),
            ctypes.c_size_t(workspace.numel()), None, None)
        if result != 0:
            raise SystemExit("error: " + library.tempo_kernels_message().decode())
    return run, advantages


def by_loops(tokens, rewards):
    """A = (r - mu + V(s') - V(s)) / (sigma + epsilon), V the mean reward of the responses that share a prefix."""
    advantages = torch.empty(tokens.shape)
    for group in range(tokens.shape[0]):
        mean, std = rewards[group].mean(), rewards[group].std()
        for response in range(tokens.shape[1]):
            shared = torch.ones(tokens.shape[1], dtype=torch.bool)
            value = mean
            for position in range(tokens.shape[2]):
                shared = shared & (tokens[group, :, position] == tokens[group, response, position])
                next_value = rewards[group][shared].mean()
                advantages[group, response, position] = \
                    (rewards[group, response] - mean + next_value - value) / (std + EPSILON)
                value = next_value
    return advantages


def sample(groups, responses, length, shared):
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(1 << 15, (groups, responses, length), generator=generator, dtype=torch.int32)
    tokens[:, :, :shared] = tokens[:, :1, :shared]
    rewards = torch.randint(2, (groups, responses), generator=generator).float()
    return tokens, rewards


def seconds(run, repetitions):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, default=ROOT / "build/release/lib/libtempo_kernels.so")
    parser.add_argument("--groups", type=int, default=4)
    parser.add_argument("--responses", type=int, default=8)
    parser.add_argument("--length", type=int, default=512)
    arguments = parser.parse_args()
    library = load(arguments.library)
    print("shared  library us/token  loops us/token  ratio  largest difference")
    for name, share in (("none", 0), ("half", 0.5), ("full", 1)):
        tokens, rewards = sample(arguments.groups, arguments.responses, arguments.length, int(arguments.length * share))
        run, advantages = by_library(library, tokens, rewards)
        run()
        start = time.perf_counter()
        expected = by_loops(tokens, rewards)
        slow = (time.perf_counter() - start) / tokens.numel()
        fast = seconds(run, 51) / tokens.numel()
        difference = (advantages - expected).abs().max().item()
        print(f"{name:6}  {fast * 1e6:16.5f}  {slow * 1e6:14.2f}  {slow / fast:5.0f}  {difference:.1e}")


if __name__ == "__main__":
    main()
