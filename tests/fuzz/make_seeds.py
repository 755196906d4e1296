#!/usr/bin/env python3
"""Writes tests/fuzz/seeds/<target>/: small inputs, right ones and nearly right ones, that the fuzz targets start from.

    tests/fuzz/make_seeds.py
"""

import json
import random
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEPARATOR = b"\x1e"


def write(target, inputs):
    """Replaces the seeds of a target by inputs, a name each."""
    folder = HERE / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in inputs.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def parts(*texts):
    return SEPARATOR.join(text if isinstance(text, bytes) else text.encode() for text in texts)


# safetensors

def safetensors(header, data=b""):
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return struct.pack("<Q", len(text)) + text + data


def safetensors_seeds():
    sizes = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for dtype, size in sizes.items():
        header[f"t.{dtype}"] = {"dtype": dtype, "shape": [2, 1], "data_offsets": [end, end + 2 * size]}
        end += 2 * size
    scalar = {"s": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}
    empty = {"e": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}
    return {"all_types": safetensors(header, bytes(range(end))), "scalar": safetensors(scalar, b"\0\0\x80\x3f"),
            "empty": safetensors(empty), "no_tensors": safetensors({}),
            "index": json.dumps({"metadata": {"total_size": 8}, "weight_map": {"a": "model-1.safetensors"}}),
            "large_number": safetensors(b'{"a": 1e999}'), "deep": safetensors(b"[" * 2000)}


# GGUF

def gguf_text(text):
    content = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(content)) + content


def gguf_value(value):
    """A value with the number of its type before it."""
    if isinstance(value, bool):
        return struct.pack("<IB", 7, value)
    if isinstance(value, int):
        return struct.pack("<Ii", 5, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_text(value)
    kind = gguf_value(value[0])[:4]
    return struct.pack("<I", 9) + kind + struct.pack("<Q", len(value)) + b"".join(gguf_value(v)[4:] for v in value)


def gguf(metadata, tensors=(), data=b""):
    """tensors: (name, sizes, type, offset), sizes innermost first."""
    text = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        text += gguf_text(key) + gguf_value(value)
    for name, sizes, kind, offset in tensors:
        text += gguf_text(name) + struct.pack("<I", len(sizes)) + b"".join(struct.pack("<Q", s) for s in sizes)
        text += struct.pack("<IQ", kind, offset)
    return text + bytes(-len(text) % 32) + data


def gguf_seeds():
    blocks = {0: (1, 4), 1: (1, 2), 30: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
              12: (256, 144), 13: (256, 176), 14: (256, 210)}
    tensors, data = [], b""
    for kind, (values, size) in blocks.items():
        tensors.append((f"t{kind}", [values, 1], kind, len(data)))
        data += bytes(i * 7 % 256 for i in range(size))
        data += bytes(-len(data) % 32)
    metadata = {"general.architecture": "llama", "general.alignment": 32, "flag": True, "float": 0.5,
                "texts": ["a", "b"], "numbers": [1, 2, 3], "floats": [0.5, 1.5], "flags": [True, False]}
    return {"all_types": gguf(metadata, tensors, data), "no_tensors": gguf(metadata),
            "one": gguf({}, [("t", [4, 2], 0, 0)], bytes(32)), "split": gguf({"split.count": 2})}


def byte_alphabet():
    """GPT-2's character of each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b if b in plain else next(others)) for b in range(256)]


def vocabulary_seeds():
    tokens = [*byte_alphabet()[97:110], "Ġ", "ab", "abc", "<|endoftext|>", "<|im_end|>", "pad"]
    types = [1] * (len(tokens) - 3) + [3, 4, 5]
    base = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": types, "tokenizer.ggml.merges": ["a b", "ab c"],
            "tokenizer.ggml.bos_token_id": len(tokens) - 3, "tokenizer.ggml.eos_token_id": len(tokens) - 2,
            "tokenizer.ggml.add_bos_token": True, "tokenizer.chat_template": "<|im_start|>{{ x }}<|im_end|>"}
    seeds = {rules: gguf({**base, "tokenizer.ggml.pre": rules})
             for rules in ("qwen2", "gpt-2", "llama-bpe", "smollm", "default")}
    unigram = {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", "<0x0A>", "▁a", "b"],
               "tokenizer.ggml.scores": [0.0, 0.0, 0.0, 0.0, -1.0, -2.0],
               "tokenizer.ggml.token_type": [2, 3, 3, 6, 1, 1], "tokenizer.ggml.bos_token_id": 1,
               "tokenizer.ggml.eos_token_id": 2, "tokenizer.ggml.unknown_token_id": 0}
    return {**seeds, "sentencepiece": gguf(unigram)}


# Sentencepiece

def varint(number):
    low, high = number & 127, number >> 7
    return bytes([low | 128]) + varint(high) if high else bytes([low])


def field(number, value):
    """A field of a protocol buffer: a float, an integer, or a text or message."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(content)) + content


def sentencepiece_seeds():
    def piece(text, score, kind):
        return field(1, field(1, text) + field(2, score) + field(3, kind))

    def model(kind, *settings, byte_fallback=0, pieces=b""):
        words = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3), ("user", 0.0, 4), ("▁H", -1.0, 1), ("▁", -2.0, 1),
                 ("e", -3.0, 1), ("l", -4.0, 1), ("o", -5.0, 1), ("lo", -2.5, 1), ("un", -9.0, 5)]
        text = b"".join(piece(*word) for word in words) + pieces
        trainer = field(3, kind) + field(4, len(words)) + field(35, byte_fallback) + field(45, "<unk>")
        normalizer = field(1, "identity") + b"".join(field(*setting) for setting in settings)
        return text + field(2, trainer) + field(3, normalizer)

    all_bytes = b"".join(piece(f"<0x{b:02X}>", 0.0, 6) for b in range(256))
    return {"unigram": model(1, (3, 1), (4, 1), (5, 1)), "bpe": model(2, (3, 0), (4, 0), (5, 1)),
            "bytes": model(2, (3, 1), byte_fallback=1, pieces=all_bytes), "word": model(3), "char": model(4),
            "charsmap": model(1, (2, struct.pack("<I", 8) + b"\0" * 8 + b"a\0b\0")),
            "not_a_number": model(1, pieces=piece("x", float("nan"), 1)), "twice": model(1, pieces=piece("e", -1.0, 1)),
            "cut": model(1)[:40]}


