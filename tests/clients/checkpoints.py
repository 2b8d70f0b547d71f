"""Writes the tiny seeded checkpoints that the clients load, as a hub cache: `REFERENCE checkpoints.py DIR`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

REVISION = "c" * 40
TEXTS = (
    "The library loads a model, reads the text and answers the question.",
    "Anna Smith lives in Berlin and works for a bank in Paris.",
    "A good film: I enjoyed every minute of it! The second one was bad, boring and too long.",
    "Is the answer yes or no? One, two, three, four, five, six, seven, eight, nine, ten.",
    "user assistant system: What is the capital of France? It is Paris.",
)
ENTITIES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
CHAT = (
    "{% for message in messages %}<|{{ message.role }}|>{% if message.content is string %}{{ message.content }}"
    "{% else %}{% for part in message.content %}{{ part.text }}{% endfor %}{% endif %}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def word_pieces(texts: Sequence[str] = TEXTS, vocab_size: int = 211) -> Any:
    """A tokenizer as BERT's."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=vocab_size, special_tokens=special))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {f"{token[1:-1].lower()}_token": token for token in special}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **names)


def byte_pairs(texts: Sequence[str] = TEXTS, vocab_size: int = 331, chat_template: str = CHAT) -> Any:
    """A tokenizer as GPT-2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(texts, trainer)
    names = dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<|endoftext|>")
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **names)
    made.chat_template = chat_template
    return made


def spread(name: str, model: Any) -> None:
    """Spreads the weights of a model out: close scores would let rounding decide what is first."""
    generator = torch.Generator().manual_seed(len(name))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.15)


def write(cache: Path, name: str, model: Any, tokenizer: Any) -> Path:
    """One repository of the cache, with spread out weights."""
    spread(name, model)
    repository = cache / f"models--{name.replace('/', '--')}"
    snapshot = repository / "snapshots" / REVISION
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text(REVISION)
    model.save_pretrained(snapshot)
    tokenizer.save_pretrained(snapshot)
    return snapshot


def main(cache: Path) -> None:
    """Writes all of them."""
    torch.manual_seed(0)
    pieces, pairs = word_pieces(), byte_pairs()
    sizes = {"hidden_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 56}
    bert = {**sizes, "vocab_size": len(pieces), "max_position_embeddings": 64}
    binary = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}
    inference = {0: "contradiction", 1: "neutral", 2: "entailment"}
    t = transformers

    def labels(names: dict[int, str]) -> dict[str, Any]:
        return {"id2label": names, "label2id": {label: index for index, label in names.items()}}

    write(cache, "tiny/bert", t.BertForMaskedLM(t.BertConfig(**bert)), pieces)
    write(cache, "tiny/embedding", t.BertModel(t.BertConfig(**bert)), pieces)
    write(cache, "tiny/sentiment", t.BertForSequenceClassification(t.BertConfig(**bert, **binary)), pieces)
    nli = t.BertConfig(**bert, **labels(inference))
    write(cache, "tiny/inference", t.BertForSequenceClassification(nli), pieces)
    write(cache, "tiny/ranker", t.BertForSequenceClassification(t.BertConfig(**bert, num_labels=1)), pieces)
    entities = t.BertConfig(**bert, **labels(dict(enumerate(ENTITIES))))
    write(cache, "tiny/entities", t.BertForTokenClassification(entities), pieces)
    long = {**bert, "max_position_embeddings": 512}
    write(cache, "tiny/bert-base-multilingual-cased", t.BertForTokenClassification(t.BertConfig(**long)), pieces)
    write(cache, "tiny/answers", t.BertForQuestionAnswering(t.BertConfig(**bert)), pieces)
    ids = {"bos_token_id": 0, "eos_token_id": 0}
    gpt2 = t.GPT2Config(vocab_size=len(pairs), n_embd=40, n_layer=2, n_head=4, n_positions=256, **ids)
    write(cache, "tiny/gpt2", t.GPT2LMHeadModel(gpt2), pairs)
    llama = t.LlamaConfig(**sizes, vocab_size=len(pairs), num_key_value_heads=2, max_position_embeddings=256, **ids)
    write(cache, "tiny/llama", t.LlamaForCausalLM(llama), pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
