"""What tests of idioms share: tiny checkpoints, and results in which types count too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

sys.path.append(str(Path(__file__).parents[1] / "clients"))
from checkpoints import byte_pairs, spread, word_pieces  # noqa: E402  # the folder above

# Runs an idiom with a library, and the directories of checkpoints by name.
Idiom = Callable[[Any, dict[str, str]], Any]

TEXTS = [
    "I love this product!",
    "This is terrible. It's okay, I guess.",
    "Anna Smith lives in Berlin and works for a bank.",
    "How many people live in Berlin?",
]
CORPUS = [*TEXTS, "translate English to German: the house is small.", "summarize: once upon a time there was a bank."]
LANGUAGES = ["eng_Latn", "deu_Latn"]
CHAT = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}


def module(library: Any, path: str) -> Any:
    """A module of transformers or of trustformers."""
    return import_module(f"{library.__name__}.{path}")


def _unigrams(extra: tuple[str, ...] = ()) -> Any:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>", *extra]
    tokenizer.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=150, special_tokens=special, unk_token="<unk>")
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def checkpoints(root: Path) -> dict[str, str]:
    """Writes tiny checkpoints, and returns their directories by name."""
    t, pieces, pairs, unigrams = transformers, word_pieces(CORPUS, 180), byte_pairs(CORPUS, 320, CHAT), _unigrams()
    bert = {**SIZES, "vocab_size": len(pieces), "max_position_embeddings": 64}
    nli = {0: "contradiction", 1: "neutral", 2: "entailment"}
    feelings = {0: "NEGATIVE", 1: "POSITIVE"}
    entities = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC"}

    def reversed_of(labels: dict[int, str]) -> dict[str, int]:
        return {name: index for index, name in labels.items()}

    def labels(names: dict[int, str]) -> dict[str, Any]:
        return {"id2label": names, "label2id": reversed_of(names)}

    gpt2 = {"vocab_size": len(pairs), "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128}
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    llama = {**SIZES, **ends, "vocab_size": len(pairs), "num_key_value_heads": 2, "max_position_embeddings": 128}
    t5 = {"vocab_size": len(unigrams), "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
    bart = {"vocab_size": len(unigrams), "d_model": 32, "encoder_layers": 2, "decoder_layers": 2}
    bart |= {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48}
    bart |= {"max_position_embeddings": 64, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
    bart |= {"decoder_start_token_id": 1, "forced_eos_token_id": 1}
    made = {
        "bert": (t.BertForMaskedLM(t.BertConfig(**bert)), pieces),
        "feelings": (t.BertForSequenceClassification(t.BertConfig(**bert, **labels(feelings))), pieces),
        "nli": (t.BertForSequenceClassification(t.BertConfig(**bert, **labels(nli))), pieces),
        "reranker": (t.BertForSequenceClassification(t.BertConfig(**bert, num_labels=1)), pieces),
        "ner": (t.BertForTokenClassification(t.BertConfig(**bert, **labels(entities))), pieces),
        "squad": (t.BertForQuestionAnswering(t.BertConfig(**bert)), pieces),
        "gpt2": (t.GPT2LMHeadModel(t.GPT2Config(**gpt2, **ends)), pairs),
        "llama": (t.LlamaForCausalLM(t.LlamaConfig(**llama)), pairs),
        "t5": (t.T5ForConditionalGeneration(t.T5Config(**t5, decoder_start_token_id=0, eos_token_id=1)), unigrams),
        "bart": (t.BartForConditionalGeneration(t.BartConfig(**bart)), unigrams),
    }
    for name, (model, tokenizer) in made.items():
        spread(name, model)
        model.save_pretrained(root / name)
        tokenizer.save_pretrained(root / name)
    return {name: str(root / name) for name in made}


class Idioms(list[Idiom]):
    """Idioms, which a decorator adds, and the test that they are the same with both libraries."""

    def __call__(self, function: Idiom) -> Idiom:
        self.append(function)
        return function

    def test(self) -> Any:
        @pytest.mark.parametrize("function", self, ids=[function.__name__ for function in self])
        def test_an_idiom_gives_the_same_with_both(function: Idiom, tiny_models: dict[str, str]) -> None:
            expected, found = (plain(function(library, tiny_models)) for library in (transformers, trustformers))
            assert same(found, expected), (found, expected)

        return test_an_idiom_gives_the_same_with_both


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return checkpoints(tmp_path_factory.mktemp("models"))


def plain(value: Any) -> Any:
    """A result as lists, with the types of arrays and outputs."""
    if isinstance(value, torch.Tensor):
        return ["torch", str(value.dtype), str(value.device), value.detach().tolist()]
    if isinstance(value, np.ndarray):
        return ["numpy", value.dtype.name, value.tolist()]
    if isinstance(value, dict) or hasattr(value, "keys"):
        return {key: plain(value[key]) for key in value.keys()}  # noqa: SIM118  # a BatchEncoding's are not its own
    if isinstance(value, (list, tuple, set)):
        kept = sorted(value, key=str) if isinstance(value, set) else value
        return [type(value).__name__, *(plain(one) for one in kept)]
    if isinstance(value, np.generic):
        return [type(value).__name__, value.item()]
    return value


def same(found: Any, expected: Any) -> bool:
    """Whether two results have the same types and, with the error of float32, the same values."""
    if isinstance(expected, list):
        return type(found) is list and len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, float):
        return type(found) is float and found == pytest.approx(expected, abs=2e-4, nan_ok=True)
    return bool(type(found) is type(expected) and found == expected)
