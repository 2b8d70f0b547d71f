"""haystack with its transformers integration: every component."""

from __future__ import annotations

from haystack import Document
from haystack.dataclasses import ChatMessage
from haystack.utils import ComponentDevice
from haystack_integrations.components.classifiers.transformers import TransformersZeroShotDocumentClassifier
from haystack_integrations.components.extractors.transformers import TransformersNamedEntityExtractor
from haystack_integrations.components.generators.transformers import TransformersChatGenerator
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader
from haystack_integrations.components.routers.transformers import TransformersTextRouter, TransformersZeroShotTextRouter

CPU = ComponentDevice.from_str("cpu")
TEXTS = ("Anna Smith lives in Berlin and works for a bank in Paris.", "A good film: I enjoyed every minute of it!")


def chat_generator():
    settings = {"max_new_tokens": 8, "do_sample": False}
    generator = TransformersChatGenerator("tiny/llama", "text-generation", device=CPU, generation_kwargs=settings)
    generator.warm_up()
    return generator.run([ChatMessage.from_user("What is the capital of France?")])["replies"][0].text


def chat_generator_with_stop_words():
    settings = {"max_new_tokens": 12, "do_sample": False}
    pieces = []
    generator = TransformersChatGenerator(
        "tiny/llama",
        "text-generation",
        device=CPU,
        generation_kwargs=settings,
        stop_words=["e"],
        streaming_callback=lambda chunk: pieces.append(chunk.content),
    )
    generator.warm_up()
    return [generator.run([ChatMessage.from_user("One, two")])["replies"][0].text, pieces]


def extractive_reader():
    reader = TransformersExtractiveReader("tiny/answers", device=CPU, top_k=3, max_seq_length=32, stride=8)
    reader.warm_up()
    documents = [Document(content=text) for text in TEXTS]
    answers = reader.run("Where does Anna live?", documents)["answers"]
    return [[answer.data, float(answer.score)] for answer in answers]


def text_router():
    router = TransformersTextRouter("tiny/sentiment", labels=["NEGATIVE", "POSITIVE"], device=CPU)
    router.warm_up()
    return [router.run(text) for text in TEXTS]


def zero_shot_text_router():
    router = TransformersZeroShotTextRouter(["places", "films"], model="tiny/inference", device=CPU)
    router.warm_up()
    return [router.run(text) for text in TEXTS]


def zero_shot_classifier():
    classifier = TransformersZeroShotDocumentClassifier("tiny/inference", ["places", "films"], device=CPU)
    classifier.warm_up()
    documents = classifier.run([Document(content=text) for text in TEXTS])["documents"]
    return [document.meta["classification"] for document in documents]


def entity_extractor():
    extractor = TransformersNamedEntityExtractor(model="tiny/entities", device=CPU)
    extractor.warm_up()
    documents = extractor.run([Document(content=text) for text in TEXTS])["documents"]
    return [
        [[item.entity, item.start, item.end, float(item.score)] for item in next(iter(document.meta.values()))]
        for document in documents
    ]
