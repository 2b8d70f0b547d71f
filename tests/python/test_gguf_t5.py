"""GGUF files of T5: both stacks, the encoder alone, and the Unigram vocabulary."""

from __future__ import annotations

import json
import re
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    AutoModelForTextEncoding,
    AutoTokenizer,
    pipeline,
)
from trustformers.safetensors import load_file, save_file

GOLDENS = Path(__file__).parents[1] / "goldens"
SEQ2SEQ = GOLDENS / "seq2seq"
VOCABULARY = GOLDENS / "tokenizers" / "vocabularies" / "t5"
SOURCE = [[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]]
MASK = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]
PARTS = {
    "layer.0.layer_norm": "attn_norm",
    "layer.0.SelfAttention.relative_attention_bias": "attn_rel_b",
    "layer.1.EncDecAttention.relative_attention_bias": "cross_attn_rel_b",
    **{f"layer.0.SelfAttention.{one}": f"attn_{one}" for one in "qkvo"},
    **{f"layer.1.EncDecAttention.{one}": f"cross_attn_{one}" for one in "qkvo"},
}
FEED_FORWARD = {"wi": "ffn_up", "wi_0": "ffn_gate", "wi_1": "ffn_up", "wo": "ffn_down"}
TEXTS = [
    "The quick brown fox",
    "Crème brûlée, cafe\u0301 \u00bd \ufb01",
    " two  spaces\nline",
    "a <extra_id_0> b</s>",
    "",
]


def gguf_name(name: str) -> str:
    name = name.removesuffix(".weight")
    whole = {
        "shared": "token_embd",
        "lm_head": "output",
        "encoder.final_layer_norm": "enc.output_norm",
        "decoder.final_layer_norm": "dec.output_norm",
    }
    if name in whole:
        return f"{whole[name]}.weight"
    stack, layer, part = re.fullmatch(r"(enc|dec)oder\.block\.(\d+)\.(.+)", name).groups()  # type: ignore[union-attr]
    last = "1" if stack == "enc" else "2"
    if part == f"layer.{last}.layer_norm":
        found = "ffn_norm"
    elif part.startswith(f"layer.{last}.DenseReluDense."):
        found = FEED_FORWARD[part.rpartition(".")[2]]
    else:
        found = PARTS.get(part, "cross_attn_norm")
    return f"{stack}.blk.{layer}.{found}.weight"


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def encoded(value: Any) -> bytes:
    """A value after the code of its type."""
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, bytes):
        return struct.pack("<IIQ", 9, 0, len(value)) + value
    if isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    code, letter = (6, "f") if isinstance(value[0], float) else (5, "i")
    return struct.pack(f"<IIQ{len(value)}{letter}", 9, code, len(value), *value)


def write_gguf(file: Path, keys: dict[str, Any], tensors: dict[str, Any]) -> None:
    head = struct.pack("<IIQQ", 0x46554747, 3, len(tensors), len(keys))
    head += b"".join(text(key) + encoded(value) for key, value in keys.items())
    data = b""
    for name, tensor in tensors.items():
        head += text(name) + struct.pack("<I", tensor.ndim) + struct.pack(f"<{tensor.ndim}Q", *tensor.shape[::-1])
        head += struct.pack("<IQ", 0, len(data))
        data += tensor.tobytes() + b"\0" * (-tensor.nbytes % 32)
    file.write_bytes(head + b"\0" * (-len(head) % 32) + data)


def folder_of(folder: Path, family: str, overlay: str | None = None) -> Path:
    """A checkpoint of the goldens in float32, with its overlay."""
    weights = load_file(SEQ2SEQ / family / "model.safetensors")
    config = json.loads((SEQ2SEQ / family / "config.json").read_text())
    if overlay is not None:
        changes = json.loads((SEQ2SEQ / family / "manifest.json").read_text())["overlays"][overlay]
        config |= changes["config"]
        weights = {name: tensor for name, tensor in weights.items() if ".wi." not in name}
        weights |= load_file(SEQ2SEQ / family / changes["weights"])
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    heads = ("classif", "qa_outputs")
    kept = {name: tensor.float().numpy() for name, tensor in weights.items() if not name.startswith(heads)}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    return folder


def gguf_of(folder: Path, architecture: str, keys: dict[str, Any] | None = None) -> Path:
    config = json.loads((folder / "config.json").read_text())
    names = {
        "context_length": 512,
        "embedding_length": config["d_model"],
        "feed_forward_length": config["d_ff"],
        "block_count": config["num_layers"],
        "decoder_block_count": config["num_decoder_layers"],
        "attention.head_count": config["num_heads"],
        "attention.key_length": config["d_kv"],
        "attention.value_length": config["d_kv"],
        "attention.layer_norm_epsilon": config["layer_norm_epsilon"],
        "attention.layer_norm_rms_epsilon": config["layer_norm_epsilon"],
        "attention.relative_buckets_count": config["relative_attention_num_buckets"],
        "decoder_start_token_id": config["decoder_start_token_id"],
    }
    stated = {"general.architecture": architecture} | {f"{architecture}.{key}": one for key, one in names.items()}
    tensors = {gguf_name(name): tensor.numpy() for name, tensor in load_file(folder / "model.safetensors").items()}
    if architecture == "t5encoder":
        tensors = {name: tensor for name, tensor in tensors.items() if name.startswith(("enc.", "token_embd"))}
    write_gguf(folder / "model.gguf", stated | (keys or {}), tensors)
    return folder


