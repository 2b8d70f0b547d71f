"""What scripts that train do, run with both libraries on the same checkpoints. `make parity` runs it."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from idioms import TEXTS, Idioms, module, tiny_models  # noqa: F401  # a fixture
from torch.utils.data import DataLoader, Dataset

idiom = Idioms()
LABELS = [1, 0, 1, 0]
# Dropout draws other numbers.
EXACT: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


class Rows(Dataset[dict[str, Any]]):
    """Encoded texts with labels, as scripts write them."""

    def __init__(self, tokenizer: Any) -> None:
        self.encodings = tokenizer(TEXTS, truncation=True, padding=True)

    def __len__(self) -> int:
        return len(LABELS)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = {key: torch.tensor(values[index]) for key, values in self.encodings.items()}
        return {**row, "labels": torch.tensor(LABELS[index])}


def classifier(T: Any, paths: dict[str, str]) -> Any:
    model = T.AutoModelForSequenceClassification.from_pretrained(paths["feelings"], **EXACT)
    return T.AutoTokenizer.from_pretrained(paths["feelings"]), model


def arguments(T: Any, folder: str, **kwargs: Any) -> Any:
    given = {"num_train_epochs": 2, "per_device_train_batch_size": 2, "logging_steps": 1, "report_to": "none"}
    given |= {"learning_rate": 1e-3, "use_cpu": True, "save_strategy": "no", "disable_tqdm": True, "seed": 3}
    return T.TrainingArguments(output_dir=folder, **{**given, **kwargs})


def optimizers(T: Any) -> Any:
    """The optimizers of torch, which take no parameters of trustformers, or those of trustformers."""
    return torch.optim if T is transformers else module(T, "training.optimizers")


def clipping(T: Any) -> Any:
    """The module of torch that clips gradients, which reads torch's alone, or that of trustformers."""
    return torch.nn.utils if T is transformers else module(T, "training.clipping")


def losses(trainer: Any) -> list[float]:
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


