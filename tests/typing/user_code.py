"""What a user writes; `mypy --strict` must accept it and know the types."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import trustformers
from trustformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    BertForMaskedLM,
    Device,
    DynamicCache,
    Pipeline,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
    get_num_threads,
    pipeline,
    set_num_threads,
)
from trustformers.errors import TrustformersError, UnsupportedError
from trustformers.generation import GenerationMixin
from trustformers.modeling_outputs import BaseModelOutputWithPooling
from trustformers.models import BertConfig
from trustformers.models.auto import CONFIG_MAPPING_NAMES
from trustformers.models.auto.modeling_auto import AutoModelForSequenceClassification
from trustformers.models.llama.configuration_llama import LlamaConfig
from trustformers.models.llama.modeling_llama import LlamaForCausalLM
from trustformers.pipelines import PIPELINE_REGISTRY, AggregationStrategy
from trustformers.pipelines.pt_utils import KeyDataset
from trustformers.tensor import where
from trustformers.tokenization_utils_base import BatchEncoding, PreTrainedTokenizerBase
from trustformers.utils import logging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def mean_pooled(hidden: NDArray[np.float32], mask: list[list[int]]) -> NDArray[Any]:
    """Mean of the unmasked rows, with tensors."""
    states = trustformers.Tensor.from_numpy(hidden)
    weights = trustformers.Tensor(mask, dtype=np.float32).unsqueeze(-1)
    total = (states * weights).sum(dim=1)
    mean = total / weights.sum(axis=1).clamp(min=1e-9)
    best = where(mean > 0, mean**2, 2 - mean)[:, None].squeeze(1)
    is_float: bool = best.dtype == np.float32 and best.is_floating_point()
    assert is_float, best.shape
    return best.numpy()


def modules(path: str) -> list[str]:
    """Names of the modules inside a model, and of what is read from them."""
    model = AutoModelForSequenceClassification.from_pretrained(path, device_map="cpu", attn_implementation="sdpa")
    base: Any = model.base_model
    names = [name for name, _ in model.named_modules()]
    names += [name for name, weight in base.named_parameters() if weight.numel()]
    prefix: str = model.base_model_prefix
    assert model.get_submodule(prefix) is base, (model.get_input_embeddings().weight.shape, model.training)
    return names


def hidden_states(path: str, texts: list[str]) -> NDArray[np.float32]:
    """The last hidden state of a batch."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModel.from_pretrained(path, device=Device.cpu(), dtype="float32")
    inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="np")
    outputs = model(**inputs)
    state: NDArray[np.float32] = outputs.last_hidden_state
    pooled: NDArray[np.float32] | None = outputs.pooler_output
    return state if pooled is None else state + pooled[:, None, :]


