"""Writes a tokenizer for tiny encoder-decoders, and what the pipelines of transformers 4.57 answer with T5.

Version 5 has these pipelines no more. Run with torch and transformers 4.57 after tests/goldens/seq2seq/generate.py.
"""

import argparse
import copy
import json
import logging
import warnings
from pathlib import Path

import torch
import transformers
from calls import LANGUAGES, MERGES, SHORT, SPECIAL, TEXT, VOCABULARY, Call, all_calls, ends
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig, PreTrainedTokenizerFast
from transformers import pipeline as make_pipeline

GOLDENS = Path(__file__).parent.parent
T5 = GOLDENS / "seq2seq" / "t5"
LENGTH = 40
INPUTS = ["input_ids", "attention_mask"]
# Those that change nothing here, beside those that say where settings come from.
UNUSED = ("transformers_version",)


def write_tokenizer(folder: Path) -> None:
    """Byte-level BPE without most bytes, that ends a text as T5's does."""
    vocab = {token: index for index, token in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.BPE(vocab, [tuple(merge.split()) for merge in MERGES], unk_token=SPECIAL[2]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[0],
        eos_token=SPECIAL[1],
        unk_token=SPECIAL[2],
        additional_special_tokens=LANGUAGES,
        model_max_length=LENGTH,
        model_input_names=INPUTS,
        clean_up_tokenization_spaces=False,
    )
    fast.save_pretrained(folder)


class Languages(PreTrainedTokenizerFast):
    """Builds the inputs of translation as mBART's tokenizer does: the source's language is its first token."""

    def _build_translation_inputs(self, raw_inputs, return_tensors, src_lang, tgt_lang, **kwargs):  # noqa: ANN001, ANN003, ANN202
        if src_lang is None or tgt_lang is None:
            raise ValueError("Translation requires a `src_lang` and a `tgt_lang` for this model")
        inputs = self(src_lang + raw_inputs, add_special_tokens=True, return_tensors=return_tensors, **kwargs)
        inputs["forced_bos_token_id"] = self.convert_tokens_to_ids(tgt_lang)
        return inputs


class Recorder(logging.Handler):
    """Keeps the warnings of the pipelines."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def load(call: Call) -> transformers.PreTrainedModel:
    # Version 4.57 generates only with as many layers in T5's decoder as in its encoder.
    model = AutoModelForSeq2SeqLM.from_pretrained(T5, dtype=torch.float32, num_decoder_layers=2)
    for name, value in copy.deepcopy(call.config).items():
        setattr(model.config, name, value)
    # Without it every text is one token repeated.
    for name, value in ({"repetition_penalty": 1.4} | call.generation_config).items():
        setattr(model.generation_config, name, value)
    return model


def with_objects(arguments: dict) -> dict:
    config = arguments.get("generation_config")
    return arguments | ({"generation_config": GenerationConfig(**config)} if config else {})


def plain(value: object) -> object:
    """A result of a pipeline as JSON can hold it: a tensor is a dict with its numbers."""
    if isinstance(value, torch.Tensor):
        return {"tensor": value.tolist()}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def record_runs(model: transformers.PreTrainedModel) -> list[dict]:
    """What generate() is given and returns; a list that grows."""
    runs: list[dict] = []
    generate = model.generate
    defaults = GenerationConfig()

    def recorded(input_ids, attention_mask, **kwargs):  # noqa: ANN001, ANN003, ANN202
        settings, _ = model._prepare_generation_config(**kwargs)
        sequences = generate(input_ids=input_ids, attention_mask=attention_mask, **kwargs)
        keys = {name: value for name, value in settings.to_dict().items() if value != getattr(defaults, name, None)}
        runs.append(
            {
                "input_ids": input_ids.tolist(),
                "attention_mask": attention_mask.tolist(),
                "settings": {name: value for name, value in sorted(keys.items()) if name not in UNUSED},
                "sequences": sequences.tolist(),
            }
        )
        return sequences

    model.generate = recorded
    return runs


def answer(call: Call, tokenizer: PreTrainedTokenizerFast) -> dict:
    recorder = Recorder()
    logger = logging.getLogger("transformers.pipelines.text2text_generation")
    logger.addHandler(recorder)
    logger.setLevel(logging.WARNING)
    model = load(call)
    runs = record_runs(model)
    found = vars(call) | {"runs": runs, "warnings": recorder.messages}
    try:
        ask = make_pipeline(
            call.task, model=model, tokenizer=copy.deepcopy(tokenizer), device="cpu", **with_objects(call.options)
        )
        inputs = (one for one in call.inputs) if call.is_stream else call.inputs
        outputs = ask(inputs, **with_objects(call.arguments))
        return found | {"outputs": plain(list(outputs) if call.is_stream else outputs)}
    except Exception as error:
        print(f"{call.task} {call.inputs!r:.40} {call.arguments}: {type(error).__name__}: {error}")
        return found | {"error": {"type": type(error).__name__, "message": str(error)}}
    finally:
        logger.removeHandler(recorder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.simplefilter("ignore")
    write_tokenizer(args.out / "tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(args.out / "tokenizer")
    languages = Languages(
        tokenizer_object=copy.deepcopy(tokenizer.backend_tokenizer),
        **tokenizer.special_tokens_map,
        model_max_length=LENGTH,
        model_input_names=INPUTS,
    )
    calls = all_calls()
    words = answer(Call(TEXT, SHORT, {"max_new_tokens": 6, "return_tensors": True}), tokenizer)
    third = words["runs"][0]["sequences"][0][3]
    calls += ends(tokenizer.decode(third), third)
    results = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "calls": [answer(call, languages if call.has_languages else tokenizer) for call in calls],
    }
    # A call in a line.
    lines = [json.dumps(call, ensure_ascii=False) for call in results.pop("calls")]
    head = json.dumps(results | {"calls": []})[:-2]
    (args.out / "results.json").write_text(head + "\n" + ",\n".join(lines) + "\n]}\n")
    print(f"results.json: {len(calls)} calls")


if __name__ == "__main__":
    main()
