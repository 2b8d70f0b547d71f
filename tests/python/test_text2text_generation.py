"""Tasks, arguments and errors of the pipelines of encoder-decoders, on a model that returns given sequences."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    Device,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    SummarizationPipeline,
    Text2TextGenerationPipeline,
    TextGenerationPipeline,
    TranslationPipeline,
    pipeline,
)
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.configuration import PreTrainedConfig
from trustformers.pipelines import get_default_model_and_revision
from trustformers.pipelines.tasks import PIPELINE_REGISTRY, check_task
from trustformers.pipelines.text2text_generation import ReturnType

GOLDENS = Path(__file__).parent.parent / "goldens"
PAD, END = 0, 1


class Fixed(GenerationMixin, PreTrainedModel):
    """Generates the next of given rows for each source, and keeps what it was asked."""

    _native: Any = SimpleNamespace(dtype="float32")
    device = Device.cpu()

    def __init__(self, *rows: list[int], count: int = 1, **config: Any) -> None:
        self.__dict__.update(
            config=PreTrainedConfig(**{"is_encoder_decoder": True, **config}),
            _generation_config=GenerationConfig(eos_token_id=END, pad_token_id=PAD, decoder_start_token_id=PAD),
            _directory="",
            rows=iter(rows),
            count=count,
            asked=[],
        )

    def _follow_config(self) -> None:
        pass

    def generate(self, input_ids: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # as the pipeline calls it
        self.asked.append({"input_ids": np.array(input_ids).tolist(), **kwargs})
        rows = [next(self.rows) for _ in range(len(input_ids) * self.count)]
        width = max(map(len, rows))
        return np.array([row + [PAD] * (width - len(row)) for row in rows], np.int64)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(GOLDENS / "text2text" / "tokenizer")


def ids_of(results: Any) -> Any:
    if isinstance(results, dict):
        return results["generated_token_ids"].tolist()
    return [ids_of(one) for one in results]


def test_a_batch_adds_no_padding_to_a_text_of_its_own(tokenizer: PreTrainedTokenizerFast) -> None:
    model = Fixed([PAD, 7, END], [PAD, 8, 9, 10, END], [PAD, 8, 9, 10, 11])
    ask = Text2TextGenerationPipeline(model, tokenizer)
    found = ask(["a", "the cat", "on"], return_tensors=True)
    assert ids_of(found) == [[PAD, 7, END], [PAD, 8, 9, 10, END], [PAD, 8, 9, 10, 11]]
    assert len(model.asked) == 1


def test_sequences_of_one_text_keep_their_padding(tokenizer: PreTrainedTokenizerFast) -> None:
    model = Fixed([PAD, 7, END], [PAD, 8, 9, END], [PAD, 7, 7, 7, 7, END], [PAD, 7, END], count=2)
    found = Text2TextGenerationPipeline(model, tokenizer)(["a", "b"], return_type=ReturnType.TENSORS)
    assert ids_of(found) == [
        [[PAD, 7, END, PAD], [PAD, 8, 9, END]],
        [[PAD, 7, 7, 7, 7, END], [PAD, 7, END, *[PAD] * 3]],
    ]


def test_sources_are_padded_on_the_right(tokenizer: PreTrainedTokenizerFast) -> None:
    model = Fixed([PAD, 7], [PAD, 7])
    Text2TextGenerationPipeline(model, tokenizer)(["a", "the cat"])
    first, second = model.asked[0]["input_ids"]
    assert len(first) == len(second)
    assert first[-1] == PAD
    assert second[-1] == END
    assert model.asked[0]["attention_mask"].tolist()[0] == [int(token != PAD) for token in first]


def test_an_iterator_is_read_as_results_are(tokenizer: PreTrainedTokenizerFast) -> None:
    read = []

    def texts() -> Any:
        for text in ("a", "b"):
            read.append(text)
            yield text

    results = Text2TextGenerationPipeline(Fixed([PAD, 7], [PAD, 8]), tokenizer)(texts())
    assert len(next(results)) == 1
    assert read == ["a"]


@pytest.mark.parametrize("wrong", [None, 3, b"a", ["a", None], [["a"]], object()])
def test_what_is_not_a_text_is_rejected(tokenizer: PreTrainedTokenizerFast, wrong: Any) -> None:
    with pytest.raises(InputError, match="^inputs: expected a text"):
        Text2TextGenerationPipeline(Fixed([PAD], [PAD]), tokenizer)(wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [("return_tensors", "yes"), ("return_type", 3), ("clean_up_tokenization_spaces", 2), ("stop_sequence", 3)],
)
def test_wrong_arguments_are_named(tokenizer: PreTrainedTokenizerFast, name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name}: "):
        Text2TextGenerationPipeline(Fixed([PAD]), tokenizer)("a", **{name: value})


def test_the_first_token_of_a_stop_sequence_ends_a_text(
    tokenizer: PreTrainedTokenizerFast, caplog: pytest.LogCaptureFixture
) -> None:
    model = Fixed([PAD])
    Text2TextGenerationPipeline(model, tokenizer)("a", stop_sequence="the cat")
    assert model.asked[0]["eos_token_id"] == tokenizer.encode("the cat", add_special_tokens=False)[0]
    assert "stop_sequence: only the first of its 2 tokens" in caplog.text
    with pytest.raises(InputError, match="^stop_sequence: expected a text of at least one token"):
        Text2TextGenerationPipeline(Fixed([PAD]), tokenizer)("a", stop_sequence="")


def test_parameters_of_a_task_are_used_again(tokenizer: PreTrainedTokenizerFast) -> None:
    parameters = {"summarization": {"prefix": "say: ", "max_length": 9}}
    model = Fixed([PAD], [PAD], task_specific_params=parameters)
    for _ in range(2):
        ask = SummarizationPipeline(model, tokenizer, task="summarization")
        assert (ask.prefix, ask.generation_config.max_length) == ("say: ", 9)
    # As in transformers, a class without a task's name does not look for its parameters.
    assert SummarizationPipeline(model, tokenizer).prefix is None


def test_a_streamer_keeps_texts_apart(tokenizer: PreTrainedTokenizerFast) -> None:
    model = Fixed([PAD, 7], [PAD, 8])
    Text2TextGenerationPipeline(model, tokenizer)(["a", "b"], streamer=object())
    assert [len(asked["input_ids"]) for asked in model.asked] == [1, 1]


def test_a_subclass_overrides_steps(tokenizer: PreTrainedTokenizerFast) -> None:
    class Loud(SummarizationPipeline):
        def postprocess(self, model_outputs: Any, **kwargs: Any) -> Any:  # type: ignore[override]
            return [{"loud": record["summary_text"].upper()} for record in super().postprocess(model_outputs, **kwargs)]

    assert Loud(Fixed([PAD, 7, END]), tokenizer)("a") == [{"loud": tokenizer.decode([7]).upper()}]


def test_a_task_names_the_languages_of_a_translation() -> None:
    assert check_task("translation_en_to_fr")[::2] == ("translation", ("en", "fr"))
    assert check_task("translation")[::2] == ("translation", None)
    assert PIPELINE_REGISTRY.check_task("summarization")[1]["impl"] is SummarizationPipeline
    for wrong in ("translation_en", "translation_en_fr", "translation_a_b_to_c", "summarization_en_to_fr"):
        with pytest.raises(KeyError, match=wrong):
            check_task(wrong)


def test_default_models_are_those_of_transformers() -> None:
    def default(task: str) -> tuple[str, str]:
        _, entry, options = check_task(task)
        return get_default_model_and_revision(entry, options)

    assert default("summarization") == ("sshleifer/distilbart-cnn-12-6", "a4f8f3e")
    assert default("text2text-generation") == ("google-t5/t5-base", "a9723ea")
    assert default("translation_en_to_ro") == ("google-t5/t5-base", "a9723ea")
    for task in ("translation", "translation_fr_to_en"):
        with pytest.raises(UnsupportedError, match=r"exists for en to fr, en to de, en to ro only; pass model="):
            default(task)


def test_a_pipeline_has_the_task_that_it_is_given(tokenizer: PreTrainedTokenizerFast) -> None:
    ask = pipeline("translation_en_to_fr", Fixed([PAD]), tokenizer=tokenizer)
    assert isinstance(ask, TranslationPipeline)
    assert ask.task == "translation_en_to_fr"
    assert ask._preprocess_params == {"src_lang": "en", "tgt_lang": "fr"}
    with pytest.raises(InputError, match="^task: 'summarization' is not the 'translation' of TranslationPipeline"):
        TranslationPipeline(Fixed([PAD]), tokenizer, task="summarization")


def test_a_translation_without_languages_has_the_first_parameters(
    tokenizer: PreTrainedTokenizerFast, caplog: pytest.LogCaptureFixture
) -> None:
    model = Fixed([PAD], task_specific_params={"summarization": {}, "translation_en_to_de": {"prefix": "de: "}})
    ask = pipeline("translation", model, tokenizer=tokenizer)
    assert (ask.task, ask.prefix) == ("translation_en_to_de", "de: ")
    assert "translation_en_to_de" in caplog.text


def test_a_model_for_another_task_names_the_right_one(tokenizer: PreTrainedTokenizerFast) -> None:
    causal = AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama")
    with pytest.raises(InputError, match="needs an encoder-decoder .* found a LlamaForCausalLM; its task is text-gen"):
        SummarizationPipeline(causal, tokenizer)
    with pytest.raises(InputError, match="needs a causal language model, found a Fixed; .* text2text-generation"):
        TextGenerationPipeline(Fixed([PAD]), tokenizer)
    with pytest.raises(
        UnsupportedError, match="BartForCausalLM; .* Its tasks: text2text-generation, summarization, tr"
    ):
        pipeline("text-generation", str(GOLDENS / "seq2seq" / "bart"), tokenizer=tokenizer)
    with pytest.raises(UnsupportedError, match="GPT2ForConditionalGeneration; .* Its tasks: text-generation"):
        pipeline("summarization", str(GOLDENS / "decoders" / "gpt2"), tokenizer=tokenizer)


def test_lengths_that_do_not_fit_are_warned_of(
    tokenizer: PreTrainedTokenizerFast, caplog: pytest.LogCaptureFixture
) -> None:
    summarize = SummarizationPipeline(Fixed([PAD], [PAD], [PAD]), tokenizer)
    summarize("a", max_length=2, min_length=1)
    assert not caplog.records
    summarize("a", max_length=2, min_length=3)
    assert "min_length: expected at most max_length = 2, found 3" in caplog.text
    summarize("a", max_length=9)
    assert "max_length: 9 is more than the 2 tokens of the input" in caplog.text
    translate = TranslationPipeline(Fixed([PAD]), tokenizer)
    translate("the cat sat on the mat", max_length=4)
    assert "max_length: 4 is close to the" in caplog.text


def test_an_assistant_drafts_with_the_vocabulary_of_the_model(tokenizer: PreTrainedTokenizerFast) -> None:
    model, drafts = Fixed([5, END]), Fixed()
    found = Text2TextGenerationPipeline(model, tokenizer, assistant_model=drafts, assistant_tokenizer=tokenizer)
    found("a")
    assert model.asked[0]["assistant_model"] is drafts
    assert "assistant_tokenizer" not in model.asked[0]
    other = AutoTokenizer.from_pretrained(GOLDENS / "tokenizers" / "byte_level_bpe")
    with pytest.raises(UnsupportedError, match="assistant_tokenizer with another vocabulary"):
        Text2TextGenerationPipeline(model, tokenizer, assistant_model=drafts, assistant_tokenizer=other)
    wrong: Any = 3
    with pytest.raises(InputError, match="assistant_model: expected a model of AutoModelForSeq2SeqLM or its path"):
        Text2TextGenerationPipeline(model, tokenizer, assistant_model=wrong)