# Text

def tokenizer_document(**changes):
    alphabet = byte_alphabet()
    vocabulary = {token: i for i, token in enumerate([*alphabet[97:105], "Ġ", "ab", "abc"])}
    document = {"added_tokens": [{"id": 11, "content": "<|im_end|>", "special": True},
                                 {"id": 12, "content": "ba", "lstrip": True, "rstrip": True, "single_word": True}],
                "normalizer": {"type": "NFC"},
                "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                    {"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}|\\s+(?!\\S)|[^\\r\\n]+"},
                     "behavior": "Isolated", "invert": False},
                    {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}]},
                "decoder": {"type": "ByteLevel"},
                "model": {"type": "BPE", "unk_token": None, "vocab": vocabulary, "merges": ["a b", ["ab", "c"]]}}
    document.update(changes)
    return document


def tokenizer_json_seeds():
    digits = {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True},
                                                    {"type": "ByteLevel"}]}
    literal = {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithNext", "invert": True},
        {"type": "ByteLevel"}]}
    seeds = {"sequence": tokenizer_document(), "digits": tokenizer_document(pre_tokenizer=digits),
             "literal": tokenizer_document(pre_tokenizer=literal),
             "plain": tokenizer_document(normalizer=None, pre_tokenizer={"type": "ByteLevel"}, added_tokens=[])}
    texts = {name: json.dumps(document, ensure_ascii=False) for name, document in seeds.items()}
    return {**texts, "large_number": '{"model": 1e999}', "deep": "[" * 2000}


def tokenizer_seeds():
    texts = ["Hello world's 2,880\n\n  x=5 \t", "<|im_start|>user\nWhat?<|im_end|>", "é€😀 日本語 e\u0301 \u200d",
             "a" * 200, " " * 200, "12345678901234567890"]
    seeds = {f"text{i}_{kind}": bytes([kind]) + text.encode() for i, text in enumerate(texts) for kind in range(4)}
    return {**seeds, "not_utf8": b"\0\xff\xc3\xe2\x82\xf0\x9f\x98 \xed\xa0\x80"}


def chat_seeds():
    chatml = ("{% for m in messages %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n'}}"
              "{% endfor %}")
    system = "<|im_start|>system\\nYou are a helpful assistant.<|im_end|>" + chatml
    qwen3 = chatml + "{% if enable_thinking %}{{ last_query_index }}"
    llama3 = "{{ '<|start_header_id|>' + role + '<|end_header_id|>\\n\\n' + content | trim + '<|eot_id|>' }}"
    gemma = "{{ '<start_of_turn>' + role + '\\n' + content | trim + '<end_of_turn>\\n' }}"
    turns = ["dWhat is 1 + 1?", "a<think>\nsum\n</think>\n\n2", "d<tool_response>x</tool_response>", "bBe brief."]
    templates = {"chatml": chatml, "system": system, "qwen3": qwen3, "llama3": llama3, "gemma": gemma, "none": ""}
    return {name: parts(template, *turns) for name, template in templates.items()}


