"""`example_script.py` through the alias beside transformers."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SCRIPT = Path(__file__).parent / "example_script.py"
TASKS = ("classification", "language_model", "answers", "summaries", "accelerated")
WORDS = (
    *("anna", "berlin", "reads", "likes", "finds", "the", "a", "good", "long"),
    *("old", "film", "bank", "river", "story", "book", "near", "of", "with"),
)
SETTINGS = (
    "--use_cpu --report_to none --seed 3 --learning_rate 1e-3 --per_device_train_batch_size 4 --max_steps 4 "
    "--save_steps 2 --logging_steps 1 --lr_scheduler_type cosine --disable_tqdm True --num_beams 2"
)


def text(seed: int, count: int) -> str:
    picked = torch.randint(len(WORDS), (count,), generator=torch.Generator().manual_seed(seed)).tolist()
    return " ".join(WORDS[index] for index in picked)


def write_texts(root: Path) -> None:
    for split, count in (("train", 16), ("validation", 6)):
        pairs, answers = [], []
        for row in range(count):
            seed = 100 * count + row
            pairs.append({"first": text(seed, 5 + row % 4), "second": text(-seed, 4), "label": "nmy"[row % 3]})
            context = text(seed + 7, 12 + 20 * (row % 2))
            answers.append({"question": f"  {text(seed, 3)}", "context": context, "start": context.index(" ") + 1})
        for name, rows in (("pairs", pairs), ("answers", answers)):
            (root / f"{name}_{split}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))


def words(special: list[str], **names: str) -> Any:
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator([" ".join(WORDS)], trainers.WordLevelTrainer(special_tokens=special))
    first, last = (names.get(name) for name in ("cls_token", "sep_token"))
    if first and last:
        pair = (last, tokenizer.token_to_id(last)), (first, tokenizer.token_to_id(first))
        tokenizer.post_processor = processors.BertProcessing(*pair)
    limit = {"model_max_length": 32, "unk_token": "[UNK]"}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **limit, **names)


def write_checkpoints(root: Path) -> None:
    t: Any = transformers
    torch.manual_seed(0)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = words(special, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    ends = words(["[PAD]", "[UNK]", "</s>"], pad_token="[PAD]", eos_token="</s>", bos_token="</s>")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "max_position_embeddings": 32}
    bert = {**sizes, **still, "vocab_size": len(pieces)}
    dropped = {"embd_pdrop": 0.0, "attn_pdrop": 0.0, "resid_pdrop": 0.0, "bos_token_id": 2, "eos_token_id": 2}
    bart: dict[str, Any] = dict.fromkeys(("dropout", "attention_dropout", "activation_dropout"), 0.0)
    bart |= dict.fromkeys(("encoder_layers", "decoder_layers"), 2)
    bart |= dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 4)
    bart |= dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim"), 48) | {"d_model": 32, "max_position_embeddings": 32}
    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3}
    gpt2 = t.GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=32, vocab_size=len(ends), **dropped)
    made = {
        "classifier": (t.BertForSequenceClassification(t.BertConfig(**bert, num_labels=3)), pieces),
        "reader": (t.BertForQuestionAnswering(t.BertConfig(**bert)), pieces),
        "language_model": (t.GPT2LMHeadModel(gpt2), ends),
        "summarizer": (t.BartForConditionalGeneration(t.BartConfig(vocab_size=len(pieces), **bart, **ids)), pieces),
    }
    for name, (model, tokenizer) in made.items():
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn(parameter.shape) * 0.1)
        model.save_pretrained(root / name)
        tokenizer.save_pretrained(root / name)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results with trustformers and with transformers."""
    pytest.importorskip("datasets")
    pytest.importorskip("accelerate")
    root = tmp_path_factory.mktemp("scripts")
    write_texts(root)
    write_checkpoints(root)
    found = {}
    for name, alias in (("ours", ["-m", "trustformers.alias"]), ("theirs", [])):
        output = root / name
        output.mkdir()
        command = [sys.executable, *alias, str(SCRIPT), "--directory", str(root), "--output_dir", str(output)]
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(root / "home"), "ACCELERATE_USE_CPU": "1"}
        run = subprocess.run(
            [*command, *SETTINGS.split()], env=environment, text=True, capture_output=True, check=False, timeout=900
        )
        assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
        found[name] = json.loads((output / "results.json").read_text())
        (output / "log.txt").write_text(run.stdout + run.stderr)
    return found


def check(found: Any, expected: Any, place: str) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), place
        for key in expected:
            check(found[key], expected[key], f"{place}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for index, value in enumerate(expected):
            check(found[index], value, f"{place}[{index}]")
    elif isinstance(expected, float):
        # float32 through a few steps of AdamW, whose first ones divide by small numbers.
        assert math.isclose(found, expected, rel_tol=1e-4, abs_tol=1e-4), f"{place}: {found}, expected {expected}"
    else:
        assert found == expected, place


@pytest.mark.parametrize("task", TASKS)
def test_an_example_script_gives_what_it_gives_with_transformers(task: str, results: dict[str, Any]) -> None:
    found, expected = (results[name][task] for name in ("ours", "theirs"))
    assert isinstance(expected, dict), expected
    assert isinstance(found, dict), found
    check(found, expected, task)