class Confident(TextClassificationPipeline):
    """A pipeline for a task with a step of its own."""

    def postprocess(self, model_outputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The label, if its score is high."""
        best: dict[str, Any] = super().postprocess(model_outputs, *args, **kwargs)
        return best["label"] if best["score"] > 0.9 else None


class Lengths(Pipeline):
    """A pipeline of one's own."""

    def _sanitize_parameters(self, scale: float = 1.0) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        return {}, {}, {"scale": scale}

    def preprocess(self, text: str) -> BatchEncoding:
        """The tokens."""
        return self.tokenizer(text, return_tensors="np")

    def _forward(self, model_inputs: BatchEncoding) -> Any:
        return self.model(**model_inputs)

    def postprocess(self, model_outputs: Any, scale: float) -> float:
        """Their number, scaled."""
        return scale * float(model_outputs[0].shape[1])


def by_steps(path: str, texts: list[str]) -> list[str | None]:
    """Results of the steps of pipelines, and of classes of one's own."""
    PIPELINE_REGISTRY.register_pipeline("lengths", pipeline_class=Lengths, pt_model=AutoModel)
    lengths: Lengths = pipeline("lengths", model=path, pipeline_class=Lengths, scale=2.0)
    confident = pipeline("text-classification", model=path, pipeline_class=Confident)
    inputs = confident.preprocess(texts[0], truncation=True)
    best: str | None = confident.postprocess(confident.forward(inputs))
    column: Iterator[Any] = confident(KeyDataset([{"text": text} for text in texts], "text"), batch_size=2)
    tagger = pipeline("ner", path, aggregation_strategy=AggregationStrategy.SIMPLE, device=0)
    entities: list[dict[str, Any]] = tagger.postprocess([tagger.forward(one) for one in tagger.preprocess(texts[0])])
    assert lengths(texts[0]) >= len(entities)
    return [best, *column]


def with_tensors(path: str, texts: list[str]) -> trustformers.Tensor:
    """The last hidden state of a batch, with tensors."""
    tokenizer = AutoTokenizer.from_pretrained(path)
    inputs = tokenizer(texts, padding=True, return_tensors="tf_rs").to(Device.cpu(), "float32")
    ids = trustformers.Tensor(inputs["input_ids"])
    outputs = AutoModel.from_pretrained(path)(ids, attention_mask=inputs["attention_mask"], max_length=8)
    lists: list[Any] = outputs.to_list()
    words: str | list[str] = tokenizer.decode(ids)
    assert len(lists) == len(outputs), words
    return trustformers.Tensor(outputs.last_hidden_state)


def nearest(path: str, sentences: list[str]) -> int:
    """The sentence nearest to the first."""
    similarity = pipeline("sentence-similarity", model=path, batch_size=8)
    scores: list[float] = similarity({"source_sentence": sentences[0], "sentences": sentences[1:]})
    table: NDArray[np.float32] = similarity(sentences).similarity
    return 1 + scores.index(max(scores)) if table.size else 0


def searched(path: str, query: str, documents: list[str]) -> NDArray[np.float32]:
    """How alike a query and documents are, each with its own prompt."""
    similarity = pipeline("sentence-similarity", model=path, truncate_dim=256)
    prompts: dict[str, str] = similarity.prompts
    asked = similarity.embed(query, task="query", normalize_embeddings=True)
    found = similarity.embed(documents, batch_size=4, prompt_name="document" if "document" in prompts else None)
    return similarity.similarity(asked, found)


def ranked(path: str, query: str, documents: list[str]) -> list[tuple[int, float]]:
    """The documents that fit a query best."""
    ranking = pipeline("text-ranking", model=path, batch_size=8)
    scores: NDArray[np.float32] = ranking.predict([(query, document) for document in documents])
    results = ranking({"query": query, "texts": documents}, top_k=3, return_texts=True)
    return [(result["index"], result["score"]) for result in results] if scores.size else []


def width(path: str) -> int:
    """The hidden size, or zero where there is no model."""
    try:
        size: int = AutoConfig.from_pretrained(path).hidden_size
    except UnsupportedError:
        raise
    except (TrustformersError, OSError) as error:
        print(error)
        return 0
    return size


def features(path: str) -> list[float]:
    """The first token's vector."""
    vector: list[float] = pipeline("feature-extraction", path)("text")[0][0]
    return vector


def in_8_bits(path: str) -> tuple[str, str | None]:
    """The precisions of a model and of its linear layers."""
    set_num_threads(max(1, get_num_threads() // 2))
    model = AutoModel.from_pretrained(path, dtype=np.float32, load_in_8bit=True)
    other = AutoModel.from_pretrained(path, dtype=np.dtype("float16"), quantization_config={"bits": 8})
    task = pipeline("feature-extraction", path, torch_dtype="bfloat16", model_kwargs={"load_in_8bit": True})
    method: str | None = task.model.quantization_method
    return (other.dtype, method) if model.is_quantized and other.is_loaded_in_8bit else (model.dtype, None)


def answers(path: str) -> list[str]:
    """One line of every task with a head."""
    best: str = pipeline("sentiment-analysis", path, top_k=2)("text", batch_size=8)[0]["label"]
    entities: list[dict[str, Any]] = pipeline("ner", path, aggregation_strategy="simple")("text")
    rows: list[list[dict[str, Any]]] = pipeline("token-classification", path)(["one", "two"], stride=8)
    filled: str = pipeline("fill-mask", path)("a [MASK].", targets=["cat"])[0]["sequence"]
    answer: str = pipeline("question-answering", path)(question="who?", context="text", top_k=1)["answer"]
    labels: list[str] = pipeline("zero-shot-classification", path)("text", ["a", "b"], multi_label=True)["labels"]
    stream: Iterator[Any] = pipeline("text-classification", path, num_workers=2)(text for text in ("a", "b"))
    return [best, filled, answer, *labels, *(entity["word"] for entity in entities + rows[0]), *map(str, stream)]


def continuations(path: str) -> list[str]:
    """What follows texts and conversations."""
    generator = pipeline("text-generation", path, max_new_tokens=8, return_full_text=False)
    texts: list[dict[str, Any]] = generator("text", do_sample=False)
    chats: list[list[dict[str, Any]]] = generator([[{"role": "user", "content": "who?"}]])
    stream: Iterator[list[dict[str, Any]]] = generator(text for text in ("a", "b"))
    return [found["generated_text"] for found in [*texts, *chats[0], *next(stream)]]


def after_a_prefix(path: str, prefix: list[int], rests: list[list[int]]) -> list[NDArray[np.int64]]:
    """What follows prompts whose beginning is read once."""
    model = AutoModelForCausalLM.from_pretrained(path)
    cache = DynamicCache()
    output = model([prefix], past_key_values=cache)
    known: DynamicCache | None = output.past_key_values
    held: int = cache.get_seq_length() if known is None else known.get_seq_length()
    prompts = [[*prefix[:held], *rest] for rest in rests]
    return [model.generate([prompt], past_key_values=copy.deepcopy(cache)) for prompt in prompts]


async def in_the_background(path: str) -> NDArray[np.float32]:
    """Hidden states without blocking the event loop."""
    loading = AutoModel.from_pretrained_async(path, dtype="float32"), AutoTokenizer.from_pretrained_async(path)
    model: AutoModel = await loading[0]
    tokenizer: PreTrainedTokenizerFast = await loading[1]
    ids: list[int] = await tokenizer.encode_async("text")
    state: NDArray[np.float32] = (await model.forward_async([ids])).last_hidden_state
    return state


def by_room(model: GenerationMixin, encoded: BatchEncoding) -> NDArray[np.float32]:
    """What a model of random weights computes, of names that packages have."""
    ids: list[list[int]] = model.generate(encoded["input_ids"]).tolist()
    logits: NDArray[np.float32] = BertForMaskedLM(BertConfig(num_hidden_layers=1))(ids).logits
    return logits


def pooled(outputs: BaseModelOutputWithPooling) -> NDArray[np.float32]:
    """Vectors of texts; an output by the module that transformers has it in."""
    logging.set_verbosity_error()
    vectors: NDArray[np.float32] | None = outputs.pooler_output
    return outputs.last_hidden_state[:, 0] if vectors is None else vectors


def by_the_paths_of_transformers(path: str, tokenizer: PreTrainedTokenizerBase) -> tuple[int, str]:
    """Classes of the modules that transformers has for families."""
    trustformers.utils.logging.set_verbosity_error()
    made: LlamaForCausalLM = LlamaForCausalLM(LlamaConfig(num_hidden_layers=1))
    loaded: LlamaForCausalLM = LlamaForCausalLM.from_pretrained(path)
    classifier = AutoModelForSequenceClassification.from_pretrained(path)
    labels: NDArray[np.float32] | None = classifier(**tokenizer("a text", return_tensors="np")).logits
    return made.config.num_hidden_layers + (labels is None), repr(loaded)


class Layered(trustformers.PreTrainedConfig):
    """A configuration of one's own."""

    model_type = "layered"

    def __init__(self, depth: int = 2, **kwargs: Any) -> None:
        self.depth = depth
        super().__init__(**kwargs)


def configured(path: str) -> tuple[int, dict[str, Any]]:
    """Keys of configurations, with their types."""
    AutoConfig.register("layered", Layered)
    config: LlamaConfig = LlamaConfig(hidden_size=64, num_labels=3)
    config.pad_token_id = None
    width: int = config.hidden_size + config.head_dim + trustformers.GPT2Config().hidden_size
    loaded, unused = AutoConfig.from_pretrained(path, return_unused_kwargs=True, output_hidden_states=True)
    other: LlamaConfig = LlamaConfig.from_pretrained(path)
    labels: dict[int, str] = loaded.id2label
    assert "llama" in CONFIG_MAPPING_NAMES and other.to_diff_dict(), labels
    return width + loaded.num_hidden_layers + loaded.num_labels + Layered(depth=3).depth, unused