def dataset_seeds():
    rows = [{"problem": "1 + 1?", "answer": "2", "id": "a", "subject": "sums", "level": 1},
            {"problem": "Which?", "answer": "B", "options": {"A": "one", "B": "two"}},
            {"problem": "x \\boxed{é}", "answer": -3, "id": 7}]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    nested = {"a": {"problem": "Which?", "options": {"text": ["one", "two"]}}, "answer": 2}
    forms = [{"problem": "Which?", "answer": "two", "options": ["one", "two"]},
             {"problem": "Which?", "answer": 1.5, "options": {"A": "1.5", "B": 2, "C": True}}]
    return {"rows": lines, "nested": json.dumps(nested), "forms": "\ufeff" + "\n".join(json.dumps(f) for f in forms),
            "line_break_in_answer": '{"problem": "a", "answer": "x\\ny", "options": {"A": "1"}}',
            "large_number": '{"problem": "a", "answer": 1e999}', "deep": '{"problem": ' + "[" * 3000,
            "not_utf8": b'{"problem": "\xff", "answer": "1"}', "text": "1\n"}


def model_config_seeds():
    base = {"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_act": "silu",
            "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 1e4, "tie_word_embeddings": True,
            "bos_token_id": 1, "eos_token_id": [1, 2]}
    llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
              "original_max_position_embeddings": 64, "rope_theta": 5e5}
    kinds = {"llama": base, "llama3": {**base, "rope_scaling": llama3}, "rope5": {**base, "rope_parameters": llama3},
             "qwen2": {**base, "model_type": "qwen2", "use_sliding_window": False},
             "qwen3": {**base, "model_type": "qwen3", "head_dim": 16, "layer_types": ["full_attention"] * 2},
             "no_ids": {**base, "bos_token_id": []}, "line_break": {**base, "model_type": "a\nb"}}
    seeds = {name: parts(json.dumps(kind), '{"eos_token_id": 3}') for name, kind in kinds.items()}
    return {**seeds, "alone": json.dumps(base), "large_number": '{"vocab_size": 1e999}',
            "deep": '{"model_type": ' + "[" * 20000 + "]" * 20000 + "}", "deep_alone": "[" * 30000 + "]" * 30000}


MATH = ["\\frac{1}{2}", "0.5", "x=5", "(-\\infty, 3] \\cup [5, \\infty)", "2,\\!880", "101_2", "\\text{(C)}",
        "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "3\\sqrt{2} + \\pi", "\\{1, 2, 3\\}", "x^2 - 2x + 1",
        "(x-1)^2", "50\\%", "1.5 \\times 10^{3}", "\\$12.50", "90^\\circ", "3\\frac{1}{2}", "5\\text{ cm}",
        "9^{9^{9^{9}}}", "1/0", "\\pm 3", "x \\le 4", "\\log_2 8", "\\binom{5}{2}", "7!", "|x|", "\\sin(x)",
        "10^{100000}", "\\sqrt[3]{27}", "0.\\overline{3}", "-\\dfrac{7}{3}", "\\left(\\frac{1}{2}, 4\\right)"]


def math_seeds():
    rows = {f"pair{i:02}": parts(b"\1" + MATH[i].encode(), MATH[(i + 1) % len(MATH)]) for i in range(len(MATH))}
    rows.update({f"same{i:02}": parts(b"\0The answer is $\\boxed{" + m.encode() + b"}$.", m)
                 for i, m in enumerate(MATH)})
    rows["braces"] = parts(b"\0\\boxed" + b"{" * 20000, "1")
    rows["powers"] = parts(b"\1" + b"9^{" * 3000 + b"9" + b"}" * 3000, "9")
    rows["long"] = parts(b"\1" + b"1+" * 20000 + b"1", "20001")
    rows["digits"] = parts(b"\1" + b"9" * 30000, "9" * 30000)
    rows["not_utf8"] = parts(b"\1\\boxed{\xff\0\xc3}", b"\xff")
    rows["tag"] = parts(b"\1<think>\\boxed{1}</think><answer>2</answer> #### 3", "2")
    return rows


