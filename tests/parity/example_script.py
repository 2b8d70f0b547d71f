"""What example scripts of transformers import and call, task by task: `example_script.py DIR SETTINGS...`.

DIR has the checkpoints and texts that `test_example_scripts.py` writes; results go to `results.json` of the output
directory. The same file runs with transformers and, through `trustformers.alias`, with trustformers.
"""

from __future__ import annotations

import json
import logging
import math
import sys
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
import transformers
from accelerate import Accelerator
from datasets.fingerprint import Hasher
from torch.utils.data import DataLoader
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    DataCollatorWithPadding,
    EvalPrediction,
    HfArgumentParser,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    Trainer,
    TrainingArguments,
    default_data_collator,
    is_torch_xla_available,
    set_seed,
)
from transformers.testing_utils import CaptureLogger
from transformers.trainer_utils import PredictionOutput, get_last_checkpoint, speed_metrics
from transformers.utils import check_min_version
from transformers.utils.versions import require_version

check_min_version("5.0.0")
require_version("datasets>=2.14.0", "pip install datasets")
logger = logging.getLogger(__name__)


@dataclass
class Sources:
    """Arguments of the script beside those of the training."""

    directory: str = field(metadata={"help": "the checkpoints and texts"})
    max_length: int = field(default=24, metadata={"help": "the length of a sequence"})
    num_beams: int | None = field(default=None, metadata={"help": "beams of a generation"})

    def texts(self, name: str) -> Any:
        """The dataset of a task."""
        files = {split: f"{self.directory}/{name}_{split}.json" for split in ("train", "validation")}
        return datasets.load_dataset("json", data_files=files, cache_dir=f"{self.directory}/cache")

    def checkpoint(self, name: str) -> str:
        """The path of a checkpoint."""
        return f"{self.directory}/{name}"


def prepared(texts: Any, args: Any, function: Any) -> Any:
    """The dataset without its columns, mapped; the name of its cache does not depend on calls of the tokenizer."""
    name = Hasher.hash(function)
    with args.main_process_first(desc="tokenization"):
        mapped = texts.map(function, batched=True, remove_columns=texts["train"].column_names, desc="tokenization")
    assert Hasher.hash(function) == name
    return mapped


def trained(trainer: Any, args: Any, checkpoint: str | None = None) -> dict[str, Any]:
    """Trains, evaluates and writes what the scripts write."""
    metrics = trainer.train(resume_from_checkpoint=checkpoint).metrics
    trainer.save_model()
    metrics["train_samples"] = 16
    trainer.log_metrics("train", metrics)
    trainer.save_metrics("train", metrics)
    trainer.save_state()
    found = trainer.evaluate()
    trainer.log_metrics("eval", found)
    trainer.save_metrics("eval", found)
    trainer.create_model_card(finetuned_from="a/model", tasks="text-classification")
    return {name: value for name, value in (metrics | found).items() if name.endswith(("loss", "accuracy", "samples"))}


