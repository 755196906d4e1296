"""Times rollouts of llama.cpp through its batch interface: prints one JSON object with the seconds of each repetition.

Usage: llama_cpp_rollout.py MODEL.gguf REQUEST.json, a request of rollout_speed.py with one response a prompt. Prompts
and each new token of all sequences go through llama_decode together; llama.cpp's own chain of samplers draws at
temperature 1. A stop token ends nothing, so that the length is forced.
"""

import ctypes
import json
import sys
import time

import llama_cpp as ll

BATCH_TOKENS = 2048  # of one llama_decode; llama.cpp's default


class Sequences:
    def __init__(self, model_path, count, length, threads):
        self.count = count
        ll.llama_backend_init()
        self.model = ll.llama_model_load_from_file(model_path.encode(), ll.llama_model_default_params())
        if not self.model:
            raise ValueError(f"{model_path}: expected a GGUF model, llama.cpp could not load it")
        settings = ll.llama_context_default_params()
        settings.n_ctx, settings.n_seq_max = count * (-(-length // 256) * 256), count
        settings.n_batch, settings.n_threads, settings.n_threads_batch = BATCH_TOKENS, threads, threads
        self.context = ll.llama_init_from_model(self.model, settings)
        if not self.context:
            raise ValueError(f"expected room for {count} sequences of {length} tokens, llama.cpp found none")
        self.batch = ll.llama_batch_init(BATCH_TOKENS, 0, 1)

    def add(self, token, position, sequence, sampled):
        i = self.batch.n_tokens
        self.batch.token[i], self.batch.pos[i] = token, position
        self.batch.n_seq_id[i], self.batch.seq_id[i][0] = 1, sequence
        self.batch.logits[i] = sampled
        self.batch.n_tokens = i + 1
        return i

    def decode(self):
        status = ll.llama_decode(self.context, self.batch)
        if status != 0:
            raise ValueError(f"llama_decode: expected 0, got {status}")

    def prefill(self, prompts, samplers):
        """Returns the first token of each sequence. A prompt is never cut by the end of a batch."""
        first, waiting = [0] * self.count, []

        def flush():
            self.decode()
            for sequence, row in waiting:
                first[sequence] = ll.llama_sampler_sample(samplers[sequence], self.context, row)
            waiting.clear()
            self.batch.n_tokens = 0

        self.batch.n_tokens = 0
        for sequence, prompt in enumerate(prompts):
            if self.batch.n_tokens + len(prompt) > BATCH_TOKENS:
                flush()
            for position, token in enumerate(prompt):
                row = self.add(token, position, sequence, position + 1 == len(prompt))
            waiting.append((sequence, row))
        flush()
        return first

    def sample(self, prompts, new_tokens, samplers):
        ll.llama_memory_clear(ll.llama_get_memory(self.context), True)
        responses = [[token] for token in self.prefill(prompts, samplers)]
        for step in range(1, new_tokens):
            self.batch.n_tokens = 0
            for sequence, response in enumerate(responses):
                self.add(response[-1], len(prompts[sequence]) + step - 1, sequence, True)
            self.decode()
            for sequence, response in enumerate(responses):
                response.append(ll.llama_sampler_sample(samplers[sequence], self.context, sequence))
        return responses


def make_sampler(seed):
    chain = ll.llama_sampler_chain_init(ll.llama_sampler_chain_default_params())
    ll.llama_sampler_chain_add(chain, ll.llama_sampler_init_temp(1.0))
    ll.llama_sampler_chain_add(chain, ll.llama_sampler_init_dist(seed))
    return chain


@ll.llama_log_callback
def be_quiet(level, text, user_data):
    pass


def main(model_path, request_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    if request["responses"] != 1:
        raise ValueError("expected one response a prompt")
    ll.llama_log_set(be_quiet, ctypes.c_void_p(0))
    prompts, new_tokens = request["prompts"], request["new_tokens"]
    longest = max(map(len, prompts)) + new_tokens
    sequences = Sequences(model_path, len(prompts), longest, request["threads"])
    samplers = [make_sampler(seed) for seed in range(len(prompts))]
    seconds = []
    for _ in range(1 + request["repetitions"]):
        begin = time.perf_counter()
        responses = sequences.sample(prompts, new_tokens, samplers)
        seconds.append(time.perf_counter() - begin)
    system = ll.llama_print_system_info().decode()
    print(json.dumps({"seconds": seconds[1:], "tokens": sum(map(len, responses)), "system": system,
                      "first_response": responses[0]}))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"error: {error}")