def rewards_seeds():
    responses = ["The answer is 42.", "\\boxed{\\frac{1}{2}}", "#### -1,234.5e3", "(B) because A is wrong",
                 "<think>7</think>\n<answer>C</answer>", "B. two", "$3.50 or 7/2", "no answer", "A and B", "50%"]
    answers = ["42", "1/2", "-1234500", "B", "C", "b", "3.5", "none", "1e400", "-0"]
    texts = ["Aspirin", "one", "one", "two words", ""]
    rows = {f"pair{i}": parts(bytes([i % 4]) + r.encode(), a, *texts)
            for i, (r, a) in enumerate(zip(responses, answers))}
    rows["digits"] = parts(b"\0" + b"1" * 5000, "1" * 5000)
    rows["exponent"] = parts(b"\0" + b"1e999999999", "1e-999999999")
    rows["not_utf8"] = parts(b"\1\xff\0\xc3", b"\xff\n")
    return rows


def reward_regex_seeds():
    cases = [(r"\\boxed\{(\d+)\}", "42", "so \\boxed{42}."), (r"(a+)+$", "", "a" * 60 + "b"), (r"^.*$", "", "a\nb"),
             (r"(?i)answer: (?<x>\w+)\k<x>?", "b", "Answer: bb"), (r"(?R)?|[[:alpha:]]\p{L}*+", "", "é"),
             (r"(?=(.*))(?<!a)\X\R", "x", "x\r\n"), (r"(.{1,500}){1,500}", "", "a" * 300), ("[", "", "")]
    return {f"case{i}": parts(bytes([1 << 6 if "(" in p else i % 2]) + p.encode(), a, r)
            for i, (p, a, r) in enumerate(cases)}


def worker_line_seeds():
    rows = [{"id": 3, "score": 1, "reason": "é", "extracted": "x"}, {"score": -0.5}, {"score": "1"},
            {"id": 2**64 - 1, "score": 1e7}, {"id": None, "score": 0, "reason": None}]
    seeds = {f"row{i}": json.dumps(row, ensure_ascii=False) for i, row in enumerate(rows)}
    deep = "[" * 30000 + "]" * 30000
    return {**seeds, "large_number": '{"score": 1e999}', "deep": f'{{"score": 1, "reason": {deep}}}',
            "deep_id": f'{{"score": 1, "id": {deep}}}', "text": "Traceback", "not_utf8": b'{"score": 1, "reason": "\xff"}'}


def verify_line_seeds():
    rows = [{"gold": "1/2", "pred": "0.5", "id": 1, "equivalent": True}, {"gold": 7, "pred": "\\boxed{7}", "id": "a"},
            {"gold": "x"}, {"gold": "1", "pred": None}, {"gold": "\ud800", "pred": "\n\u0000"}, []]
    seeds = {f"row{i}": json.dumps(row) for i, row in enumerate(rows)}
    return {**seeds, "large_number": '{"gold": 1e999, "pred": "1"}', "deep": '{"gold": "1", "pred": ' + "[" * 3000,
            "not_utf8": b'{"gold": "\xff", "pred": "1"}'}


def group_line_seeds():
    rows = [{"responses": [[1, 2], [1, 3], []], "rewards": [1, 0, 0.5]}, {"responses": [], "rewards": []},
            {"id": [{"x": None}], "responses": [[2147483647]], "rewards": [-1e30], "more": True}]
    seeds = {f"row{i}": json.dumps(row) for i, row in enumerate(rows)}
    return {**seeds, "nan": '{"responses": [[1]], "rewards": [NaN]}', "large": '{"responses": [[1e999]]}',
            "deep": '{"x": ' + "[" * 4000}


def yaml_seeds():
    full = """model: a/b
data: "x: y"
shuffle: true
train: {threads: 2, tokens: -5, seed: 18446744073709551615, rate: 1e-5, clip: null, betas: [0.9, 0.999]}
rewards:
  - kind: choice
    weight: 0.5
  - {}
"""
    return {"full": full, "overrides": parts("train.threads=3", "rewards.0.weight=2", "model=null", full),
            "aliases": "a: &a [1]\nb: &b [*a, *a]\nmodel: *b\n", "unknown": "modle: x\n", "quoted": 'model: "a\\nb"\n',
            "block": "model: |\n  two\n  lines\ntrain:\n  command: ['a b', \"\\x07\", ~]\n", "deep": "[" * 1000,
            "documents": "---\nmodel: a\n---\nmodel: b\n", "after_end": "model: a\n...\n, n]\n",
            "control_bytes": "mod\0\0`p\0\x18: |\n  two\n a dat :lines\ntrain:\n  command: ['a b'^^, \"\\x08\", n]\n",
            "tag": "model: !!str 5\ndata: !x y\n"}