def classification(sources: Sources, args: Any) -> dict[str, Any]:
    """A classifier of pairs, whose training is resumed."""
    texts = sources.texts("pairs")
    names = sorted(texts["train"].unique("label"))
    path = sources.checkpoint("classifier")
    config = AutoConfig.from_pretrained(path, num_labels=len(names), finetuning_task="text-classification")
    tokenizer = AutoTokenizer.from_pretrained(path, use_fast=True, revision="main", token=None)
    model = AutoModelForSequenceClassification.from_pretrained(path, config=config, ignore_mismatched_sizes=True)
    assert model.config.label2id == PreTrainedConfig(num_labels=len(names)).label2id
    model.config.label2id = {name: index for index, name in enumerate(names)}
    model.config.id2label = dict(enumerate(names))
    length = min(sources.max_length, tokenizer.model_max_length)

    def tokenize(rows: Any) -> Any:
        found = tokenizer(rows["first"], rows["second"], padding="max_length", max_length=length, truncation=True)
        found["label"] = [model.config.label2id[name] for name in rows["label"]]
        return found

    def metrics(found: EvalPrediction) -> dict[str, float]:
        return {"accuracy": float((np.argmax(found.predictions, axis=1) == found.label_ids).mean())}

    mapped = prepared(texts, args, tokenize)
    options = {"processing_class": tokenizer, "data_collator": default_data_collator, "compute_metrics": metrics}
    trainer = Trainer(model, args, train_dataset=mapped["train"], eval_dataset=mapped["validation"], **options)
    results = trained(trainer, args)
    logits = trainer.predict(mapped["validation"].remove_columns("label"), metric_key_prefix="predict").predictions
    model = AutoModelForSequenceClassification.from_pretrained(path, config=config)
    trainer = Trainer(model, args, train_dataset=mapped["train"], eval_dataset=mapped["validation"], **options)
    assert get_last_checkpoint(args.output_dir).endswith("checkpoint-4")
    resumed = trained(trainer, args, f"{args.output_dir}/checkpoint-2")
    written = json.loads(Path(args.output_dir, "config.json").read_text())
    return {
        "first": results,
        "logits": logits.tolist(),
        "resumed": resumed,
        "config": {key: written[key] for key in ("problem_type", "id2label", "architectures")},
        "files": sorted({path.name for path in Path(args.output_dir).iterdir()} & set(FILES)),
    }


def language_model(sources: Sources, args: Any) -> dict[str, Any]:
    """A causal language model of a new configuration, on blocks of streamed texts."""
    kinds = {config.model_type for config in MODEL_FOR_CAUSAL_LM_MAPPING}
    assert {"gpt2", "llama"} <= kinds
    path = sources.checkpoint("language_model")
    config = CONFIG_MAPPING["gpt2"]()
    sizes = {
        key: getattr(AutoConfig.from_pretrained(path), key) for key in ("n_embd", "n_layer", "n_head", "vocab_size")
    }
    config.update_from_string(",".join(f"{key}={value}" for key, value in sizes.items()) + ",embd_pdrop=0.0")
    created = AutoModelForCausalLM.from_config(config)
    count = sum({p.data_ptr(): p.numel() for p in created.parameters()}.values())
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype="auto", low_cpu_mem_usage=True)
    assert model.get_input_embeddings().weight.shape[0] == len(tokenizer)
    log = transformers.utils.logging.get_logger("transformers.tokenization_utils_base")
    block = 8

    def tokenize(rows: Any) -> Any:
        with CaptureLogger(log) as captured:
            found = tokenizer(rows["first"])
        assert not captured.out
        return found

    def grouped(rows: Any) -> Any:
        joined = {key: list(chain(*values)) for key, values in rows.items()}
        ends = range(0, len(joined["input_ids"]) // block * block, block)
        blocks = {key: [values[start : start + block] for start in ends] for key, values in joined.items()}
        return blocks | {"labels": blocks["input_ids"].copy()}

    def best(logits: Any, labels: Any) -> Any:
        return (logits[0] if isinstance(logits, tuple) else logits).argmax(dim=-1)

    def metrics(found: Any) -> dict[str, float]:
        predictions, labels = found
        return {"accuracy": float((predictions[:, :-1] == labels[:, 1:]).mean())}

    texts = sources.texts("pairs")
    names = texts["train"].column_names
    streams = {split: texts[split].to_iterable_dataset() for split in texts}
    blocks = {
        split: stream.map(tokenize, batched=True, remove_columns=names).map(grouped, batched=True)
        for split, stream in streams.items()
    }
    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=blocks["train"],
        eval_dataset=blocks["validation"],
        processing_class=tokenizer,
        data_collator=default_data_collator,
        compute_metrics=None if is_torch_xla_available() else metrics,
        preprocess_logits_for_metrics=best,
    )
    results = trained(trainer, args)
    return {"count": count, "perplexity": math.exp(results["eval_loss"]), **results}


