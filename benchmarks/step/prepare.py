"""Makes, once, what both sides of a benchmark read, in a work folder: the model of a GGUF file as a Hugging Face folder
and as a GGUF file, both in bfloat16, and the problems of each task with their prompts as token ids."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import gguf
import torch
from gguf.scripts.gguf_new_metadata import MetadataDetails, copy_with_new_metadata
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

REASON = "\n\nReason step by step, and put your final answer within \\boxed{}."


def save_huggingface(source, folder):
    """A GGUF model that transformers has read cannot be saved: its values go to a model made from its configuration."""
    names = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
    quantised = AutoModelForCausalLM.from_pretrained(**names, dtype=torch.float32)
    config = quantised.config
    del config.quantization_config
    model = AutoModelForCausalLM.from_config(config)
    model.load_state_dict(quantised.state_dict())
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(**names)
    # transformers loses this part of SmolLM2's tokenizer: without it two spaces before a digit are two tokens.
    tokenizer.backend_tokenizer.pre_tokenizer = Sequence([Digits(individual_digits=True), ByteLevel(False)])
    tokenizer.save_pretrained(folder)


def widen(tensor):
    """Matrices become bfloat16; the norms stay float32, as llama.cpp wants them."""
    if tensor.tensor_type == gguf.GGMLQuantizationType.F32:
        return
    values = gguf.dequantize(tensor.data, tensor.tensor_type)
    tensor.data = gguf.quantize(values, gguf.GGMLQuantizationType.BF16)
    tensor.tensor_type, tensor.n_bytes = gguf.GGMLQuantizationType.BF16, tensor.data.nbytes


def save_gguf(source, path):
    reader = gguf.GGUFReader(source)
    tensors = []
    for tensor in reader.tensors:
        tensor = WritableTensor(**tensor._asdict())
        widen(tensor)
        tensors.append(tensor)
    reader.tensors = tensors
    kind = MetadataDetails(gguf.GGUFValueType.UINT32, int(gguf.LlamaFileType.MOSTLY_BF16))
    writer = gguf.GGUFWriter(path, reader.get_field(gguf.Keys.General.ARCHITECTURE).contents())
    copy_with_new_metadata(reader, writer, {gguf.Keys.General.FILE_TYPE: kind}, [])


class WritableTensor:
    def __init__(self, **fields):
        self.__dict__.update(fields)


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def medqa_problem(row):
    options = "\n".join(f"{letter}. {text}" for letter, text in row["options"].items())
    return f"{row['problem']}\n\n{options}\n\nAnswer with the letter only."


def tasks(data):
    """name: (file, problem of a row, fewest and most prompt tokens)"""
    return {"arithmetic": (Path("examples/data/arithmetic_train.jsonl"), lambda row: row["problem"], 1, 100),
            "medqa": (data / "medqa_dev.jsonl", medqa_problem, 250, 350),
            "math": (data / "math_train.jsonl", lambda row: row["problem"] + REASON, 60, 250)}


def save_task(task, tokenizer, path):
    file, problem, fewest, most = task
    rows = []
    for row in read(file):
        message = [{"role": "user", "content": problem(row)}]
        tokens = tokenizer.apply_chat_template(message, add_generation_prompt=True)["input_ids"]
        scorable = "options" in row or row["answer"].lstrip("-").isdigit()
        if fewest <= len(tokens) <= most and scorable and len(rows) < 512:
            kept = {key: row[key] for key in ("id", "answer", "options") if key in row}
            rows.append({**kept, "problem": problem(row), "prompt_tokens": tokens})
    if not rows:
        raise ValueError(f"{file}: expected problems with prompts of {fewest} to {most} tokens, found none")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def make(path, maker):
    """Nothing half made keeps the final name."""
    if path.exists():
        return
    unfinished = path.with_name(path.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    maker(unfinished)
    os.replace(unfinished, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder for what is made")
    parser.add_argument("--model", type=Path, required=True, help="GGUF file")
    parser.add_argument("--data", type=Path, required=True, help="folder with medqa_dev.jsonl and math_train.jsonl")
    options = parser.parse_args()
    logging.disable_progress_bar()
    options.work.mkdir(parents=True, exist_ok=True)
    make(options.work / "huggingface", lambda path: save_huggingface(options.model, path))
    make(options.work / "bf16.gguf", lambda path: save_gguf(options.model, path))
    tokenizer = AutoTokenizer.from_pretrained(options.work / "huggingface")
    for name, task in tasks(options.data).items():
        if task[0].exists():
            make(options.work / f"{name}.jsonl", lambda path: save_task(task, tokenizer, path))


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
