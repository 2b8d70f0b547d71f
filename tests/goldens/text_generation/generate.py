"""Writes a tokenizer for the tiny decoders, and what the reference's text generation answers with them.

Run with torch and transformers 5.23.0 after tests/goldens/decoders/generate.py.
"""

import argparse
import copy
import json
import warnings
from pathlib import Path

import torch
import transformers
from calls import MERGES, SPECIAL, TEMPLATE, TEXT, VOCABULARY, Call, all_calls, stops
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers.processors import TemplateProcessing
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig, PreTrainedTokenizerFast
from transformers import pipeline as make_pipeline

GOLDENS = Path(__file__).parent.parent
POSITIONS = 40


def write_tokenizer(folder: Path) -> None:
    """Byte-level BPE without most bytes. It adds a first token only where it is asked to."""
    vocab = {token: index for index, token in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.BPE(vocab, [tuple(merge.split()) for merge in MERGES]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token=SPECIAL[0],
        bos_token=SPECIAL[1],
        eos_token=SPECIAL[2],
        pad_token=SPECIAL[3],
        additional_special_tokens=SPECIAL[4:],
        model_max_length=POSITIONS,
        clean_up_tokenization_spaces=False,
        chat_template=TEMPLATE,
    )
    fast.save_pretrained(folder)


def load(call: Call) -> transformers.PreTrainedModel:
    folder = GOLDENS / "decoders" / call.model
    config = AutoConfig.from_pretrained(folder)
    for name, value in call.config.items():
        setattr(config, name, value)
    model = AutoModelForCausalLM.from_pretrained(folder, config=config, dtype=torch.float32)
    for name, value in call.generation_config.items():
        setattr(model.generation_config, name, value)
    return model


def with_objects(arguments: dict) -> dict:
    config = arguments.get("generation_config")
    return arguments | ({"generation_config": GenerationConfig(**config)} if config else {})


def plain(value: object) -> object:
    """The same in what JSON has, with the digits that float32 holds."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def answer(call: Call, tokenizer: PreTrainedTokenizerFast) -> dict:
    ask = make_pipeline(
        "text-generation",
        model=load(call),
        tokenizer=copy.deepcopy(tokenizer),
        device="cpu",
        **with_objects(call.options),
    )
    try:
        outputs = ask(call.inputs, **with_objects(call.arguments))
    except Exception as error:
        print(f"{call.inputs!r:.60} {call.arguments}: {type(error).__name__}: {error}")
        return vars(call) | {"error": {"type": type(error).__name__, "message": str(error)}}
    return vars(call) | {"outputs": plain(outputs)}


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
    calls = all_calls()
    first = answer(Call(TEXT, {"do_sample": False, "max_new_tokens": 7, "return_full_text": False}), tokenizer)
    calls += stops(first["outputs"][0]["generated_text"])
    results = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        # That of the checkpoints' logits; texts and tokens are equal.
        "tolerance": 2e-4,
        "calls": [answer(call, tokenizer) for call in calls],
    }
    (args.out / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print(f"results.json: {len(calls)} calls")


if __name__ == "__main__":
    main()