@idiom
def loop_of_torch(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = classifier(T, paths)
    loader = DataLoader(Rows(tokenizer), batch_size=2)
    optimizer = optimizers(T).AdamW(model.parameters(), lr=1e-3)
    scheduler = T.get_linear_schedule_with_warmup(optimizer, num_warmup_steps=1, num_training_steps=4)
    model.train()
    found = []
    for _ in range(2):
        for batch in loader:
            optimizer.zero_grad()
            outputs = model(**{key: value.to(model.device) for key, value in batch.items()})
            outputs.loss.backward()
            clipping(T).clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            found.append(outputs.loss.item())
    model.eval()
    return found, scheduler.get_last_lr(), model(**tokenizer(TEXTS[0], return_tensors="pt")).logits


@idiom
def trainer_with_metrics(T: Any, paths: dict[str, str]) -> Any:
    def compute_metrics(prediction: Any) -> dict[str, float]:
        logits, labels = prediction
        return {"accuracy": float((np.argmax(logits, axis=-1) == labels).mean())}

    tokenizer, model = classifier(T, paths)
    rows = Rows(tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        trainer = T.Trainer(
            model=model,
            args=arguments(T, folder, eval_strategy="epoch", weight_decay=0.01, warmup_steps=1),
            train_dataset=rows,
            eval_dataset=rows,
            compute_metrics=compute_metrics,
            processing_class=tokenizer,
            data_collator=T.DataCollatorWithPadding(tokenizer=tokenizer),
        )
        output = trainer.train()
        metrics, predictions = trainer.evaluate(), trainer.predict(rows)
    speeds = ("runtime", "per_second", "flos")
    return (
        losses(trainer),
        output.global_step,
        sorted(metrics),
        {name: value for name, value in metrics.items() if not any(speed in name for speed in speeds)},
        predictions.predictions,
        predictions.label_ids,
        type(output).__name__,
        sorted(output.metrics.keys() - {"total_flos"}),
    )


@idiom
def trainer_with_its_own_loss(T: Any, paths: dict[str, str]) -> Any:
    class Weighted(T.Trainer):  # type: ignore[name-defined,misc]
        def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **kwargs: Any) -> Any:
            labels = inputs.pop("labels")
            outputs = model(**inputs)
            logits = outputs.get("logits")
            weight = torch.tensor([1.0, 2.0], device=model.device)
            loss = torch.nn.CrossEntropyLoss(weight=weight)(
                logits.view(-1, self.model.config.num_labels), labels.view(-1)
            )
            return (loss, outputs) if return_outputs else loss

    tokenizer, model = classifier(T, paths)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Weighted(model=model, args=arguments(T, folder), train_dataset=Rows(tokenizer))
        trainer.train()
    return losses(trainer)


@idiom
def trainer_with_its_own_optimizer(T: Any, paths: dict[str, str]) -> Any:
    class Grouped(T.Trainer):  # type: ignore[name-defined,misc]
        def create_optimizer(self, model: Any = None) -> Any:
            norms = module(T, "pytorch_utils").ALL_LAYERNORM_LAYERS
            decayed = module(T, "trainer_pt_utils").get_parameter_names(self.model, norms)
            decayed = [name for name in decayed if "bias" not in name]
            groups = [
                {"params": [p for n, p in self.model.named_parameters() if n in decayed], "weight_decay": 0.1},
                {"params": [p for n, p in self.model.named_parameters() if n not in decayed], "weight_decay": 0.0},
            ]
            kind, kwargs = T.Trainer.get_optimizer_cls_and_kwargs(self.args)
            self.optimizer = kind(groups, **kwargs)
            return self.optimizer

    tokenizer, model = classifier(T, paths)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Grouped(model=model, args=arguments(T, folder), train_dataset=Rows(tokenizer))
        trainer.train()
    return losses(trainer), [len(group["params"]) for group in trainer.optimizer.param_groups]


@idiom
def trainer_callbacks(T: Any, paths: dict[str, str]) -> Any:
    class Seen(T.TrainerCallback):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            self.events: list[Any] = []

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.events.append(("begin", sorted(kwargs), state.max_steps))

        def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> Any:
            self.events.append((state.global_step, type(model).__name__, state.is_local_process_zero))
            control.should_training_stop = state.global_step >= 3
            return control

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            self.events.append(sorted(logs))

    tokenizer, model = classifier(T, paths)
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder:
        trainer = T.Trainer(model, arguments(T, folder), train_dataset=Rows(tokenizer), callbacks=[seen])
        trainer.remove_callback(T.PrinterCallback)
        trainer.train()
    return seen.events, [type(one).__name__ for one in trainer.callback_handler.callbacks]


@idiom
def trainer_with_early_stopping(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = classifier(T, paths)
    with tempfile.TemporaryDirectory() as folder:
        args = arguments(
            T,
            folder,
            eval_strategy="steps",
            eval_steps=2,
            save_steps=2,
            save_strategy="steps",
            save_total_limit=1,
            load_best_model_at_end=True,
            metric_for_best_model="eval_loss",
            greater_is_better=False,
            num_train_epochs=5,
            learning_rate=0.3,
        )
        rows = Rows(tokenizer)
        trainer = T.Trainer(
            model,
            args,
            train_dataset=rows,
            eval_dataset=rows,
            callbacks=[T.EarlyStoppingCallback(early_stopping_patience=1)],
        )
        trainer.train()
        trainer.save_model(folder)
        again = T.AutoModelForSequenceClassification.from_pretrained(folder)
    return trainer.state.global_step, trainer.state.best_metric is not None, type(again).__name__


@idiom
def language_model_of_a_collator(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["gpt2"])
    tokenizer.pad_token = tokenizer.eos_token
    zeros = {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0}
    model = T.AutoModelForCausalLM.from_pretrained(paths["gpt2"], **zeros)
    rows = [tokenizer(text) for text in TEXTS]
    collator = T.DataCollatorForLanguageModeling(tokenizer, mlm=False)
    with tempfile.TemporaryDirectory() as folder:
        args = arguments(T, folder, gradient_accumulation_steps=2, lr_scheduler_type="cosine", max_steps=2)
        trainer = T.Trainer(model=model, args=args, data_collator=collator, train_dataset=rows)
        trainer.train()
    batch = collator(rows[:2])
    return losses(trainer), batch["labels"], batch["input_ids"].dtype, sorted(batch)


@idiom
def datasets_with_map(T: Any, paths: dict[str, str]) -> Any:
    datasets = pytest.importorskip("datasets")
    tokenizer, model = classifier(T, paths)
    data = datasets.Dataset.from_dict({"text": TEXTS, "label": LABELS})
    data = data.map(lambda rows: tokenizer(rows["text"], truncation=True), batched=True, remove_columns=["text"])
    with tempfile.TemporaryDirectory() as folder:
        trainer = T.Trainer(
            model, arguments(T, folder), train_dataset=data, data_collator=T.DataCollatorWithPadding(tokenizer)
        )
        trainer.train()
    data.set_format("torch", columns=["input_ids", "attention_mask", "label"])
    return losses(trainer), data.column_names, data[0]["input_ids"]


@idiom
def seq2seq_trainer(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["t5"])
    model = T.AutoModelForSeq2SeqLM.from_pretrained(paths["t5"], dropout_rate=0.0)
    rows = tokenizer(["translate: " + text for text in TEXTS], text_target=TEXTS, max_length=24, truncation=True)
    data = [{key: values[index] for key, values in rows.items()} for index in range(len(TEXTS))]
    collator = T.DataCollatorForSeq2Seq(tokenizer, model=model, label_pad_token_id=-100, pad_to_multiple_of=4)

    def compute_metrics(prediction: Any) -> dict[str, float]:
        ids, labels = prediction
        labels = np.where(labels != -100, labels, tokenizer.pad_token_id)
        texts = tokenizer.batch_decode(np.where(ids != -100, ids, 0), skip_special_tokens=True)
        return {"length": float(np.mean([len(text) for text in texts])), "rows": float(len(labels))}

    with tempfile.TemporaryDirectory() as folder:
        args = T.Seq2SeqTrainingArguments(
            output_dir=folder,
            predict_with_generate=True,
            generation_max_length=8,
            num_train_epochs=1,
            per_device_train_batch_size=2,
            learning_rate=1e-3,
            logging_steps=1,
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            save_strategy="no",
        )
        trainer = T.Seq2SeqTrainer(
            model, args, train_dataset=data, eval_dataset=data, data_collator=collator, compute_metrics=compute_metrics
        )
        trainer.train()
        metrics = trainer.evaluate()
    batch = collator([dict(row) for row in data[:2]])
    return losses(trainer), metrics["eval_rows"], {key: batch[key] for key in sorted(batch)}


@idiom
def freezes_and_counts(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = classifier(T, paths)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("classifier")
    optimizer = optimizers(T).SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    loss = model(**batch, labels=torch.tensor(LABELS)).loss
    loss.backward()
    gradients = {name: p.grad is not None for name, p in model.named_parameters()}
    norm = model.classifier.weight.grad.norm().item()
    optimizer.step()
    return norm, sum(gradients.values()), model.classifier.bias.tolist(), loss.requires_grad, loss.detach()


@idiom
def gradients_accumulated(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = classifier(T, paths)
    model.gradient_checkpointing_enable()
    model.enable_input_require_grads()
    model.config.use_cache = False
    for text, label in zip(TEXTS, LABELS, strict=True):
        batch = tokenizer(text, return_tensors="pt")
        (model(**batch, labels=torch.tensor([label])).loss / 4).backward()
    total = torch.norm(torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None]))
    model.zero_grad(set_to_none=True)
    return total, all(p.grad is None for p in model.parameters()), model.is_gradient_checkpointing


@idiom
def lora_of_peft(T: Any, paths: dict[str, str]) -> Any:
    peft: Any = __import__("peft") if T is transformers else module(T, "peft")
    zeros = {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0}
    model = T.AutoModelForCausalLM.from_pretrained(paths["gpt2"], **zeros)
    config = peft.LoraConfig(
        r=4, lora_alpha=8, target_modules=["c_attn"], lora_dropout=0.0, bias="none", task_type="CAUSAL_LM"
    )
    model = peft.get_peft_model(model, config)
    counts = model.get_nb_trainable_parameters()
    for index, (_, parameter) in enumerate(p for p in model.named_parameters() if "lora" in p[0]):
        with torch.no_grad():
            parameter.copy_(torch.full(tuple(parameter.shape), 0.02 * (index + 1)))
    tokenizer = T.AutoTokenizer.from_pretrained(paths["gpt2"])
    batch = tokenizer(TEXTS[0], return_tensors="pt")
    with torch.no_grad():
        logits = model(**batch).logits
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        base = T.AutoModelForCausalLM.from_pretrained(paths["gpt2"])
        again = peft.PeftModel.from_pretrained(base, folder).merge_and_unload()
    return counts, logits, again(**batch).logits, type(again).__name__


@idiom
def linear_layers_for_adapters(T: Any, paths: dict[str, str]) -> Any:
    model = T.AutoModelForCausalLM.from_pretrained(paths["llama"])
    names = set()
    for name, found in model.named_modules():
        if isinstance(found, torch.nn.Linear):
            names.add(name.split(".")[-1])
    names.discard("lm_head")
    return names, sorted({type(found).__name__ for found in model.modules() if isinstance(found, torch.nn.Linear)})


@idiom
def accelerates(T: Any, paths: dict[str, str]) -> Any:
    accelerate = pytest.importorskip("accelerate")
    tokenizer, model = classifier(T, paths)
    accelerator = accelerate.Accelerator(cpu=True)
    optimizer = optimizers(T).AdamW(model.parameters(), lr=1e-3)
    loader = DataLoader(Rows(tokenizer), batch_size=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    found = []
    for batch in loader:
        loss = model(**batch).loss
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        found.append(loss.item())
    return found, type(accelerator.unwrap_model(model)).__name__


@idiom
def schedules_and_arguments(T: Any, paths: dict[str, str]) -> Any:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    found = []
    for name in ("linear", "cosine", "constant_with_warmup", "polynomial"):
        schedule = T.get_scheduler(name, optimizer=optimizer, num_warmup_steps=2, num_training_steps=6)
        for _ in range(4):
            optimizer.step()
            schedule.step()
        found.append(schedule.get_last_lr()[0])
        optimizer.param_groups[0].pop("initial_lr")
        optimizer.param_groups[0]["lr"] = 1.0
    parser = T.HfArgumentParser(T.TrainingArguments)
    (args,) = parser.parse_args_into_dataclasses(["--output_dir", "out", "--learning_rate", "3e-4", "--do_train"])
    return found, args.learning_rate, args.do_train, str(args.lr_scheduler_type), args.output_dir, args.train_batch_size


@idiom
def masked_language_model(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["bert"])
    model = T.AutoModelForMaskedLM.from_pretrained(paths["bert"], **EXACT)
    ids = tokenizer(TEXTS, padding=True, return_tensors="pt")
    ids["labels"] = ids.input_ids.detach().clone()
    chosen = torch.arange(ids.input_ids.numel()).view(ids.input_ids.shape) % 5 == 2
    ids["input_ids"] = ids.input_ids.masked_fill(chosen, tokenizer.mask_token_id)
    ids["labels"][~chosen] = -100
    model.train()
    outputs = model(**ids)
    outputs.loss.backward()
    return outputs.loss, model.bert.embeddings.LayerNorm.weight.grad.tolist(), type(outputs).__name__


@idiom
def rows_of_token_labels(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["ner"])
    model = T.AutoModelForTokenClassification.from_pretrained(paths["ner"], **EXACT)
    words, tags = [text.split() for text in TEXTS], [[1, *[0] * (len(text.split()) - 1)] for text in TEXTS]
    encoded = tokenizer(words, truncation=True, is_split_into_words=True)
    encoded["labels"] = [
        [-100 if word is None else tags[row][word] for word in encoded.word_ids(batch_index=row)]
        for row in range(len(words))
    ]
    rows = [{key: encoded[key][index] for key in encoded} for index in range(len(words))]
    batch = T.DataCollatorForTokenClassification(tokenizer)(rows)
    return model(**batch).loss, batch["labels"], type(batch).__name__


@idiom
def checkpoints_resumed(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = classifier(T, paths)
    with tempfile.TemporaryDirectory() as folder:
        args = arguments(T, folder, save_strategy="epoch", num_train_epochs=1)
        T.Trainer(model, args, train_dataset=Rows(tokenizer)).train()
        last = module(T, "trainer_utils").get_last_checkpoint(folder)
        model = T.AutoModelForSequenceClassification.from_pretrained(last, **EXACT)
        args = arguments(T, folder, save_strategy="epoch", num_train_epochs=2)
        trainer = T.Trainer(model, args, train_dataset=Rows(tokenizer))
        trainer.train(resume_from_checkpoint=True)
    return trainer.state.global_step, last.rpartition("-")[2], losses(trainer)


@idiom
def unsupported_uploads(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = classifier(T, paths)
    args = arguments(T, "out", push_to_hub=False, hub_model_id=None)
    return hasattr(model, "push_to_hub"), hasattr(tokenizer, "push_to_hub"), args.push_to_hub, args.hub_model_id


test_an_idiom_gives_the_same_with_both = idiom.test()