def kernels_seeds():
    def case(groups, responses, lengths, prompts, seed):
        random.seed(seed)
        tokens = sum(lengths)
        body = struct.pack("<bbbbbb", 0, groups, responses, responses, tokens, prompts)
        each = responses // groups
        body += b"\0" + bytes([each] * (groups + 1))
        body += b"\0" + bytes([*lengths, 0])
        body += bytes(random.randrange(2) for _ in range(tokens))
        if prompts:
            body += b"\0" + bytes([prompts // groups] * (groups + 1)) + bytes(random.randrange(9) for _ in range(prompts))
        credit = struct.pack("<bbdd", seed % 4, 1, 1e-6, 0.5)
        return body + credit + b"".join(struct.pack("<f", random.random()) for _ in range(responses))

    huge = struct.pack("<bbbb", 0, 1, 1, 1) + b"\x80" + struct.pack("<q", 2**63 - 1) + b"\x80" + struct.pack("<q", 2**63 - 1)
    return {"two_groups": case(2, 4, [3, 3, 2, 5], 6, 1), "one_group": case(1, 5, [4, 4, 4, 0, 7], 0, 2),
            "many": case(3, 9, [8] * 9, 9, 3), "none": case(1, 0, [], 0, 0), "huge": huge}


def checkpoint_seeds():
    digest = {"size": 1873, "xxh3": "8a5f0f1c2b3d4e5f"}
    manifest = {"format": "tempo checkpoint 1", "files": {"state.json": digest, "shard-0-of-1.safetensors": digest}}
    state = {"step": 7, "cursor": 56, "updates": 14, "num_tokens": 1234, "evaluated": True, "logs": {"metrics.jsonl": 99},
             "metrics": {"reward": 0.1}, "version": "1.2", "data": "fedcba9876543210",
             "config_fingerprint": "0000000000000005", "config": "a: b\n"}
    return {"manifest": json.dumps(manifest), "elsewhere": json.dumps({**manifest, "files": {"../x": digest}}),
            "state": json.dumps(state), "negative": json.dumps({**state, "step": -1}),
            "fraction": json.dumps({**state, "cursor": 1e300}), "deep": "[" * 2000}


def shard_seeds():
    def shard(*parts):
        header, data = {}, b""
        for name, dtype, size, numbers in parts:
            header[name] = {"dtype": dtype, "shape": [numbers], "data_offsets": [len(data), len(data) + size * numbers]}
            data += bytes(size * numbers)
        return safetensors(header, data)

    whole = [("p[0:3].weight", "BF16", 2, 3), ("p[0:3].remainder", "I16", 2, 3), ("p[0:3].moment1", "F32", 4, 3),
             ("p[0:3].updates", "I64", 8, 1)]
    return {"whole": shard(*whole), "two": shard(*whole, ("p[3:5].weight", "BF16", 2, 2), ("p[3:5].updates", "I64", 8, 1)),
            "gap": shard(*whole, ("p[4:5].weight", "BF16", 2, 1)), "other_name": shard(("p", "F32", 4, 1)),
            "huge": shard((f"p[0:{2**62}].weight", "F32", 4, 0)), "no_updates": shard(("p[0:2].weight", "F32", 4, 2))}


def wire_seeds():
    def text(content):
        return struct.pack("<Q", len(content)) + content

    item = struct.pack("<q", 5) + text(b"item") + struct.pack("<Qd", 1, 0.5)
    items = struct.pack("<Q", 2) + item + item
    nested = struct.pack("<QQiiQ", 2, 2, 1, 2, 0)
    end = struct.pack("<Q", 1) + text(b"t") + struct.pack("<HHH", 1, 2, 3)
    whole = items + nested + end
    return {"whole": whole, "cut": whole[:-1], "more": whole + b"\0", "empty": bytes(30), "text": text(b"abc"),
            "huge": struct.pack("<Q", 2**63)}


SEEDS = {"safetensors": safetensors_seeds, "gguf": gguf_seeds, "vocabulary": vocabulary_seeds,
         "sentencepiece": sentencepiece_seeds,
         "tokenizer_json": tokenizer_json_seeds, "tokenizer": tokenizer_seeds, "chat": chat_seeds,
         "dataset": dataset_seeds, "model_config": model_config_seeds, "math": math_seeds, "rewards": rewards_seeds,
         "reward_regex": reward_regex_seeds, "worker_line": worker_line_seeds,
         "group_line": group_line_seeds, "verify_line": verify_line_seeds, "yaml": yaml_seeds, "kernels": kernels_seeds,
         "checkpoint": checkpoint_seeds, "shard": shard_seeds, "wire": wire_seeds}

if __name__ == "__main__":
    for target, seeds in SEEDS.items():
        write(target, seeds())
