"""What model cards and scripts do with models, run with both libraries. `make parity` runs it."""

from __future__ import annotations

import copy
import io
import os
import pickle
import tempfile
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from idioms import TEXTS, Idioms, module, tiny_models  # noqa: F401  # a fixture
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

idiom = Idioms()


def both(T: Any, path: str, model: str = "AutoModel", **kwargs: Any) -> Any:
    return T.AutoTokenizer.from_pretrained(path), getattr(T, model).from_pretrained(path, **kwargs)


CLASSIFIER = "AutoModelForSequenceClassification"


@idiom
def mean_pooling(T: Any, paths: dict[str, str]) -> Any:
    def pooled(output: Any, mask: Any) -> Any:
        tokens = output[0]
        wide = mask.unsqueeze(-1).expand(tokens.size()).float()
        return torch.sum(tokens * wide, 1) / torch.clamp(wide.sum(1), min=1e-9)

    tokenizer, model = both(T, paths["bert"], add_pooling_layer=False)
    encoded = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        output = model(**encoded)
    embeddings = F.normalize(pooled(output, encoded["attention_mask"]), p=2, dim=1)
    return embeddings, embeddings @ embeddings.T, F.cosine_similarity(embeddings[:1], embeddings)


@idiom
def last_token_pooling(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["llama"])
    tokenizer.pad_token = tokenizer.eos_token
    batch = tokenizer(TEXTS, max_length=32, padding=True, truncation=True, return_tensors="pt").to(model.device)
    outputs = model(**batch)
    states, mask = outputs.last_hidden_state, batch["attention_mask"]
    lengths = mask.sum(dim=1) - 1
    vectors = states[torch.arange(states.shape[0], device=states.device), lengths]
    return F.normalize(vectors, p=2, dim=1)[:, :8], lengths


