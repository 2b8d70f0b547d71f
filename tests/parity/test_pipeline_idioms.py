"""What scripts do with pipelines, run with both libraries on the same checkpoints. `make parity` runs it."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from safetensors.numpy import load_file, save_file

GOLDENS = Path(__file__).parents[1] / "goldens"
BERT = GOLDENS / "encoders" / "bert"
LLAMA = GOLDENS / "decoders" / "llama"
NER = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}
TEXTS = ["the cat sat", "anna lives in paris", "john", "she ran home on the mat"]
GREEDY: dict[str, Any] = {"do_sample": False, "max_new_tokens": 5}
CHAT = [{"role": "system", "content": "hello"}, {"role": "user", "content": "a cat?"}]

Idiom = Callable[[Any, dict[str, str]], Any]
IDIOMS: list[Idiom] = []


def idiom(function: Idiom) -> Idiom:
    IDIOMS.append(function)
    return function


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A directory with a model and a tokenizer for each task."""
    root = tmp_path_factory.mktemp("models")
    weights = load_file(BERT / "model.safetensors")
    config = json.loads((BERT / "config.json").read_text())
    heads = {
        "text": ("BertForSequenceClassification", {}),
        "mask": ("BertForMaskedLM", {}),
        "ner": ("BertForTokenClassification", {"id2label": {str(key): label for key, label in NER.items()}}),
        "nli": (
            "BertForSequenceClassification",
            {"label2id": {"contradiction": 0, "neutral": 1, "entailment": 2}},
        ),
        "base": ("BertModel", {}),
    }
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(GOLDENS / "pipelines" / "tokenizer"))
    for name, (architecture, keys) in heads.items():
        own = weights | (load_file(GOLDENS / "pipelines" / "entities.safetensors") if name == "ner" else {})
        (root / name).mkdir()
        save_file(own, root / name / "model.safetensors", metadata={"format": "pt"})
        (root / name / "config.json").write_text(json.dumps({**config, "architectures": [architecture], **keys}))
        tokenizer.save_pretrained(root / name)
    llama = transformers.AutoModelForCausalLM.from_pretrained(str(LLAMA), dtype=torch.float32)
    llama.save_pretrained(root / "llm")
    transformers.AutoTokenizer.from_pretrained(str(GOLDENS / "text_generation" / "tokenizer")).save_pretrained(
        root / "llm"
    )
    return {path.name: str(path) for path in root.iterdir()}


@idiom
def sentiment_of_a_list(T: Any, paths: dict[str, str]) -> Any:
    classifier = T.pipeline("sentiment-analysis", model=paths["text"], device=-1)
    return [(result["label"], round(result["score"], 4)) for result in classifier(TEXTS)]


@idiom
def all_scores_of_a_text(T: Any, paths: dict[str, str]) -> Any:
    classifier = T.pipeline("text-classification", model=paths["text"], top_k=None)
    return [classifier(TEXTS[0]), classifier(TEXTS[:2]), classifier(TEXTS[0], top_k=1), classifier(TEXTS[:1], top_k=2)]