@pytest.mark.parametrize(("family", "overlay"), [("t5", None), ("t5", "v1_1"), ("umt5", None)])
def test_a_file_of_both_stacks_is_the_checkpoint(family: str, overlay: str | None, tmp_path: Path) -> None:
    folder = gguf_of(folder_of(tmp_path / "model", family, overlay), "t5")
    expected = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype="float32", relative_attention_max_distance=128)
    found = AutoModelForSeq2SeqLM.from_pretrained(folder, gguf_file="model.gguf")
    assert type(found) is type(expected)
    assert (found._native.missing_weights, found._native.unknown_config_keys) == ([], [])
    given: Any = {"decoder_input_ids": [[0, 5, 6]] * 2}
    np.testing.assert_array_equal(found(SOURCE, MASK, **given).logits, expected(SOURCE, MASK, **given).logits)
    options: Any = {"attention_mask": MASK, "num_beams": 3, "max_new_tokens": 7}
    np.testing.assert_array_equal(found.generate(SOURCE, **options), expected.generate(SOURCE, **options))
    encoder: Any = AutoModelForTextEncoding.from_pretrained(folder, gguf_file="model.gguf")
    states = found.get_encoder()(SOURCE, MASK).last_hidden_state
    np.testing.assert_array_equal(encoder(SOURCE, MASK).last_hidden_state, states)


def test_a_file_of_the_encoder_is_the_encoder(tmp_path: Path) -> None:
    folder = gguf_of(folder_of(tmp_path / "model", "t5"), "t5encoder")
    expected: Any = AutoModelForTextEncoding.from_pretrained(
        folder, dtype="float32", relative_attention_max_distance=128
    )
    found: Any = AutoModelForTextEncoding.from_pretrained(folder, gguf_file="model.gguf")
    assert type(found).__name__ == "T5EncoderModel"
    states = expected(SOURCE, MASK).last_hidden_state
    np.testing.assert_array_equal(found(SOURCE, MASK).last_hidden_state, states)
    assert AutoConfig.from_pretrained(folder, gguf_file="model.gguf").num_layers == 2


def vocabulary(extra: int) -> dict[str, Any]:
    """The keys of the tokenizer's SentencePiece model, with its sentinels as converters name them."""
    tokens, scores, kinds, charsmap = [], [], [], b""
    for field, value in fields((VOCABULARY / "spiece.model").read_bytes()):
        if field == 1:
            piece = dict(fields(value))
            tokens.append(piece[1].decode())
            scores.append(float(struct.unpack("<f", piece[2])[0]) if 2 in piece else 0.0)
            kinds.append(piece.get(3, 1))
        elif field == 3:
            charsmap = dict(fields(value)).get(2, b"")
    first = len(tokens)
    tokens += [f"[PAD{first + index}]" for index in range(extra)]
    ids = {"eos": "</s>", "unknown": "<unk>", "padding": "<pad>"}
    return {
        "tokenizer.ggml.model": "t5",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": scores + [-1000.0] * extra,
        "tokenizer.ggml.token_type": kinds + [5] * extra,
        "tokenizer.ggml.precompiled_charsmap": charsmap,
        "tokenizer.ggml.add_eos_token": True,
        **{f"tokenizer.ggml.{role}_token_id": tokens.index(token) for role, token in ids.items()},
    }


def fields(message: bytes) -> Any:
    """The numbers and values of the fields of a protobuf message."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = number()
        kind = key & 7
        if kind == 0:
            yield key >> 3, number()
            continue
        length = number() if kind == 2 else {1: 8, 5: 4}[kind]
        yield key >> 3, message[at : at + length]
        at += length


def test_the_tokenizer_of_a_file_is_the_one_of_its_model(tmp_path: Path) -> None:
    folder = gguf_of(folder_of(tmp_path / "model", "t5"), "t5", vocabulary(100))
    found = AutoTokenizer.from_pretrained(folder, gguf_file="model.gguf")
    other = tmp_path / "tokenizer"
    other.mkdir()
    shutil.copy(VOCABULARY / "spiece.model", other / "spiece.model")
    (other / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "T5Tokenizer"}))
    expected = AutoTokenizer.from_pretrained(other)
    assert type(found) is type(expected)
    assert len(found) == len(expected)
    assert found(TEXTS)["input_ids"] == expected(TEXTS)["input_ids"]
    assert found(TEXTS, TEXTS[::-1])["input_ids"] == expected(TEXTS, TEXTS[::-1])["input_ids"]
    for ids in expected(TEXTS)["input_ids"]:
        for skips in (True, False):
            assert found.decode(ids, skip_special_tokens=skips) == expected.decode(ids, skip_special_tokens=skips)
    assert found.get_vocab() == expected.get_vocab()


def test_a_pipeline_reads_model_and_tokenizer(tmp_path: Path) -> None:
    folder = gguf_of(folder_of(tmp_path / "model", "t5"), "t5", vocabulary(46))
    options: Any = {"max_new_tokens": 3, "model_kwargs": {"gguf_file": "model.gguf"}}
    found = pipeline("text2text-generation", str(folder), **options)("the fox")
    assert isinstance(found[0]["generated_text"], str)