class AnswerTrainer(Trainer):
    """Evaluates answers, of which a sequence may have a part only."""

    def evaluate(self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval") -> Any:
        """The metrics of the answers."""
        dataset = self.eval_dataset if eval_dataset is None else eval_dataset
        compute, self.compute_metrics = self.compute_metrics, None
        start = 0.0
        try:
            output = self.evaluation_loop(
                self.get_eval_dataloader(dataset),
                description="Evaluation",
                prediction_loss_only=None,
                ignore_keys=ignore_keys,
                metric_key_prefix=metric_key_prefix,
            )
        finally:
            self.compute_metrics = compute
        steps = math.ceil(output.num_samples / (self.args.eval_batch_size * self.args.world_size))
        output.metrics.update(speed_metrics(metric_key_prefix, start, num_samples=output.num_samples, num_steps=steps))
        starts, ends = output.predictions
        answers = PredictionOutput(predictions=(starts.argmax(-1), ends.argmax(-1)), label_ids=None, metrics=None)
        metrics = {"eval_accuracy": float((answers.predictions[0] <= answers.predictions[1]).mean()), **output.metrics}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def answers(sources: Sources, args: Any) -> dict[str, Any]:
    """A reader of contexts that are longer than a sequence."""
    texts = sources.texts("answers")
    path = sources.checkpoint("reader")
    tokenizer = AutoTokenizer.from_pretrained(path)
    assert isinstance(tokenizer, PreTrainedTokenizerFast)

    def tokenize(rows: Any) -> Any:
        found = tokenizer(
            [question.lstrip() for question in rows["question"]],
            rows["context"],
            truncation="only_second",
            max_length=sources.max_length,
            stride=4,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        samples, offsets = found.pop("overflow_to_sample_mapping"), found.pop("offset_mapping")
        found["start_positions"], found["end_positions"] = [], []
        for index, sample in enumerate(samples):
            start = rows["start"][sample]
            parts = found.sequence_ids(index)
            inside = [i for i, span in enumerate(offsets[index]) if parts[i] == 1 and span[0] <= start < span[1]]
            position = inside[0] if inside else found["input_ids"][index].index(tokenizer.cls_token_id)
            found["start_positions"].append(position)
            found["end_positions"].append(position)
        return found

    mapped = prepared(texts, args, tokenize)
    trainer = AnswerTrainer(
        model=AutoModelForQuestionAnswering.from_pretrained(path),
        args=args,
        train_dataset=mapped["train"],
        eval_dataset=mapped["validation"],
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer, pad_to_multiple_of=None),
        compute_metrics=lambda found: {},
    )
    return {**trained(trainer, args), "sequences": len(mapped["train"])}


def summaries(sources: Sources, args: Any) -> dict[str, Any]:
    """An encoder-decoder that generates with beams in its evaluations."""
    texts = sources.texts("pairs")
    path = sources.checkpoint("summarizer")
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForSeq2SeqLM.from_pretrained(path)
    assert model.config.decoder_start_token_id is not None
    assert hasattr(model, "prepare_decoder_input_ids_from_labels")

    def tokenize(rows: Any) -> Any:
        found = tokenizer(rows["first"], max_length=sources.max_length, truncation=True)
        found["labels"] = tokenizer(text_target=rows["second"], max_length=8, truncation=True)["input_ids"]
        return found

    def decoded(ids: Any) -> list[str]:
        kept = np.where(ids != -100, ids, tokenizer.pad_token_id)
        return tokenizer.batch_decode(kept, skip_special_tokens=True, clean_up_tokenization_spaces=True)

    def metrics(found: Any) -> dict[str, float]:
        pairs = zip(decoded(found.predictions), decoded(found.label_ids), strict=True)
        return {"accuracy": float(np.mean([len(a) / (len(a) + len(b)) for a, b in pairs]))}

    mapped = prepared(texts, args, tokenize)
    args.generation_max_length = 8
    args.generation_num_beams = sources.num_beams if sources.num_beams is not None else args.generation_num_beams
    trainer = Seq2SeqTrainer(
        model=model,
        args=args,
        train_dataset=mapped["train"],
        eval_dataset=mapped["validation"],
        processing_class=tokenizer,
        data_collator=DataCollatorForSeq2Seq(tokenizer, model=model, label_pad_token_id=-100),
        compute_metrics=metrics if args.predict_with_generate else None,
    )
    results = trained(trainer, args)
    found = trainer.predict(mapped["validation"], metric_key_prefix="predict", max_length=7, num_beams=2)
    return {**results, "texts": decoded(found.predictions), "predict_loss": found.metrics["predict_loss"]}


def accelerated(sources: Sources, args: Any) -> dict[str, Any]:
    """Gradients and an evaluation with Accelerate; optimizers of torch take its own tensors alone."""
    set_seed(args.seed)
    path = sources.checkpoint("classifier")
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForSequenceClassification.from_pretrained(path)

    def tokenize(rows: Any) -> Any:
        found = tokenizer(rows["first"], rows["second"], max_length=sources.max_length, truncation=True)
        return found | {"labels": [ord(name) % 3 for name in rows["label"]]}

    mapped = prepared(sources.texts("pairs"), args, tokenize)
    accelerator = Accelerator()
    collator = DataCollatorWithPadding(tokenizer)
    loaders = {
        split: DataLoader(mapped[split], shuffle=split == "train", collate_fn=collator, batch_size=4)
        for split in mapped
    }
    model, train, validation = accelerator.prepare(model, loaders["train"], loaders["validation"])
    losses = []
    model.train()
    for batch in train:
        loss = model(**batch).loss
        losses.append(loss.detach().float().item())
        accelerator.backward(loss / len(train))
    norms = {name: p.grad.norm().item() for name, p in model.named_parameters() if p.grad is not None}
    model.eval()
    logits = []
    for batch in validation:
        with torch.no_grad():
            found = model(**batch).logits
        logits.append(accelerator.gather_for_metrics(found).cpu().numpy())
    plain = accelerator.unwrap_model(model)
    plain.save_pretrained(args.output_dir, is_main_process=accelerator.is_main_process, save_function=accelerator.save)
    again = AutoModelForSequenceClassification.from_pretrained(args.output_dir)
    with torch.no_grad():
        same = torch.allclose(again(**batch).logits, found, atol=1e-6)
    return {"losses": losses, "norms": norms, "logits": np.concatenate(logits).tolist(), "same": same}


FILES = (
    *("README.md", "all_results.json", "checkpoint-2", "checkpoint-4", "config.json", "eval_results.json"),
    *("model.safetensors", "tokenizer.json", "tokenizer_config.json", "train_results.json", "trainer_state.json"),
)
TASKS = (classification, language_model, answers, summaries, accelerated)


def main() -> None:
    """Runs all tasks; one that fails leaves its error as its result."""
    parser = HfArgumentParser((Sources, Seq2SeqTrainingArguments))
    sources, shared = parser.parse_args_into_dataclasses()
    logging.basicConfig(handlers=[logging.StreamHandler(sys.stdout)])
    if shared.should_log:
        transformers.utils.logging.set_verbosity_info()
    level = shared.get_process_log_level()
    logger.setLevel(level)
    transformers.utils.logging.set_verbosity(level)
    transformers.utils.logging.enable_default_handler()
    transformers.utils.logging.enable_explicit_format()
    logger.warning("rank %s of %s, %s", shared.local_process_index, shared.parallel_mode.value, shared.device)
    logger.info("%s", shared)
    results: dict[str, Any] = {}
    for task in TASKS:
        given = [argument for argument in sys.argv[1:] if "generate" not in argument]
        given[given.index("--output_dir") + 1] += f"/{task.__name__}"
        kind = Seq2SeqTrainingArguments if task is summaries else TrainingArguments
        chosen = [*given, *(["--predict_with_generate"] if task is summaries else [])]
        sources, args = HfArgumentParser((Sources, kind)).parse_args_into_dataclasses(args=chosen)
        set_seed(args.seed)
        try:
            results[task.__name__] = task(sources, args)
        except Exception as error:
            logger.exception(task.__name__)
            results[task.__name__] = f"{type(error).__name__}: {error}"
    Path(shared.output_dir, "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main()
