"""Writes the models of the tests, and what the reference computes with them, in a form that every language reads.

python prepare.py TARGET MINILM    # MINILM is the directory of the real all-MiniLM-L6-v2

Expected values are lines of columns with tabs between them; numbers of one column have spaces between them.
"""

from __future__ import annotations

import json
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

GOLDENS = Path(__file__).resolve().parents[1] / "goldens"
TASKS = {
    "text-classification": "text_classification",
    "token-classification": "token_classification",
    "zero-shot-classification": "zero_shot",
    "question-answering": "question_answering",
}


def read_tensors(file: Path) -> tuple[dict[str, Any], bytes]:
    """The header and the data of a safetensors file."""
    content = file.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def write_merged(files: list[Path], target: Path) -> None:
    """Writes a safetensors file with the tensors of several; later ones replace those of the same name."""
    tensors: dict[str, tuple[dict[str, Any], bytes]] = {}
    for file in files:
        header, data = read_tensors(file)
        header.pop("__metadata__", None)
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            tensors[name] = (entry, data[start:end])
    merged, offset = {}, 0
    for name, (entry, data) in tensors.items():
        merged[name] = {**entry, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(merged).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(data for _, data in tensors.values())
    target.write_bytes(struct.pack("<Q", len(text)) + text + body)


def write_model(call: dict[str, Any], target: Path) -> None:
    """The model of a recorded call with its tokenizer."""
    target.mkdir(parents=True)
    base = GOLDENS / call["model"]
    weights = [base / "model.safetensors", *([GOLDENS / call["weights"]] if call["weights"] else [])]
    write_merged(weights, target / "model.safetensors")
    config = json.loads((base / "config.json").read_text()) | call["config"]
    (target / "config.json").write_text(json.dumps(config))
    for file in (GOLDENS / call["tokenizer"]).iterdir():
        shutil.copy(file, target)


def write_lines(file: Path, lines: list[list[str]]) -> None:
    if not lines:
        raise ValueError(f"{file}: no lines")
    file.write_text("".join("\t".join(columns) + "\n" for columns in lines), encoding="utf-8")


def numbers(values: Any) -> str:
    return " ".join(str(value) for value in values)


def of_task(call: dict[str, Any]) -> list[str]:
    """A recorded call of a pipeline as columns."""
    inputs, outputs, task = call["inputs"], call["outputs"], call["task"]
    if task == "text-classification":
        return [inputs, numbers(f"{each['label']} {each['score']}" for each in outputs)]
    if task == "token-classification":
        rows = (f"{each['entity_group']} {each['score']} {each['start']} {each['end']}" for each in outputs)
        return [inputs, numbers(rows)]
    if task == "zero-shot-classification":
        scores = [f"{label}={score}" for label, score in zip(outputs["labels"], outputs["scores"], strict=True)]
        return [inputs, "|".join(call["arguments"]["candidate_labels"]), "|".join(scores)]
    rows = [f"{each['answer']}|{each['score']}|{each['start']}|{each['end']}" for each in outputs]
    return [inputs["question"], inputs["context"], *rows]


WANTED = {
    "text-classification": {"top_k": None},
    "token-classification": {"aggregation_strategy": "simple"},
    "zero-shot-classification": {"candidate_labels": ["food", "sport", "city news"], "multi_label": False},
    "question-answering": {"top_k": 3},
}


def main() -> None:
    target, minilm = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / "minilm.txt").write_text(str(minilm))

    sentences = json.loads((GOLDENS / "minilm" / "manifest.json").read_text())["sentences"]
    header, data = read_tensors(GOLDENS / "minilm" / "embeddings.safetensors")
    rows, width = header["embeddings"]["shape"]
    values = struct.unpack(f"<{rows * width}f", data)
    vectors = [values[row * width : (row + 1) * width] for row in range(rows)]
    lines = [[sentence, numbers(vector)] for sentence, vector in zip(sentences, vectors, strict=True)]
    write_lines(target / "embeddings.tsv", lines)

    tokens = json.loads((GOLDENS / "tokenizers" / "minilm.json").read_text())["rows"]
    # To the reference an empty second text is none.
    plain = [
        row
        for row in tokens
        if not any(character in text for text in row["text"] for character in "\t\n\r") and row["text"][1:] != [""]
    ]
    write_lines(target / "tokens.tsv", [[*row["text"], numbers(row["input_ids"])] for row in plain])

    calls = json.loads((GOLDENS / "pipelines" / "results.json").read_text())["calls"]
    calls += json.loads((GOLDENS / "pipelines" / "question_answering.json").read_text())["calls"]
    for task, name in TASKS.items():
        call = next(
            call
            for call in calls
            if call["task"] == task
            and call["arguments"] == WANTED[task]
            and isinstance(call["inputs"], str | dict)
            and "question" not in call["arguments"]
        )
        write_model(call, target / "models" / name)
        write_lines(target / f"{name}.tsv", [of_task(call)])

    texts = json.loads((GOLDENS / "text_generation" / "results.json").read_text())["calls"]
    greedy = {"do_sample": False, "max_new_tokens": 7}
    # The reference computed in float32; the checkpoint says bfloat16.
    dtype = {"dtype": "float32"}
    model = {"model": "decoders/llama", "weights": None, "config": dtype, "tokenizer": "text_generation/tokenizer"}
    write_model(model, target / "models" / "text_generation")
    prompts = [
        [call["inputs"], call["outputs"][0]["generated_text"]]
        for call in texts
        if call["arguments"] == greedy
        and isinstance(call["inputs"], str)
        and call["model"] == "llama"
        and not call["options"]
        and not call["config"]
        and not call["generation_config"]
    ]
    write_lines(target / "text_generation.tsv", [row for row in prompts if "\n" not in row[0] + row[1]])


if __name__ == "__main__":
    main()
