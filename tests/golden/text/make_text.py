"""Writes the golden files of the tokenizer: strings, vocabularies, and the ids that Python's `tokenizers` gives.

    python make_text.py SmolLM2-135M-Instruct.Q4_1.gguf

Made with tokenizers 0.23.3, gguf 0.19.0, numpy 2.4.6, Python 3.11. The same versions write the same bytes.

strings.jsonl        one JSON string a line
NAME.json            a trained tokenizer.json: gpt2, qwen2, llama3, mixed
NAME.gguf            the vocabulary of that tokenizer as a GGUF file: gpt2, qwen2, llama3
NAME.hash            FNV-1a of each string's ids (32 bits, little-endian), NAME as above or smollm2
NAME.ids.jsonl       the ids themselves, for each of the first 200 strings
NAME.decoded.jsonl   texts of random runs of ids: {"ids", "text", "skipped": text without special tokens}
"""
import json
import pathlib
import random
import sys

import gguf
import numpy
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from golden_strings import make_strings

HERE = pathlib.Path(__file__).parent
LISTED = 200
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + REST
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + REST
CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def byte_level(use_regex, add_prefix_space=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space, use_regex=use_regex)


def train(strings, pre_tokenizer, normalizer, specials, size=1000, alphabet=True):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    initial = sorted(pre_tokenizers.ByteLevel.alphabet()) if alphabet else []
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=initial, show_progress=False)
    tokenizer.train_from_iterator(strings, trainer)
    tokenizer.add_special_tokens(specials)
    return tokenizer


def with_ignored_merges(tokenizer):
    document = json.loads(tokenizer.to_str())
    document["model"]["ignore_merges"] = True
    return Tokenizer.from_str(json.dumps(document))


def mixed(strings):
    """All kinds of steps and flags that the usual tokenizers do not use together."""
    steps = [
        split(" ", "merged_with_next"),
        split(Regex("[#@]+"), "removed"),
        split(Regex(","), "merged_with_previous"),
        split(Regex(r"[a-z]+|\s+"), "contiguous", invert=True),
        pre_tokenizers.Digits(individual_digits=False),
        byte_level(True, add_prefix_space=True)]
    forms = normalizers.Sequence([normalizers.NFD(), normalizers.NFKC()])
    # Without the full alphabet and with an unknown token.
    tokenizer = train(strings[:400], pre_tokenizers.Sequence(steps), forms, ["<unk>", "<s>"], 500, alphabet=False)
    document = json.loads(tokenizer.to_str())
    document["model"]["vocab"]["<unk>"] = tokenizer.token_to_id("<unk>")
    document["model"].update(unk_token="<unk>", fuse_unk=True)
    tokenizer = Tokenizer.from_str(json.dumps(document))
    end = AddedToken("<|im_end|>", lstrip=True, rstrip=True, normalized=False, special=True)
    tokenizer.add_special_tokens([end])
    tokenizer.add_tokens([
        AddedToken("the", single_word=True, normalized=False),
        AddedToken("caf\u00e9", normalized=True),
        AddedToken("<think>", lstrip=True, normalized=False),
        AddedToken("12", rstrip=True),
        AddedToken("12345", normalized=False)])
    return tokenizer


def smollm2(path):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), byte_level(True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([token for token, kind in zip(tokens, types) if kind == gguf.TokenType.CONTROL])
    return tokenizer


def token_type(added, token_id):
    if token_id not in added:
        return gguf.TokenType.NORMAL
    return gguf.TokenType.CONTROL if added[token_id].special else gguf.TokenType.USER_DEFINED


def write_gguf(name, tokenizer, pre):
    model = json.loads(tokenizer.to_str())["model"]
    added = tokenizer.get_added_tokens_decoder()
    texts = [tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
    kinds = [token_type(added, i) for i in range(len(texts))]
    writer = gguf.GGUFWriter(HERE / f"{name}.gguf", "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(texts + ["[PAD0]", "[PAD1]"])
    writer.add_token_types(kinds + [gguf.TokenType.UNUSED] * 2)
    writer.add_token_merges([" ".join(merge) for merge in model["merges"]])
    writer.add_eos_token_id(tokenizer.token_to_id("<|im_end|>"))
    writer.add_bos_token_id(tokenizer.token_to_id("<|endoftext|>"))
    writer.add_add_bos_token(name == "llama3")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def fnv1a(ids):
    value = 0x811C9DC5
    for byte in numpy.asarray(ids, dtype="<i4").tobytes():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def write_lines(name, values):
    text = "".join(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n" for value in values)
    (HERE / name).write_bytes(text.encode())


def write_ids(name, tokenizer, strings):
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in strings]
    numpy.asarray([fnv1a(one) for one in ids], dtype="<u4").tofile(HERE / f"{name}.hash")
    write_lines(f"{name}.ids.jsonl", ids[:LISTED])


def write_decoded(name, tokenizer, seed):
    rng = random.Random(seed)
    added = sorted(tokenizer.get_added_tokens_decoder())
    rows = []
    for _ in range(100):
        ids = [rng.randrange(tokenizer.get_vocab_size()) for _ in range(rng.randrange(8))]
        if rng.random() < 0.5:
            ids.insert(rng.randrange(len(ids) + 1), rng.choice(added))
        rows.append({"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=False),
                     "skipped": tokenizer.decode(ids, skip_special_tokens=True)})
    write_lines(f"{name}.decoded.jsonl", rows)


def main(gguf_path):
    strings = make_strings()
    write_lines("strings.jsonl", strings)
    qwen2_steps = pre_tokenizers.Sequence([split(Regex(QWEN2)), byte_level(False)])
    llama3_steps = pre_tokenizers.Sequence([split(Regex(LLAMA3)), byte_level(False)])
    trained = {
        "gpt2": (train(strings, byte_level(True), None, CHATML), "gpt-2"),
        "qwen2": (train(strings, qwen2_steps, normalizers.NFC(), CHATML), "qwen2"),
        "llama3": (with_ignored_merges(train(strings, llama3_steps, None, CHATML)), "llama-bpe"),
        "mixed": (mixed(strings), None)}
    thoughts = [AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)]
    trained["qwen2"][0].add_tokens(thoughts)
    for seed, (name, (tokenizer, pre)) in enumerate(trained.items()):
        (HERE / f"{name}.json").write_text(tokenizer.to_str(pretty=False))
        write_ids(name, tokenizer, strings)
        write_decoded(name, tokenizer, seed)
        if pre:
            write_gguf(name, tokenizer, pre)
    reference = smollm2(gguf_path)
    write_ids("smollm2", reference, strings)
    write_decoded("smollm2", reference, len(trained))


if __name__ == "__main__":
    main(sys.argv[1])
