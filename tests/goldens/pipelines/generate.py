"""Writes what the reference's pipelines answer with the tiny checkpoints of tests/goldens/encoders.

Transformers 5.23.0 writes the tokenizer and results.json. It has no question answering, so question_answering.json is
written by running this with transformers 4.57.6 and torch, after that.
"""

import argparse
import json
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers
from calls import ENTITIES, ENTITY_TEXTS, NER, VOCABULARY, Call, all_calls, question_answering
from safetensors.torch import save_file
from transformers import AutoTokenizer, BertTokenizerFast, pipeline

GOLDENS = Path(__file__).parent.parent
sys.path.insert(0, str(GOLDENS / "encoders"))
from checkpoint import load, noise  # noqa: E402

HEADS = {
    "text-classification": "sequence_classification",
    "token-classification": "token_classification",
    "fill-mask": "masked_lm",
    "zero-shot-classification": "sequence_classification",
    "feature-extraction": "base",
    "question-answering": "question_answering",
}
POSITIONS = 23


def write_tokenizer(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
        tokenizer = BertTokenizerFast.from_pretrained(scratch, do_lower_case=True, model_max_length=POSITIONS)
        tokenizer.save_pretrained(folder)


def write_entities(file: Path, folder: Path) -> None:
    """A classifier of tokens that finds every label in the texts, with words whose tokens disagree."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = load("base", GOLDENS / "encoders" / "bert")
    tokens = [tokenizer(text, truncation=True, return_tensors="pt") for text in ENTITY_TEXTS]
    with torch.inference_mode():
        outputs = [model(**given).last_hidden_state[0, 1:-1] for given in tokens]
    weight = 3 * noise("entities", torch.Size([len(NER), model.config.hidden_size]), 7)
    bias = -torch.cat(outputs).mean(0) @ weight.T
    save_file({"classifier.weight": weight, "classifier.bias": bias}, file, metadata={"format": "pt"})


def plain(value: object) -> object:
    """The same in what JSON has, with the digits that float32 holds."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.7g}")
    return value.item() if isinstance(value, np.generic) else value


def answer(call: Call, out: Path) -> dict:
    weights = call.weights and (out / Path(ENTITIES).name if call.weights == ENTITIES else GOLDENS / call.weights)
    overlay = {"config": call.config, "weights": weights}
    model = load(HEADS[call.task], GOLDENS / "encoders" / call.model, overlay)
    ask = pipeline(call.task, model=model, tokenizer=AutoTokenizer.from_pretrained(out / "tokenizer"), device="cpu")
    described = {
        "task": call.task,
        "model": f"encoders/{call.model}",
        "config": call.config,
        "weights": call.weights,
        "tokenizer": "pipelines/tokenizer",
        "inputs": call.inputs,
        "arguments": call.arguments,
    }
    try:
        # Question answering takes its inputs by name.
        named = call.inputs if call.task == "question-answering" else {}
        outputs = ask(**named, **call.arguments) if named else ask(call.inputs, **call.arguments)
    except Exception as error:
        print(f"{call.task} {call.inputs!r:.60} {call.arguments}: {type(error).__name__}: {error}")
        return described | {"error": {"type": type(error).__name__, "message": str(error)}}
    return described | {"outputs": plain(outputs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.simplefilter("ignore")
    if transformers.__version__.startswith("4."):
        name, calls = "question_answering.json", question_answering()
    else:
        name, calls = "results.json", all_calls()
        write_tokenizer(args.out / "tokenizer")
        write_entities(args.out / Path(ENTITIES).name, args.out / "tokenizer")
    results = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        # That of the checkpoints' logits; what is made of them is no farther apart.
        "tolerance": 2e-4,
        "calls": [answer(call, args.out) for call in calls],
    }
    (args.out / name).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print(f"{name}: {len(calls)} calls")


if __name__ == "__main__":
    main()
