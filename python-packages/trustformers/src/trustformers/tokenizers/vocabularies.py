"""Tokenizers of a family from vocabulary files, or from a vocabulary in memory."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from trustformers import _native
from trustformers._checks.arguments import kind, path
from trustformers.errors import InputError, IoError, TrustformersError, from_code
from trustformers.tokenizers.settings import CONFIG, TOKENIZER

__all__ = ["Vocabulary", "as_class", "configured", "from_files", "from_pipeline", "from_vocabulary"]

# A file, ids by token, or tokens with scores in the order of their ids.
Vocabulary: TypeAlias = str | os.PathLike[str] | Mapping[str, int] | Sequence[tuple[str, float]]
_PIECES = ".model"


def from_vocabulary(
    name: str,
    files: Mapping[str, str],
    settings: dict[str, Any],
    *,
    vocab: Vocabulary | None,
    merges: Any,
    vocab_file: Any,
    merges_file: Any,
) -> Any:
    """The engine's tokenizer of the class `name`; `files` are the names of its vocabulary files.

    Raises
    ------
    InputError
        The vocabulary is not of the kind that the class needs, or its merges are missing.
    IoError
        A file cannot be read.
    UnsupportedError
        The class cannot be built from a vocabulary.
    """
    if isinstance(vocab, (str, os.PathLike)):
        vocab, vocab_file = None, vocab
    if isinstance(merges, (str, os.PathLike)):
        merges, merges_file = None, merges
    copies = {
        files.get("vocab_file", "tokenizer.model"): vocab_file,
        files.get("merges_file", "merges.txt"): merges_file,
    }
    with tempfile.TemporaryDirectory() as folder:
        given = {}
        for target, source in copies.items():
            if source is not None:
                given[target] = _copied(
                    "merges_file" if target == "merges.txt" else "vocab_file", source, folder, target
                )
        (Path(folder) / CONFIG).write_text(json.dumps({"tokenizer_class": name}))
        if vocab is not None:
            model = _model(name, files, vocab, merges)
            (Path(folder) / TOKENIZER).write_text(json.dumps(_file(model)))
            given[TOKENIZER] = "vocab"
        return _loaded(folder, settings, given)


def from_files(name: str, files: Mapping[str, tuple[str, Any]], settings: dict[str, Any]) -> Any:
    """The engine's tokenizer of the class `name`, from files given with the argument of each, by the name it reads.

    Raises
    ------
    IoError
        A file cannot be read.
    TokenizerError
        A file is damaged or missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = {target: _copied(argument, source, folder, target) for target, (argument, source) in files.items()}
        (Path(folder) / CONFIG).write_text(json.dumps({"tokenizer_class": name}))
        if not given:
            raise InputError(f"vocab_file: missing; a {name} needs its vocabulary files, or use from_pretrained")
        return _loaded(folder, settings, given)


def from_pipeline(name: str, file: Any, tokenizer: Any, settings: dict[str, Any]) -> Any:
    """The tokenizer with the pipeline of a `tokenizer.json`, and the special tokens of the class `name`."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / TOKENIZER
        if tokenizer is not None:
            target.write_text(tokenizer.to_str(), encoding="utf-8")
        given = {
            TOKENIZER: "tokenizer_object"
            if tokenizer is not None
            else _copied("tokenizer_file", file, folder, TOKENIZER)
        }
        (Path(folder) / CONFIG).write_text(json.dumps({"tokenizer_class": name}))
        files: dict[str, str] = _loaded(folder, settings, given).to_files()
        own, stated = json.loads(files[TOKENIZER]), json.loads(target.read_text(encoding="utf-8-sig"))
        kept = {key: own[key] for key in ("added_tokens", "post_processor")}
        return _native.Tokenizer.from_files({**files, TOKENIZER: json.dumps({**stated, **kept})})


def as_class(directory: str, name: str, settings: dict[str, Any]) -> Any:
    """The engine's tokenizer of a directory as another class than its files state."""
    with tempfile.TemporaryDirectory() as folder:
        for source in Path(directory).iterdir():
            # config.json names another class; weights are not read.
            if source.name not in (CONFIG, "config.json") and source.suffix not in (".safetensors", ".bin", ".gguf"):
                copy = shutil.copytree if source.is_dir() else shutil.copy
                copy(source, Path(folder) / source.name)
        (Path(folder) / CONFIG).write_text(json.dumps({**configured(directory), "tokenizer_class": name}))
        return _loaded(folder, settings, {"": str(directory)})


def configured(directory: str | os.PathLike[str]) -> dict[str, Any]:
    """The keys of a directory's `tokenizer_config.json`."""
    stated = Path(directory) / CONFIG
    found: dict[str, Any] = json.loads(stated.read_text(encoding="utf-8-sig")) if stated.is_file() else {}
    return found


def _loaded(folder: str, settings: dict[str, Any], sources: dict[str, str]) -> Any:
    try:
        return _native.Tokenizer.from_dir(folder, settings)
    except TrustformersError as error:
        message = str(error)
        for target, source in sources.items():
            message = message.replace(str(Path(folder) / target), source)
        message = message.replace(str(Path(folder) / CONFIG), "the arguments").replace(folder, "the vocabulary")
        raise from_code(error.code, message) from None


def _copied(argument: str, source: Any, folder: str, name: str) -> str:
    file = path(argument, source)
    try:
        shutil.copyfile(file, Path(folder) / name)
    except OSError as error:
        raise IoError(f"{file}: {error.strerror}") from error
    return file


def _file(model: dict[str, Any]) -> dict[str, Any]:
    parts = ("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder")
    return {"version": "1.0", "added_tokens": [], **dict.fromkeys(parts), "model": model}


def _model(name: str, files: Mapping[str, str], vocab: Any, merges: Any) -> dict[str, Any]:
    if isinstance(vocab, Mapping):
        if not all(isinstance(token, str) and type(index) is int for token, index in vocab.items()):
            raise InputError("vocab: expected ids (int) by token (str)")
        ids = dict(vocab)
        if files.get("vocab_file") == "vocab.txt":
            return {
                "type": "WordPiece",
                "unk_token": "[UNK]",
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
                "vocab": ids,
            }
        if merges is None:
            raise InputError(
                f"merges: missing; a {name} of ids by token needs its merges, as a list of pairs or a file"
            )
        pairs = [_merge(row) for row in merges] if isinstance(merges, (list, tuple)) else None
        if pairs is None:
            raise InputError(f"merges: expected a file or a list of pairs of tokens, found {kind(merges)}")
        options = {"dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None}
        return {"type": "BPE", **options, "fuse_unk": False, "byte_fallback": False, "vocab": ids, "merges": pairs}
    if isinstance(vocab, (list, tuple)) and all(_is_scored(row) for row in vocab):
        return {"type": "Unigram", "unk_id": 0, "vocab": [[str(token), float(score)] for token, score in vocab]}
    raise InputError(f"vocab: expected a file, ids by token or a list of tokens with scores, found {kind(vocab)}")


def _merge(row: Any) -> str:
    if isinstance(row, str):
        return row
    if not isinstance(row, (list, tuple)) or not all(isinstance(token, str) for token in row):
        raise InputError(f"merges: expected pairs of tokens, found {kind(row)}")
    return " ".join(row)


def _is_scored(row: Any) -> bool:
    return isinstance(row, (list, tuple)) and len(row) == 2 and isinstance(row[1], (int, float))