@idiom
def cls_pooling_in_inference_mode(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bert"], add_pooling_layer=False)
    model.eval()
    with torch.inference_mode():
        output = model(**tokenizer(TEXTS, padding=True, return_tensors="pt"))
    return output.last_hidden_state[:, 0], output.last_hidden_state[:, 0].mean(dim=1).cpu().numpy()


@idiom
def last_four_layers(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bert"], output_hidden_states=True, add_pooling_layer=False)
    with torch.no_grad():
        hidden = model(**tokenizer(TEXTS[1], return_tensors="pt")).hidden_states
    layers = torch.stack(hidden, dim=0).permute(1, 2, 0, 3)
    joined = torch.cat(hidden[-2:], dim=-1)
    return len(hidden), type(hidden).__name__, layers[:, :, -2:].sum(dim=2), joined.shape == (1, layers.shape[1], 64)


@idiom
def entailment_of_a_pair(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    inputs = tokenizer("A bank in Berlin.", "Anna works.", truncation=True, return_tensors="pt")
    output = model(inputs["input_ids"].to("cpu"))
    prediction = torch.softmax(output["logits"][0], -1).tolist()
    names = ["entailment", "neutral", "contradiction"]
    return {name: round(float(pred) * 100, 1) for pred, name in zip(prediction, names, strict=True)}


@idiom
def zero_shot_by_hand(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    x = tokenizer.encode(TEXTS[0], "This example is love.", return_tensors="pt", truncation="only_first")
    logits = model(x)[0]
    probs = logits[:, [0, 2]].softmax(dim=1)
    return probs[:, 1], probs[:, 1].item()


@idiom
def scores_of_a_reranker(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["reranker"], CLASSIFIER)
    model.eval()
    pairs = [["Berlin?", TEXTS[2]], ["Berlin?", TEXTS[0]]]
    with torch.no_grad():
        inputs = tokenizer(pairs, padding=True, truncation=True, return_tensors="pt", max_length=48)
        scores = model(**inputs, return_dict=True).logits.view(-1).float()
    return scores, torch.sigmoid(scores), scores.argsort(descending=True).tolist(), scores.numpy()


@idiom
def yes_no_reranker(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["llama"], padding_side="left")
    tokenizer.pad_token = tokenizer.eos_token
    model = T.AutoModelForCausalLM.from_pretrained(paths["llama"]).eval()
    inputs = tokenizer(["query: " + text for text in TEXTS[:2]], padding=False, truncation="longest_first")
    inputs = tokenizer.pad(inputs, padding=True, return_tensors="pt", max_length=64)
    for key in inputs:
        inputs[key] = inputs[key].to(model.device)
    batch = model(**inputs).logits[:, -1, :]
    pair = torch.stack([batch[:, 300], batch[:, 301]], dim=1)
    return torch.nn.functional.log_softmax(pair, dim=1)[:, 1].exp().tolist()


@idiom
def labels_of_classes(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["feelings"], CLASSIFIER)
    with torch.no_grad():
        logits = model(**tokenizer(TEXTS, return_tensors="pt", padding=True)).logits
    best = logits.argmax().item(), logits.argmax(dim=-1)
    return best, [model.config.id2label[index.item()] for index in best[1]], model.num_labels, model.config.label2id


@idiom
def losses_of_labels(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["feelings"], CLASSIFIER, num_labels=2)
    inputs = tokenizer(TEXTS[0], return_tensors="pt")
    output = model(**inputs, labels=torch.tensor([1]))
    loss, logits = output[:2]
    return loss.item(), round(output.loss.item(), 2), logits, output.to_tuple()[0].shape == torch.Size([])


@idiom
def several_labels(T: Any, paths: dict[str, str]) -> Any:
    tokenizer = T.AutoTokenizer.from_pretrained(paths["nli"])
    model = T.AutoModelForSequenceClassification.from_pretrained(
        paths["nli"], problem_type="multi_label_classification"
    )
    inputs = tokenizer(TEXTS[:2], padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits
    chosen = torch.arange(0, logits.shape[-1])[torch.sigmoid(logits).squeeze(dim=0)[0] > 0.5]
    labels = torch.sum(F.one_hot(chosen[None, :].clone(), num_classes=3), dim=1).to(torch.float)
    return chosen, model(**inputs, labels=labels.expand(2, 3)).loss


@idiom
def masked_words(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bert"], "AutoModelForMaskedLM")
    inputs = tokenizer(f"Anna lives in {tokenizer.mask_token}.", return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits
    places = (inputs.input_ids == tokenizer.mask_token_id)[0].nonzero(as_tuple=True)[0]
    top = torch.topk(logits[0, places], 5, dim=1)
    labels = torch.where(inputs.input_ids == tokenizer.mask_token_id, inputs.input_ids, -100)
    return (
        top.indices,
        [tokenizer.decode([index]) for index in top.indices[0].tolist()],
        model(**inputs, labels=labels)[0],
    )


@idiom
def answers_by_hand(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["squad"], "AutoModelForQuestionAnswering")
    inputs = tokenizer("Who?", TEXTS[2], add_special_tokens=True, return_tensors="pt")
    ids = inputs["input_ids"].tolist()[0]
    outputs = model(**inputs)
    start, end = torch.argmax(outputs.start_logits), torch.argmax(outputs.end_logits) + 1
    answer = tokenizer.convert_tokens_to_string(tokenizer.convert_ids_to_tokens(ids[start:end]))
    predicted = inputs.input_ids[0, outputs.start_logits.argmax() : outputs.end_logits.argmax() + 1]
    return answer, tokenizer.decode(predicted, skip_special_tokens=True), outputs.start_logits, list(outputs)


@idiom
def entities_by_hand(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["ner"], "AutoModelForTokenClassification")
    inputs = tokenizer(TEXTS[2].split(), is_split_into_words=True, return_tensors="pt", return_offsets_mapping=True)
    offsets = inputs.pop("offset_mapping")
    predictions = torch.argmax(model(**inputs).logits, dim=2)
    tags = [model.config.id2label[index.item()] for index in predictions[0]]
    return tags, inputs.word_ids(), inputs.tokens(), offsets, inputs.word_ids(batch_index=0)[1]


@idiom
def precisions(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bert"], add_pooling_layer=False)
    inputs = tokenizer(TEXTS[0], return_tensors="pt")
    found = []
    for changed in (model.half(), model.bfloat16(), model.to(torch.float16), model.float(), model.to("cpu")):
        with torch.no_grad():
            output = changed(**inputs).last_hidden_state
        found.append((output.dtype, changed.dtype, next(changed.parameters()).dtype == torch.float32))
    return str(found)


@idiom
def arguments_of_loading(T: Any, paths: dict[str, str]) -> Any:
    kinds = [
        {"torch_dtype": torch.bfloat16, "low_cpu_mem_usage": True},
        {"dtype": "auto", "attn_implementation": "sdpa"},
        {"torch_dtype": "auto", "device_map": "cpu", "attn_implementation": "eager"},
        {"trust_remote_code": True, "use_safetensors": True, "local_files_only": True},
        {"device_map": {"": "cpu"}, "dtype": "float16"},
        {"num_labels": 5, "ignore_mismatched_sizes": True, "use_cache": False},
        {"id2label": {0: "a", 1: "b"}, "label2id": {"a": 0, "b": 1}, "output_attentions": True},
    ]
    found = []
    for kwargs in kinds:
        config = T.AutoConfig.from_pretrained(paths["feelings"])
        model = T.AutoModelForSequenceClassification.from_pretrained(paths["feelings"], **kwargs)
        found.append(
            (str(model.dtype), str(model.device), model.config.num_labels, model.config.id2label, model.training)
        )
        found.append((config.model_type, model.classifier.out_features, model.config.output_attentions))
    tokenizer = T.AutoTokenizer.from_pretrained(
        paths["bert"], use_fast=True, trust_remote_code=True, model_max_length=16, padding_side="left"
    )
    return found, tokenizer.is_fast, tokenizer.model_max_length, tokenizer.padding_side


@idiom
def configurations_of_models(T: Any, paths: dict[str, str]) -> Any:
    config = T.AutoConfig.from_pretrained(paths["bert"], num_labels=4, finetuning_task="cola", hidden_dropout_prob=0.3)
    model = T.AutoModelForSequenceClassification.from_config(config)
    other = T.AutoModelForSequenceClassification.from_pretrained(paths["bert"], config=config)
    config.update({"hidden_dropout_prob": 0.2})
    config.problem_type = "regression"
    texts = config.to_json_string(), config.to_diff_dict()
    return (
        model.num_labels,
        other.config.hidden_dropout_prob,
        config.hidden_dropout_prob,
        config.hidden_size,
        (
            model.num_parameters() == sum(p.numel() for p in model.parameters() if p.requires_grad),
            "hidden_size" in texts[0],
            sorted(texts[1]),
            hasattr(config, "nothing"),
            getattr(config, "nothing", None),
            config.vocab_size,
            config.use_return_dict,
        ),
    )


@idiom
def counts_and_names_of_parameters(T: Any, paths: dict[str, str]) -> Any:
    model = T.AutoModelForSequenceClassification.from_pretrained(paths["feelings"])
    for parameter in model.base_model.parameters():
        parameter.requires_grad = False
    for name, parameter in model.named_parameters():
        if "encoder.layer.1" in name:
            parameter.requires_grad_(True)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    decayed = [n for n, p in model.named_parameters() if not any(nd in n for nd in ["bias", "LayerNorm.weight"])]
    return (
        trainable,
        sum(p.numel() for p in model.parameters()),
        model.num_parameters(only_trainable=True),
        decayed,
        [(name, tuple(value.shape), value.dtype == torch.float32) for name, value in model.state_dict().items()],
        next(model.parameters()).device.type,
    )


@idiom
def weight_decay_without_norms(T: Any, paths: dict[str, str]) -> Any:
    model = T.AutoModelForSequenceClassification.from_pretrained(paths["feelings"])
    norms = module(T, "pytorch_utils").ALL_LAYERNORM_LAYERS
    names = module(T, "trainer_pt_utils").get_parameter_names(model, norms)
    return sorted(name for name in names if "bias" not in name)


@idiom
def changes_of_weights(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["feelings"], CLASSIFIER)
    for parameter in model.parameters():
        parameter.data = parameter.data * 0.5
    with torch.no_grad():
        model.classifier.weight.mul_(2.0)
        model.classifier.bias.copy_(torch.tensor([0.25, -0.25]))
    model.classifier.bias.data[0] = 1.5
    model.bert.pooler.dense.bias.data = torch.zeros(32)
    model.bert.pooler.dense.weight.data.clamp_(-0.1, 0.1)
    nn.init.constant_(model.bert.embeddings.LayerNorm.weight, 0.5)
    return model(**tokenizer(TEXTS, padding=True, return_tensors="pt")).logits, model.classifier.bias.tolist()


@idiom
def state_dicts(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["feelings"], CLASSIFIER)
    state = {name: value.clone() * 0.9 for name, value in model.state_dict().items()}
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    result = model.load_state_dict(torch.load(file))
    partial = model.load_state_dict({"classifier.bias": torch.ones(2)}, strict=False)
    return (
        result.missing_keys,
        len(partial.missing_keys),
        partial.unexpected_keys,
        model(**tokenizer("a", return_tensors="pt")),
    )


@idiom
def copies_of_models(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["feelings"], CLASSIFIER)
    inputs = tokenizer(TEXTS[0], return_tensors="pt")
    others = copy.deepcopy(model), pickle.loads(pickle.dumps(model))
    return [type(other).__name__ for other in others], [other(**inputs).logits for other in others]


@idiom
def a_module_around_a_model(T: Any, paths: dict[str, str]) -> Any:
    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = T.AutoModel.from_pretrained(paths["bert"], add_pooling_layer=False)
            self.dropout = nn.Dropout(0.1)
            torch.manual_seed(0)
            self.head = nn.Linear(self.bert.config.hidden_size, 3)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            outputs = self.bert(input_ids=input_ids, attention_mask=attention_mask)
            return self.head(self.dropout(outputs.last_hidden_state[:, 0]))

    tokenizer = T.AutoTokenizer.from_pretrained(paths["bert"])
    encoded = tokenizer(TEXTS, padding="max_length", max_length=24, truncation=True, return_tensors="pt")
    model = Classifier()
    model.eval()
    loader = DataLoader(TensorDataset(encoded["input_ids"], encoded["attention_mask"]), batch_size=2)
    with torch.no_grad():
        logits = torch.cat([model(ids, mask) for ids, mask in loader])
    return logits, torch.max(logits, dim=1)[1]


@idiom
def compiled(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["feelings"], CLASSIFIER)
    model.compile()
    with torch.no_grad(), torch.autocast("cpu", enabled=False):
        return model(**tokenizer(TEXTS, padding=True, return_tensors="pt")).logits


@idiom
def tables_of_embeddings(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["bert"], "AutoModelForMaskedLM")
    table = model.get_input_embeddings()
    ids = tokenizer("Anna", return_tensors="pt").input_ids
    inputs = table(ids)
    outputs = model(inputs_embeds=inputs).logits
    added = tokenizer.add_tokens(["<new>"]), tokenizer.add_special_tokens({"additional_special_tokens": ["<x>"]})
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    return (
        outputs,
        table.weight.shape == (180, 32),
        added,
        model.get_input_embeddings().num_embeddings,
        (
            table.embedding_dim,
            model.config.vocab_size,
            model.get_output_embeddings().out_features,
        ),
    )


@idiom
def attentions_of_heads(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(
        T, paths["bert"], attn_implementation="eager", output_attentions=True, add_pooling_layer=False
    )
    output = model(**tokenizer(TEXTS[:1], return_tensors="pt"))
    attention = output.attentions[-1]
    return (
        attention.shape == (1, 4, attention.shape[2], attention.shape[2]),
        attention.sum(-1).mean(),
        output.attentions[0],
    )


@idiom
def perplexity(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"], "AutoModelForCausalLM")
    encodings = tokenizer("\n\n".join(TEXTS), return_tensors="pt")
    losses, previous = [], 0
    for begin in range(0, encodings.input_ids.size(1), 16):
        end = min(begin + 32, encodings.input_ids.size(1))
        ids = encodings.input_ids[:, begin:end].to(model.device)
        targets = ids.clone()
        targets[:, : -(end - previous)] = -100
        with torch.no_grad():
            losses.append(model(ids, labels=targets).loss)
        previous = end
        if end == encodings.input_ids.size(1):
            break
    return torch.exp(torch.stack(losses).mean()), torch.stack(losses)


@idiom
def log_likelihood_of_tokens(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["gpt2"], "GPT2LMHeadModel")
    tokenizer.pad_token = tokenizer.eos_token
    batch = tokenizer(TEXTS, return_tensors="pt", padding=True)
    logits = model(**batch).logits
    shifted, labels = logits[..., :-1, :].contiguous(), batch.input_ids[..., 1:].contiguous()
    loss = nn.CrossEntropyLoss(reduction="none")(shifted.view(-1, shifted.size(-1)), labels.view(-1))
    probs = torch.gather(logits[:, :-1].log_softmax(-1), 2, labels[:, :, None]).squeeze(-1)
    mask = batch.attention_mask[:, 1:].bool()
    return loss.view(labels.shape)[mask], probs.masked_fill(~mask, 0).sum(-1)


@idiom
def outputs_as_dicts(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    output = model(**tokenizer(TEXTS[0], return_tensors="pt"))
    pairs = model(**tokenizer(TEXTS[0], return_tensors="pt"), return_dict=False)
    return (
        list(output.keys()),
        output["logits"] is output[0],
        dict(**output),
        type(pairs).__name__,
        "loss" in output,
        (
            output.get("loss"),
            output.hidden_states,
            len(output),
            type(output).__name__,
            [type(value).__name__ for value in output.values()],
        ),
    )


@idiom
def inputs_of_numpy(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    inputs = {
        key: torch.from_numpy(value) for key, value in tokenizer(TEXTS, padding=True, return_tensors="np").items()
    }
    logits = model(**inputs).logits.detach().numpy()
    exps = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return logits, exps.argmax(axis=-1), logits.shape


@idiom
def own_padding_and_masks(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    rows = [torch.tensor(tokenizer.encode(text)) for text in TEXTS]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokenizer.pad_token_id)
    mask = (ids != tokenizer.pad_token_id).long()
    positions = torch.arange(ids.shape[1]).unsqueeze(0)
    return model(ids, attention_mask=mask, position_ids=positions).logits, model(ids, mask, torch.zeros_like(ids))[0]


@idiom
def saves_and_loads(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    with tempfile.TemporaryDirectory() as folder:
        written = tokenizer.save_pretrained(folder)
        model.config.id2label = {0: "x", 1: "y", 2: "z"}
        model.save_pretrained(folder, safe_serialization=True, max_shard_size="20KB")
        files = sorted(os.listdir(folder))
        again = T.AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)
        result = again(**T.AutoTokenizer.from_pretrained(folder)(TEXTS[0], return_tensors="pt")).logits
    return (
        len([file for file in files if file.startswith("model-")]) > 3,
        "tokenizer.json" in files,
        (
            type(written).__name__,
            again.config.id2label,
            result,
        ),
    )


@idiom
def modules_of_a_tree(T: Any, paths: dict[str, str]) -> Any:
    model = T.AutoModelForSequenceClassification.from_pretrained(paths["nli"])
    linear = [name for name, found in model.named_modules() if isinstance(found, nn.Linear)]
    kinds = sorted({type(found).__name__ for _, found in model.named_modules() if "Linear" in type(found).__name__})
    return (
        linear,
        kinds,
        len(model.bert.encoder.layer),
        model.bert.encoder.layer[0].attention.self.query.weight.shape
        == (
            32,
            32,
        ),
    )


@idiom
def gradients_of_inputs(T: Any, paths: dict[str, str]) -> Any:
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    embeddings = model.get_input_embeddings()(tokenizer(TEXTS[0], return_tensors="pt").input_ids).detach()
    embeddings.requires_grad_(True)
    logits = model(inputs_embeds=embeddings).logits
    logits[0, logits.argmax()].backward()
    return (embeddings.grad * embeddings).sum(-1)


@idiom
def data_parallel_and_hooks_of_devices(T: Any, paths: dict[str, str]) -> Any:
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    tokenizer, model = both(T, paths["nli"], CLASSIFIER)
    model = model.to(device).eval()
    inputs = {
        key: value.to(device, non_blocking=True) for key, value in tokenizer(TEXTS[0], return_tensors="pt").items()
    }
    unwrapped = model.module if hasattr(model, "module") else model
    return unwrapped(**inputs).logits, model.device == device, model.device.type, str(model.device)


@idiom
def errors_of_scripts(T: Any, paths: dict[str, str]) -> Any:
    found = []
    for action in (
        lambda: T.AutoModel.from_pretrained("/nowhere/at/all"),
        lambda: T.AutoTokenizer.from_pretrained("/nowhere/at/all"),
        lambda: T.AutoConfig.from_pretrained("/nowhere/at/all"),
        lambda: T.AutoModel.from_pretrained(paths["bert"])(),
        lambda: T.AutoModelForSequenceClassification.from_pretrained(paths["bert"], num_labels=3, nothing=1),
        lambda: T.BertModel.from_pretrained(paths["bert"]).no_such_attribute,
        lambda: T.pipeline("no-such-task"),
        lambda: T.AutoModelForCausalLM.from_pretrained(paths["t5"]),
    ):
        try:
            action()
            found.append("none")
        except Exception as error:
            kinds = (OSError, ValueError, TypeError, AttributeError, KeyError)
            found.append([kind.__name__ for kind in kinds if isinstance(error, kind)] or type(error).__name__)
    return found


test_an_idiom_gives_the_same_with_both = idiom.test()
