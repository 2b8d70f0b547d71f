"""Libraries built on transformers, with the state of each in docs/compatibility.md."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CLIENTS", "Client"]


class Client(NamedTuple):
    """A library, of which the functions of `calls` are compared, or which has none for a reason."""

    package: str
    version: str
    modules: tuple[str, ...]
    what: str
    calls: str = ""


CLIENTS = (
    Client("accelerate", "1.15.0", ("accelerate",), "models that it prepares and unwraps, seeds", "accelerate"),
    Client("bertopic", "0.17.4", ("bertopic",), "embeddings and descriptions of topics by a pipeline", "bertopic"),
    Client(
        "datasets", "5.2.0", ("datasets",), "`map` with a tokenizer, batches and pipelines over columns", "datasets"
    ),
    Client("evaluate", "0.4.6", ("evaluate",), "evaluators of a name, a model or a pipeline", "evaluate"),
    Client("guidance", "0.3.1", ("guidance",), "selections, regular expressions, free text", "guidance"),
    Client(
        "haystack-ai",
        "3.4.1",
        ("haystack",),
        "the components of transformers-haystack: generators, readers, routers, classifiers, extractors",
        "haystack",
    ),
    Client("keybert", "0.9.0", ("keybert",), "keywords by a pipeline, by embeddings and by generated text", "keybert"),
    Client(
        "langchain-huggingface",
        "1.2.3",
        ("langchain_huggingface",),
        "language models, chat models and embeddings",
        "langchain_huggingface",
    ),
    Client(
        "llama-index-llms-huggingface",
        "0.8.0",
        ("llama_index",),
        "completion, streams and chat, and the embeddings of llama-index-embeddings-huggingface 0.8.0",
        "llama_index",
    ),
    Client("llmlingua", "0.2.2", ("llmlingua",), "prompts compressed by perplexity and by token classes", "llmlingua"),
    Client("lm_eval", "0.4.13", ("lm_eval",), "log-likelihoods, rolling too, generation, chat templates", "lm_eval"),
    Client("outlines", "1.3.3", ("outlines",), "choices, regular expressions, batches, free text", "outlines"),
    Client(
        "presidio-analyzer",
        "2.2.366",
        ("presidio_analyzer",),
        "the recognizer of its Hugging Face models",
        "presidio_analyzer",
    ),
    Client("semantic-router", "1.1.1", ("semantic_router",), "encoders and routes", "semantic_router"),
    Client(
        "sentence-transformers",
        "6.2.0",
        ("sentence_transformers",),
        "embeddings, cross encoders, sparse encoders; not training, since its models are modules of torch",
        "sentence_transformers",
    ),
    Client("setfit", "1.2.0", ("setfit",), "predictions; not training, as sentence-transformers", "setfit"),
    Client(
        "transformers-haystack",
        "2.0.0",
        ("haystack_integrations",),
        "as haystack-ai",
        "haystack",
    ),
    Client("txtai", "9.14.0", ("txtai",), "indices of embeddings, language models, pipelines", "txtai"),
    Client(
        "trl",
        "1.16.0",
        ("trl",),
        "chat templates of data; not its trainers, which import the base classes of families",
        "trl",
    ),
    Client(
        "bert-score",
        "0.3.13",
        ("bert_score",),
        "does not work: imports configurations of families that are not here, and cuts layers out of a model",
    ),
    Client("flair", "0.15.1", (), "not tried: this release needs transformers 4"),
    Client(
        "gliner",
        "0.2.24",
        ("gliner",),
        "does not work: its encoder is inside a torch module, whose load_state_dict does not reach a model of "
        "trustformers; checkpoints load **without an error and give other results**",
    ),
    Client(
        "optimum",
        "2.3.0",
        ("optimum",),
        "does not work: reads private tables of the auto classes, and exports torch's modules",
    ),
    Client(
        "peft",
        "0.21.2",
        ("peft",),
        "does not work: it derives classes from models, and replaces modules inside them; with the alias `import peft` "
        "finds `trustformers.peft`",
    ),
    Client("spacy-transformers", "1.4.0", (), "not tried: this release needs transformers 4"),
)
