"""Vocabularies as GGUF files hold them, and what the reference's tokenizers make of texts."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import sentencepiece
from gguf import GGUFWriter, TokenType
from transformers import AutoTokenizer

VOCABULARIES = Path(__file__).parent.parent / "tokenizers" / "vocabularies"

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Crème brûlée, cafe\u0301 \u00bd \ufb01 1234567",
    "  two  spaces\tand\nlines \n\n  ",
    "\u65e5\u672c\u8a9e \U0001f600 unseen, it's we'LL",
    "<s>a</s> <unk> <|endoftext|><|im_start|>user\nhi<|im_end|><think> <mask> <pad>",
    "",
    " ",
]
CHAT = [{"role": "user", "content": "The dog?"}]
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}{{ eos_token }}{% endif %}"
)


class Setting(NamedTuple):
    """A file's architecture, its kind of vocabulary, and keys behind `tokenizer.ggml.`."""

    architecture: str
    kind: str
    keys: dict[str, Any]


SPIECE = {"bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0}
GEMMA = {"padding_token_id": 0, "eos_token_id": 1, "bos_token_id": 2, "unknown_token_id": 3}
SETTINGS = {
    "llama": Setting("llama", "llama", SPIECE),
    "llama_flags": Setting("llama", "llama", SPIECE | {"add_bos_token": False, "add_eos_token": True}),
    "llama_bpe": Setting("llama", "gpt2", {"pre": "llama-bpe", "bos_token_id": 0, "eos_token_id": 0}),
    "tekken": Setting("llama", "gpt2", {"pre": "tekken", "bos_token_id": 0, "eos_token_id": 1, "add_bos_token": True}),
    "qwen2": Setting(
        "qwen2", "gpt2", {"pre": "qwen2", "eos_token_id": 1, "padding_token_id": 0, "add_bos_token": False}
    ),
    "gemma2": Setting("gemma2", "gemma", GEMMA | {"add_bos_token": True}),
    "gemma3": Setting("gemma3", "gemma", GEMMA | {"add_bos_token": True, "add_eos_token": False}),
    "phi3": Setting("phi3", "llama", SPIECE | {"padding_token_id": 2, "add_bos_token": False}),
    "gpt2": Setting("gpt2", "gpt2", {"pre": "gpt-2", "bos_token_id": 0, "eos_token_id": 0}),
    "stablelm": Setting("stablelm", "gpt2", {"pre": "default", "bos_token_id": 0, "eos_token_id": 0}),
    "bloom": Setting("bloom", "gpt2", {"pre": "bloom", "bos_token_id": 0, "eos_token_id": 0, "padding_token_id": 1}),
}
# Beside the vocabulary's own, as chat models have them.
ADDED = [("<|im_start|>", TokenType.CONTROL), ("<|im_end|>", TokenType.CONTROL), ("<think>", TokenType.USER_DEFINED)]


def pieces(kind: str) -> tuple[list[str], list[float], list[int]]:
    """Tokens, scores and types of a SentencePiece model."""
    model = sentencepiece.SentencePieceProcessor(str(VOCABULARIES / kind / "tokenizer.model"))
    found = []
    for index in range(model.vocab_size()):
        token_type = TokenType.NORMAL
        if model.is_unknown(index):
            token_type = TokenType.UNKNOWN
        elif model.is_control(index):
            token_type = TokenType.CONTROL
        elif model.is_byte(index):
            token_type = TokenType.BYTE
        piece = model.id_to_piece(index)
        if kind == "gemma" and piece.strip("\u2581") == "" and len(piece) > 1:
            # As these files have them.
            piece, token_type = " " * len(piece), TokenType.USER_DEFINED
        found.append((piece, model.get_score(index), token_type))
    found += [(token, -1000.0, token_type) for token, token_type in ADDED]
    return tuple(map(list, zip(*found, strict=True)))


def write(file: Path, setting: Setting) -> None:
    writer = GGUFWriter(file, setting.architecture)
    for key in ("embedding_length", "block_count", "attention.head_count", "context_length"):
        writer.add_uint32(f"{setting.architecture}.{key}", 8)
    if setting.kind == "gpt2":
        ids = json.loads((VOCABULARIES / "gpt2" / "vocab.json").read_text())
        tokens = sorted(ids, key=ids.get)
        types = [TokenType.CONTROL if token == "<|endoftext|>" else TokenType.NORMAL for token in tokens]
        for token, token_type in ADDED:
            tokens.append(token)
            types.append(token_type)
        lines = (VOCABULARIES / "gpt2" / "merges.txt").read_text().splitlines()
        writer.add_tokenizer_model("gpt2")
        writer.add_token_merges([line for line in lines if line and not line.startswith("#version")])
    else:
        tokens, scores, types = pieces(setting.kind)
        writer.add_tokenizer_model("llama")
        writer.add_token_scores(scores)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_chat_template(TEMPLATE)
    for key, value in setting.keys.items():
        name = f"tokenizer.ggml.{key}"
        add = writer.add_bool if isinstance(value, bool) else writer.add_uint32
        writer.add_string(name, value) if isinstance(value, str) else add(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def expected(file: Path) -> dict:
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    rows = [tokenizer(text)["input_ids"] for text in TEXTS]
    return {
        "ids": rows,
        "pair": tokenizer("The dog", "a fox")["input_ids"],
        "decoded": [tokenizer.decode(row) for row in rows],
        "plain": [tokenizer.decode(row, skip_special_tokens=True) for row in rows],
        "special_tokens": tokenizer.special_tokens_map,
        "padding_side": tokenizer.padding_side,
        "size": len(tokenizer),
        "chat": tokenizer.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True),
    }


def write_all(out: Path) -> None:
    found = {}
    for name, setting in SETTINGS.items():
        write(out / f"tokenizer_{name}.gguf", setting)
        found[name] = expected(out / f"tokenizer_{name}.gguf")
    # A line for each.
    lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items()]
    head = json.dumps({"texts": TEXTS, "chat": CHAT}, ensure_ascii=False)[:-1]
    (out / "tokenizers.json").write_text(head + ', "tokenizers": {\n' + ",\n".join(lines) + "\n}}\n")