@idiom
def truncated_and_padded_batches(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"], truncation=True, max_length=8, padding=True)
    return [pipe(TEXTS, batch_size=2), pipe("the cat " * 50), pipe("the cat", padding="max_length", max_length=12)]


@idiom
def pairs_of_a_cross_encoder(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"], function_to_apply="none")
    pairs = [{"text": TEXTS[0], "text_pair": other} for other in TEXTS[1:]]
    return [pipe(pairs), pipe(pairs[0]), pipe([[[TEXTS[0], TEXTS[1]]]])]


@idiom
def a_generator_of_rows(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"])

    def data() -> Any:
        yield from TEXTS

    return [*pipe(data()), *pipe(data(), batch_size=3)]


@idiom
def a_key_dataset(T: Any, paths: dict[str, str]) -> Any:
    pt_utils = __import__(f"{T.__name__}.pipelines.pt_utils", fromlist=["KeyDataset"])
    pipe = T.pipeline("text-classification", model=paths["text"])
    rows = pt_utils.KeyDataset([{"text": text} for text in TEXTS], "text")
    results = pipe(rows, batch_size=1, truncation=True)
    return [len(rows), rows[1], len(results), list(results)]


@idiom
def a_dataset_of_torch(T: Any, paths: dict[str, str]) -> Any:
    class Rows(torch.utils.data.Dataset[str]):
        def __len__(self) -> int:
            return len(TEXTS)

        def __getitem__(self, index: int) -> str:
            return TEXTS[index]

    pipe = T.pipeline("ner", model=paths["ner"], aggregation_strategy="simple")
    return [[entity["word"] for entity in entities] for entities in pipe(Rows())]


@idiom
def entities_as_slices(T: Any, paths: dict[str, str]) -> Any:
    ner = T.pipeline("ner", model=paths["ner"], aggregation_strategy="first")
    text = "anna lives in paris and john sat at home"
    found = ner(text)
    return [(entity["entity_group"], text[entity["start"] : entity["end"]]) for entity in found]


@idiom
def tokens_with_every_label(T: Any, paths: dict[str, str]) -> Any:
    ner = T.pipeline("token-classification", model=paths["ner"], ignore_labels=[])
    return [{**token, "score": float(token["score"])} for token in ner("anna lives in paris")]


@idiom
def long_texts_with_a_stride(T: Any, paths: dict[str, str]) -> Any:
    ner = T.pipeline("ner", model=paths["ner"], aggregation_strategy="max", stride=4)
    return [(entity["word"], entity["start"]) for entity in ner("anna and john sat at home in paris " * 5)]


@idiom
def masks_by_their_token(T: Any, paths: dict[str, str]) -> Any:
    unmasker = T.pipeline("fill-mask", model=paths["mask"])
    found = unmasker(f"the cat {unmasker.tokenizer.mask_token} on the mat.", top_k=3)
    targets = unmasker("the [MASK] sat", targets=["cat", "mat"])
    return [[one["token_str"] for one in found], targets, unmasker(["a [MASK]", "the [MASK] [MASK]"], top_k=2)]


@idiom
def labels_as_text(T: Any, paths: dict[str, str]) -> Any:
    zero = T.pipeline("zero-shot-classification", model=paths["nli"])
    result = zero(TEXTS[0], candidate_labels="food, cat", hypothesis_template="it is {}.")
    many = zero(TEXTS[:2], ["food", "cat", "home"], multi_label=True)
    return [result["labels"][0], dict(zip(result["labels"], result["scores"], strict=True)), many]


@idiom
def pooled_features(T: Any, paths: dict[str, str]) -> Any:
    extractor = T.pipeline("feature-extraction", model=paths["base"], tokenizer=paths["base"])
    vectors = np.array([np.mean(extractor(text)[0], axis=0) for text in TEXTS])
    tensor = extractor(TEXTS[0], return_tensors=True)
    return [vectors.tolist(), tensor[0].mean(dim=0).numpy().tolist(), tensor.shape[-1], tensor[:, 0].tolist()]


@idiom
def features_with_arguments_of_the_tokenizer(T: Any, paths: dict[str, str]) -> Any:
    extractor = T.pipeline("feature-extraction", model=paths["base"])
    cut = extractor("the cat " * 20, truncation=True, tokenize_kwargs={"max_length": 6})
    return [np.array(cut).shape, cut, np.array(extractor(TEXTS[0], padding=True)).shape]


@idiom
def prompts_in_batches(T: Any, paths: dict[str, str]) -> Any:
    generator = T.pipeline("text-generation", model=paths["llm"])
    generator.tokenizer.pad_token_id = generator.model.config.eos_token_id
    return [
        generator(["the cat sat", "a"], batch_size=2, **GREEDY),
        generator("the cat", return_full_text=False, **GREEDY),
    ]


@idiom
def sequences_of_beams(T: Any, paths: dict[str, str]) -> Any:
    generator = T.pipeline("text-generation", model=paths["llm"])
    found = generator("the cat", num_beams=3, num_return_sequences=3, max_new_tokens=4, do_sample=False)
    return [one["generated_text"] for one in found]


@idiom
def the_last_message_of_a_chat(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-generation", model=paths["llm"], max_new_tokens=5, do_sample=False)
    outputs = pipe(CHAT)
    return [outputs[0]["generated_text"][-1], pipe([CHAT, CHAT[1:]])]


@idiom
def a_stop_sequence_and_tensors(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-generation", model=paths["llm"])
    ids = pipe("the cat", return_tensors=True, **GREEDY)
    text = pipe("the cat", return_full_text=False, **GREEDY)[0]["generated_text"]
    stopped = pipe("the cat", stop_sequence=text[:2], **GREEDY) if text else None
    return [ids, text, stopped]


@idiom
def a_streamer_in_a_thread(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-generation", model=paths["llm"])
    streamer = T.TextIteratorStreamer(pipe.tokenizer, skip_prompt=True, timeout=20)
    thread = threading.Thread(target=pipe, args=("the cat",), kwargs={"streamer": streamer, **GREEDY})
    thread.start()
    text = "".join(streamer)
    thread.join()
    return text


@idiom
def parts_of_a_pipeline(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"])
    inputs = pipe.tokenizer(TEXTS, padding=True, return_tensors="pt").to(pipe.device)
    with torch.no_grad():
        logits = pipe.model(**inputs).logits
    labels = [pipe.model.config.id2label[index] for index in logits.argmax(dim=-1).tolist()]
    return [labels, pipe.device.type, pipe.task, type(pipe).__name__, isinstance(pipe, T.Pipeline)]


@idiom
def loaded_parts(T: Any, paths: dict[str, str]) -> Any:
    model = T.AutoModelForSequenceClassification.from_pretrained(paths["text"]).eval()
    tokenizer = T.AutoTokenizer.from_pretrained(paths["text"], model_max_length=16)
    pipe = T.pipeline(task="text-classification", model=model, tokenizer=tokenizer, device=torch.device("cpu"))
    direct = T.TextClassificationPipeline(model=model, tokenizer=tokenizer, top_k=None, device="cpu")
    return [pipe("the cat " * 50, truncation=True), direct(TEXTS), pipe.model is model]


@idiom
def a_saved_pipeline(T: Any, paths: dict[str, str]) -> Any:
    folder = f"{paths['text']}-{T.__name__}"
    T.pipeline("text-classification", model=paths["text"]).save_pretrained(folder)
    return T.pipeline("text-classification", model=folder)(TEXTS)


@idiom
def a_mapped_pipeline(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"])
    both = functools.partial(pipe, top_k=2)
    with ThreadPoolExecutor(2) as pool:
        return [list(map(pipe, TEXTS)), list(pool.map(both, TEXTS))]


@idiom
def a_registered_class(T: Any, paths: dict[str, str]) -> Any:
    class PairClassificationPipeline(T.Pipeline):  # type: ignore[name-defined,misc]
        def _sanitize_parameters(self, **kwargs: Any) -> Any:
            given = {"second_text": kwargs["second_text"]} if "second_text" in kwargs else {}
            return given, {}, {}

        def preprocess(self, text: Any, second_text: Any = None) -> Any:
            return self.tokenizer(text, text_pair=second_text, return_tensors="pt")

        def _forward(self, model_inputs: Any) -> Any:
            return self.model(**model_inputs)

        def postprocess(self, model_outputs: Any) -> Any:
            logits = model_outputs.logits[0].numpy()
            weights = np.exp(logits - logits.max())
            best = int(np.argmax(weights))
            score = (weights / weights.sum())[best].item()
            return {"label": self.model.config.id2label[best], "score": score, "logits": logits.tolist()}

    registry = __import__(f"{T.__name__}.pipelines", fromlist=["PIPELINE_REGISTRY"]).PIPELINE_REGISTRY
    registry.register_pipeline(
        "pair-classification",
        pipeline_class=PairClassificationPipeline,
        pt_model=T.AutoModelForSequenceClassification,
    )
    pipe = T.pipeline("pair-classification", model=paths["text"])
    found = [pipe(TEXTS[0], second_text=TEXTS[1]), pipe(TEXTS, batch_size=2), pipe.task]
    registry.supported_tasks.pop("pair-classification")
    return found


@idiom
def keyphrases(T: Any, paths: dict[str, str]) -> Any:
    pipelines = __import__(f"{T.__name__}.pipelines", fromlist=["AggregationStrategy"])

    class KeyphraseExtractionPipeline(T.TokenClassificationPipeline):  # type: ignore[name-defined,misc]
        def __init__(self, model: str, *args: Any, **kwargs: Any) -> None:
            super().__init__(
                *args,
                model=T.AutoModelForTokenClassification.from_pretrained(model),
                tokenizer=T.AutoTokenizer.from_pretrained(model),
                **kwargs,
            )

        def postprocess(self, all_outputs: Any) -> Any:
            results = super().postprocess(
                all_outputs=all_outputs, aggregation_strategy=pipelines.AggregationStrategy.SIMPLE
            )
            return np.unique([result.get("word").strip() for result in results])

    extractor = KeyphraseExtractionPipeline(model=paths["ner"])
    return [found.tolist() for found in extractor(TEXTS)] + [extractor(TEXTS[1]).tolist()]


@idiom
def chunks_of_a_long_text(T: Any, paths: dict[str, str]) -> Any:
    base = __import__(f"{T.__name__}.pipelines.base", fromlist=["ChunkPipeline"])

    class Windows(base.ChunkPipeline):  # type: ignore[name-defined,misc]
        def _sanitize_parameters(self, width: int | None = None, **_kwargs: Any) -> Any:
            return {} if width is None else {"width": width}, {}, {}

        def preprocess(self, inputs: str, width: int = 2) -> Any:
            words = inputs.split()
            starts = range(0, len(words), width)
            for start in starts:
                encoded = self.tokenizer(" ".join(words[start : start + width]), return_tensors="pt")
                yield {"is_last": start == starts[-1], **encoded}

        def _forward(self, model_inputs: Any) -> Any:
            is_last = model_inputs.pop("is_last")
            return {"is_last": is_last, "logits": self.model(**model_inputs).logits}

        def postprocess(self, model_outputs: Any) -> Any:
            return torch.cat([output["logits"] for output in model_outputs]).mean(dim=0).tolist()

    pipe = Windows(
        model=T.AutoModelForSequenceClassification.from_pretrained(paths["text"]),
        tokenizer=T.AutoTokenizer.from_pretrained(paths["text"]),
    )
    return [pipe(TEXTS[1]), pipe(TEXTS, width=1), pipe(TEXTS, batch_size=3), list(pipe(text for text in TEXTS))]


@idiom
def the_first_state_as_embedding(T: Any, paths: dict[str, str]) -> Any:
    class Embedder(T.FeatureExtractionPipeline):  # type: ignore[name-defined,misc]
        def _sanitize_parameters(self, normalize: bool = True, **kwargs: Any) -> Any:
            preprocess, forward, _ = super()._sanitize_parameters(**kwargs)
            return preprocess, forward, {"normalize": normalize}

        def postprocess(self, model_outputs: Any, normalize: bool = True) -> Any:
            vector = model_outputs.last_hidden_state[:, 0]
            return torch.nn.functional.normalize(vector, dim=-1).tolist() if normalize else vector.tolist()

    model, tokenizer = T.AutoModel.from_pretrained(paths["base"]), T.AutoTokenizer.from_pretrained(paths["base"])
    pipe = Embedder(model=model, tokenizer=tokenizer)
    return [pipe(TEXTS), pipe(TEXTS[0], normalize=False)]


@idiom
def hidden_states_in_forward(T: Any, paths: dict[str, str]) -> Any:
    class States(T.TextClassificationPipeline):  # type: ignore[name-defined,misc]
        def _forward(self, model_inputs: Any) -> Any:
            return self.model(**model_inputs, output_hidden_states=True)

        def postprocess(self, model_outputs: Any, **_kwargs: Any) -> Any:
            return [state[0, 0, :3].tolist() for state in model_outputs.hidden_states]

    model = T.AutoModelForSequenceClassification.from_pretrained(paths["text"])
    pipe = States(model=model, tokenizer=T.AutoTokenizer.from_pretrained(paths["text"]))
    return [pipe(TEXTS[0]), pipe(TEXTS[:1] * 2, batch_size=2)]


@idiom
def steps_by_hand(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"])
    inputs = pipe.preprocess(TEXTS[0], truncation=True)
    outputs = pipe.forward(inputs)
    probabilities = torch.softmax(outputs["logits"], dim=1)
    pipe.postprocess = lambda model_outputs, **_kwargs: model_outputs["logits"][0].tolist()
    return [sorted(inputs.keys()), probabilities.tolist(), pipe(TEXTS), outputs.logits.dtype == torch.float32]


@idiom
def one_run_with_its_parameters(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("fill-mask", model=paths["mask"])
    iterator = pipe.get_iterator(["a [MASK]", "the [MASK] sat"], 0, 1, {}, {}, {"top_k": 1})
    return [pipe.run_single("the [MASK] sat", {}, {}, {"top_k": 2}), [found[0]["token_str"] for found in iterator]]


@idiom
def checked_tasks(T: Any, paths: dict[str, str]) -> Any:
    pipelines = T.pipelines
    name, entry, options = pipelines.check_task("sentiment-analysis")
    tasks = pipelines.get_supported_tasks()
    return [name, entry["default"], entry["type"], entry["pt"][0].__name__, options, "fill-mask" in tasks]


@idiom
def a_callable_in_a_dictionary(T: Any, paths: dict[str, str]) -> Any:
    tasks = {name: T.pipeline(name, model=paths[key]) for name, key in (("ner", "ner"), ("sentiment-analysis", "text"))}
    return [[pipe.task, len(pipe(TEXTS)), pipe.call_count] for pipe in tasks.values()]


@idiom
def labels_with_other_names(T: Any, paths: dict[str, str]) -> Any:
    pipe, ner = T.pipeline("text-classification", model=paths["text"]), T.pipeline("ner", model=paths["ner"])
    pipe.model.config.id2label = {0: "bad", 1: "fine", 2: "good"}
    ner.model.config.id2label = {index: label.replace("PER", "P") for index, label in NER.items()}
    results = [pipe(TEXTS), [[token["entity"] for token in tokens] for tokens in ner(TEXTS)]]
    pipe.model.config.problem_type = "multi_label_classification"
    return [*results, pipe(TEXTS[0], top_k=None)]


@idiom
def a_step_replaced_on_the_class(T: Any, paths: dict[str, str]) -> Any:
    cls = T.TextClassificationPipeline
    before = cls.postprocess
    cls.postprocess = lambda self, outputs, **_kwargs: outputs.logits[0].tolist()
    try:
        return T.pipeline("text-classification", model=paths["text"])(TEXTS)
    finally:
        cls.postprocess = before


@idiom
def replaced_parts(T: Any, paths: dict[str, str]) -> Any:
    pipe = T.pipeline("text-classification", model=paths["text"])
    pipe.model = T.AutoModelForSequenceClassification.from_pretrained(paths["text"], problem_type="regression")
    pipe.tokenizer = T.AutoTokenizer.from_pretrained(paths["text"], model_max_length=6)
    return [pipe("the cat " * 9, truncation=True), pipe._postprocess_params]


@idiom
def a_prompt_of_its_own(T: Any, paths: dict[str, str]) -> Any:
    class Answers(T.TextGenerationPipeline):  # type: ignore[name-defined,misc]
        def _sanitize_parameters(self, shout: bool | None = None, **kwargs: Any) -> Any:
            preprocess, forward, postprocess = super()._sanitize_parameters(**kwargs)
            return preprocess, forward, postprocess if shout is None else {**postprocess, "shout": shout}

        def preprocess(self, prompt_text: Any, **kwargs: Any) -> Any:
            return super().preprocess(f"and {prompt_text}", **kwargs)

        def _forward(self, model_inputs: Any, **kwargs: Any) -> Any:
            return super()._forward(model_inputs, **{**kwargs, "max_new_tokens": 3})

        def postprocess(self, model_outputs: Any, shout: bool = False, **kwargs: Any) -> Any:
            texts = [record["generated_text"] for record in super().postprocess(model_outputs, **kwargs)]
            return [text.upper() for text in texts] if shout else texts

    model, tokenizer = (cls.from_pretrained(paths["llm"]) for cls in (T.AutoModelForCausalLM, T.AutoTokenizer))
    pipe = Answers(model=model, tokenizer=tokenizer, do_sample=False)
    return [pipe("the cat"), pipe(TEXTS, shout=True), pipe("a", return_full_text=False)]


@idiom
def hooks_of_tasks(T: Any, paths: dict[str, str]) -> Any:
    class Tokens(T.TokenClassificationPipeline):  # type: ignore[name-defined,misc]
        def gather_pre_entities(self, *args: Any, **kwargs: Any) -> Any:
            return [token for token in super().gather_pre_entities(*args, **kwargs) if token["index"] != 2]

    class Labels(T.ZeroShotClassificationPipeline):  # type: ignore[name-defined,misc]
        def postprocess(self, model_outputs: Any, **kwargs: Any) -> Any:
            result = super().postprocess(model_outputs, **kwargs)
            return result["labels"][0], result["scores"][0], self.entailment_id

    tokens = T.pipeline("ner", model=paths["ner"], pipeline_class=Tokens, aggregation_strategy="simple")
    labels = T.pipeline("zero-shot-classification", model=paths["nli"], pipeline_class=Labels)
    words = [[entity["word"] for entity in entities] for entities in tokens(TEXTS)]
    return [words, labels(TEXTS[0], ["a", "cat"]), labels(TEXTS, candidate_labels=["a", "cat", "x"], batch_size=4)]


@idiom
def a_tokenizer_of_its_own(T: Any, paths: dict[str, str]) -> Any:
    base = type(T.AutoTokenizer.from_pretrained(paths["text"]))

    class Mats(base):  # type: ignore[valid-type,misc]
        def __call__(self, text: Any = None, *args: Any, **kwargs: Any) -> Any:
            return super().__call__(text.replace("cat", "mat") if isinstance(text, str) else text, *args, **kwargs)

    tokenizer = Mats.from_pretrained(paths["text"])
    return T.pipeline("text-classification", model=paths["text"], tokenizer=tokenizer)(["the cat", TEXTS[0]])


def plain(value: Any) -> Any:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, (float, np.floating)) else value


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return bool(found.keys() == expected.keys()) and all(same(found[key], expected[key]) for key in expected)
    return bool(found == pytest.approx(expected, abs=1e-4)) if isinstance(expected, float) else bool(found == expected)


@pytest.mark.parametrize("function", IDIOMS, ids=[function.__name__ for function in IDIOMS])
def test_an_idiom_gives_the_same_with_both(function: Idiom, paths: dict[str, str]) -> None:
    expected, found = (plain(function(library, paths)) for library in (transformers, trustformers))
    assert same(found, expected), (found, expected)
