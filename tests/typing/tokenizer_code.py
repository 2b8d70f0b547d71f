"""What a user writes with tokenizers and collators; `mypy --strict` must accept it and know the types."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

from trustformers import (
    AddedToken,
    AutoTokenizer,
    BatchEncoding,
    BertTokenizer,
    BertTokenizerFast,
    DataCollator,
    DataCollatorForLanguageModeling,
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorWithFlattening,
    DataCollatorWithPadding,
    DefaultDataCollator,
    GPT2Tokenizer,
    LlamaTokenizerFast,
    PreTrainedTokenizer,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    TokenizersBackend,
    default_data_collator,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def of_families(path: str) -> list[PreTrainedTokenizerBase]:
    """Tokenizers of families."""
    bert: BertTokenizer = BertTokenizer.from_pretrained(path, do_lower_case=False)
    fast: BertTokenizer = BertTokenizerFast(vocab_file="vocab.txt", do_lower_case=True)
    gpt2 = GPT2Tokenizer("vocab.json", "merges.txt", add_prefix_space=True)
    llama: LlamaTokenizerFast = LlamaTokenizerFast.from_pretrained(path)
    generic = PreTrainedTokenizerFast(tokenizer_file="tokenizer.json", unk_token="[UNK]")
    side: str = LlamaTokenizerFast.padding_side
    names: list[str] = BertTokenizer.model_input_names
    assert side and names
    return [bert, fast, gpt2, llama, generic]


def settings(tokenizer: PreTrainedTokenizerBase) -> tuple[int, str]:
    """Settings, read and assigned."""
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    tokenizer.model_max_length = 512
    tokenizer.model_input_names = ["input_ids"]
    tokenizer.add_special_tokens({"pad_token": "[PAD]", "additional_special_tokens": ["<a>"]})
    added: int = tokenizer.add_tokens([AddedToken("<x>", lstrip=True), "y"])
    if isinstance(tokenizer, TokenizersBackend):
        tokenizer.add_bos_token = True
        tokenizer.backend_tokenizer.enable_truncation(8)
        trained: TokenizersBackend = tokenizer.train_new_from_iterator([["a"]], 100)
        assert not isinstance(trained, PreTrainedTokenizer)
    pad_id: int | None = tokenizer.pad_token_id
    kept: dict[str, Any] = tokenizer.init_kwargs
    assert kept is not tokenizer.special_tokens_map and pad_id is not None
    return added, tokenizer.padding_side


def rows(path: str, texts: list[str], pair: tuple[str, str]) -> BatchEncoding:
    """Encoded texts."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    tokens: list[str] = tokenizer.tokenize(texts[0])
    first: BatchEncoding = tokenizer.encode_plus(texts[0], max_length=8, truncation=True)
    both: BatchEncoding = tokenizer.batch_encode_plus(texts, padding=True)
    together: BatchEncoding = tokenizer(*pair, add_special_tokens=False, tokenizer_kwargs={"truncation": True})
    built: list[int] = tokenizer.build_inputs_with_special_tokens([1, 2], [3])
    prepared: BatchEncoding = tokenizer.prepare_for_model(built, max_length=4, truncation=True)
    ids: list[int] = tokenizer.encode(*pair)
    text: str = tokenizer.decode(ids)
    paths: tuple[str, ...] = tokenizer.save_pretrained("folder", filename_prefix="x")
    again: PreTrainedTokenizerFast = copy.deepcopy(tokenizer)
    loaded: PreTrainedTokenizerFast = pickle.loads(pickle.dumps(again))
    words: list[int | None] = both.word_ids(0)
    assert tokens and words and text and paths and loaded and first and together
    return prepared.to("cpu", non_blocking=True).convert_to_tensors("np")


def collators(tokenizer: PreTrainedTokenizerBase) -> list[dict[str, Any]]:
    """Batches of every collator."""
    found: list[DataCollator] = [
        default_data_collator,
        DefaultDataCollator(return_tensors="np"),
        DataCollatorWithPadding(tokenizer, pad_to_multiple_of=8),
        DataCollatorForTokenClassification(tokenizer=tokenizer),
        DataCollatorForSeq2Seq(tokenizer, model=None, label_pad_token_id=-100),
        DataCollatorForLanguageModeling(tokenizer=tokenizer, mlm=True, mlm_probability=0.15, seed=1),
        DataCollatorWithFlattening(return_position_ids=True),
    ]
    examples: list[Any] = [{"input_ids": [1, 2], "labels": [1, 2]}]
    collate: Callable[[list[Any]], dict[str, Any]] = found[0]
    return [collate(examples), *(collator(examples) for collator in found)]
