"""Makes the golden files of the model tests, in this folder: tiny random models saved by transformers, with their
tokens, logits and the gradient of every parameter; the same weights as GGUF files; greedy text of SmolLM2.

    python make_model_golden.py SMOLLM2.gguf

Made with torch 2.15.0, transformers 5.23.0, safetensors 0.8.0, gguf 0.19.0. The tests read the files only.
"""

import json
import pathlib
import shutil
import sys

import gguf
import numpy
import torch
import transformers
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent
TOKENS = 20
SHAPE = dict(
    vocab_size=64, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    max_position_embeddings=512, bos_token_id=1, attn_implementation="eager",
)
LLAMA3 = dict(rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
# The GGUF form of Llama 3's scaling leaves these out: they are those of every released Llama 3.
LLAMA3_GGUF = dict(LLAMA3, original_max_position_embeddings=8192, rope_theta=500000.0, factor=32.0)
MODELS = {
    "llama_tied": transformers.LlamaConfig(**SHAPE, num_key_value_heads=2, tie_word_embeddings=True, eos_token_id=2),
    "llama3_bias": transformers.LlamaConfig(
        **SHAPE, num_key_value_heads=1, attention_bias=True, rope_parameters=LLAMA3, eos_token_id=[2, 3]),
    "qwen2": transformers.Qwen2Config(**SHAPE, num_key_value_heads=2, rope_parameters=dict(
        rope_type="default", rope_theta=1000.0), eos_token_id=2),
    "qwen3": transformers.Qwen3Config(**SHAPE, num_key_value_heads=2, head_dim=12, eos_token_id=2),
}


def randomise(model, seed):
    """Weights large enough that every term of the forward pass shows in the logits."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 2:
                parameter.copy_(noise * 1.5 / parameter.shape[1] ** 0.5)
            else:
                parameter.copy_(noise * 0.3 + (1.0 if parameter.mean() > 0.5 else 0.0))


def expected_values(model, seed):
    """loss = sum(logits * loss_weight): every logit and so every parameter has a gradient of order one."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(0, SHAPE["vocab_size"], (TOKENS,), generator=generator)
    loss_weight = torch.randn(TOKENS, SHAPE["vocab_size"], generator=generator) / TOKENS
    logits = model(tokens[None]).logits[0]
    (logits * loss_weight).sum().backward()
    values = {"tokens": tokens, "loss_weight": loss_weight, "logits": logits.detach()}
    for name, parameter in model.named_parameters():
        values["grad." + name] = parameter.grad
    return {name: value.contiguous() for name, value in values.items()}


def clean(folder):
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def make_models():
    for seed, (name, config) in enumerate(MODELS.items()):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
        randomise(model, seed)
        model.save_pretrained(clean(FOLDER / name))
        save_file(expected_values(model, seed), FOLDER / name / "expected.safetensors")
        if name == "llama_tied":
            model.save_pretrained(clean(FOLDER / "llama_tied_sharded"), max_shard_size="30KB")
        if name in ("llama3_bias", "qwen3"):
            write_gguf(model, FOLDER / f"{name}.gguf")


def interleave(values, heads):
    """The order in which llama.cpp's converter stores the rows of q and k of the Llama architecture."""
    half = values.shape[0] // heads // 2
    return values.reshape(heads, 2, half, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def write_gguf(model, path):
    config = model.config
    llama = config.model_type == "llama"
    writer = gguf.GGUFWriter(path, config.model_type)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base((LLAMA3_GGUF if llama else config.rope_parameters)["rope_theta"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    names = gguf.get_tensor_name_map(
        gguf.MODEL_ARCH.LLAMA if llama else gguf.MODEL_ARCH.QWEN3, config.num_hidden_layers)
    for name, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        if llama and ".q_proj." in name:
            values = interleave(values, config.num_attention_heads)
        if llama and ".k_proj." in name:
            values = interleave(values, config.num_key_value_heads)
        writer.add_tensor(names.get_name(name, (".weight", ".bias")), numpy.ascontiguousarray(values))
    if llama:
        writer.add_tensor("rope_freqs.weight", rope_divisors(config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def rope_divisors(config):
    plain = LLAMA3_GGUF["rope_theta"] ** (torch.arange(0, config.head_dim, 2) / config.head_dim)
    scaled_config = transformers.LlamaConfig(
        hidden_size=config.hidden_size, num_attention_heads=config.num_attention_heads, rope_parameters=LLAMA3_GGUF)
    scaled = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS["llama3"](scaled_config)[0]
    return (1 / plain / scaled).numpy().astype(numpy.float32)


def make_greedy(path):
    """Thirty-two greedy tokens after each of three prompts."""
    source = dict(pretrained_model_name_or_path=path.parent, gguf_file=path.name)
    tokenizer = transformers.AutoTokenizer.from_pretrained(**source)
    model = transformers.AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32).eval()
    chat = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    cases = []
    for prompt in [chat, "The three laws of motion say that", "def fibonacci(n):\n    "]:
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        answer = model.generate(ids, max_new_tokens=32, do_sample=False, eos_token_id=None)[0, ids.shape[1]:]
        logits = model(torch.cat([ids, answer[None]], 1)).logits[0, ids.shape[1] - 1:-1]
        best = logits.topk(2).values
        print(repr(tokenizer.decode(answer)), "least margin", (best[:, 0] - best[:, 1]).min().item())
        cases.append({"prompt": ids[0].tolist(), "answer": answer.tolist()})
    (FOLDER / "smollm2_greedy.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    make_models()
    make_greedy(pathlib.Path(sys.argv[1]))
