"""presidio-analyzer: its transformers engine and recognizer."""

from __future__ import annotations

import tempfile

import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, TransformersNlpEngine

TEXT = "Anna Smith lives in Berlin and works for a bank in Paris. Her number is 212-555-1234."


def transformers_engine():
    with tempfile.TemporaryDirectory() as folder:
        spacy.blank("en").to_disk(folder)
        names = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
        settings = NerModelConfiguration(
            model_to_presidio_entity_mapping=names, aggregation_strategy="simple", stride=4
        )
        models = [{"lang_code": "en", "model_name": {"spacy": folder, "transformers": "tiny/entities"}}]
        engine = TransformersNlpEngine(models=models, ner_model_configuration=settings)
        analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
        found = analyzer.analyze(TEXT, language="en")
    return sorted([item.entity_type, item.start, item.end, float(item.score)] for item in found)


def hugging_face_recognizer():
    from presidio_analyzer.predefined_recognizers import HuggingFaceNerRecognizer

    recognizer = HuggingFaceNerRecognizer(model_name="tiny/entities", device="cpu", threshold=0.0)
    found = recognizer.analyze(TEXT, entities=recognizer.supported_entities, nlp_artifacts=None)
    return sorted([item.entity_type, item.start, item.end, float(item.score)] for item in found)
