"""Entities from the logits of tokens, in methods that subclasses override; the engine has the same in Rust."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.tensors import as_array
from trustformers.errors import InputError
from trustformers.pipelines.batches import row, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ENTITY_HOOKS", "AggregationStrategy", "EntitySteps"]

ENTITY_HOOKS = (
    "aggregate",
    "aggregate_overlapping_entities",
    "aggregate_word",
    "aggregate_words",
    "gather_pre_entities",
    "get_tag",
    "group_entities",
    "group_sub_entities",
)


class AggregationStrategy(str, Enum):
    """How tokens are grouped into entities."""

    NONE = "none"
    SIMPLE = "simple"
    FIRST = "first"
    AVERAGE = "average"
    MAX = "max"

    def __str__(self) -> str:
        return self.value


class EntitySteps:
    """`postprocess` of token classification, and the methods that it calls."""

    if TYPE_CHECKING:
        model: Any
        tokenizer: Any

    def postprocess(
        self,
        all_outputs: Any,
        aggregation_strategy: AggregationStrategy | str = AggregationStrategy.NONE,
        ignore_labels: Iterable[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The entities of a text.

        Parameters
        ----------
        all_outputs
            For each chunk of the text a dict of `logits` (1, seq, num_labels), and of what `preprocess` returns.
        aggregation_strategy, ignore_labels
            As for a call.
        """
        strategy = AggregationStrategy(aggregation_strategy)
        ignored = ["O"] if ignore_labels is None else ignore_labels
        first = all_outputs[0]
        entities: list[dict[str, Any]] = []
        for output in all_outputs:
            offsets = output["offset_mapping"]
            tokens = self.gather_pre_entities(
                first["sentence"],
                as_array(output["input_ids"][0]),
                softmax(row(output["logits"][0])),
                None if offsets is None else as_array(offsets[0]),
                as_array(output["special_tokens_mask"][0]),
                strategy,
                word_ids=output.get("word_ids"),
                word_to_chars_map=first.get("word_to_chars_map"),
            )
            found = self.aggregate(tokens, strategy)
            entities += [entity for entity in found if _label(entity) not in ignored]
        return self.aggregate_overlapping_entities(entities) if len(all_outputs) > 1 else entities

    def gather_pre_entities(  # noqa: PLR0917  (as in transformers)
        self,
        sentence: str,
        input_ids: Any,
        scores: NDArray[Any],
        offset_mapping: Any,
        special_tokens_mask: Any,
        aggregation_strategy: AggregationStrategy,
        word_ids: Sequence[int | None] | None = None,
        word_to_chars_map: Sequence[tuple[int, int]] | None = None,
    ) -> list[dict[str, Any]]:
        """The tokens of a chunk except special ones: `word`, `scores`, `start`, `end`, `index` and `is_subword`.

        Parameters
        ----------
        sentence
            The text.
        input_ids, scores, offset_mapping, special_tokens_mask, word_ids
            The tokens' ids, scores of labels (seq, num_labels), characters, special tokens and words.
        aggregation_strategy
            How tokens are grouped.
        word_to_chars_map
            The characters of each word, if the input is a list of words.
        """
        del aggregation_strategy
        has_prefix = self._has_subword_prefix()
        tokens = []
        for index, token_scores in enumerate(scores):
            if special_tokens_mask[index]:
                continue
            token_id = int(input_ids[index])
            word, start, end, is_subword = self.tokenizer.convert_ids_to_tokens(token_id), None, None, False
            if offset_mapping is not None:
                start, end = (int(offset) for offset in offset_mapping[index])
                if word_ids is not None and word_to_chars_map is not None and word_ids[index] is not None:
                    shift = word_to_chars_map[word_ids[index]][0]  # type: ignore[index]  # not None, as checked
                    start, end = start + shift, end + shift
                covered = sentence[start:end]
                if token_id == self.tokenizer.unk_token_id:
                    word = covered
                elif has_prefix:
                    # A token that continues a word is longer than its text, by its prefix.
                    is_subword = len(word) != len(covered)
                else:
                    is_subword = start > 0 and " " not in sentence[start - 1 : start + 1]
            tokens.append(
                {
                    "word": word,
                    "scores": token_scores,
                    "start": start,
                    "end": end,
                    "index": index,
                    "is_subword": is_subword,
                }
            )
        return tokens

    def _has_subword_prefix(self) -> bool:
        files: dict[str, str] = self.tokenizer._native.to_files()
        return bool(json.loads(files["tokenizer.json"])["model"].get("continuing_subword_prefix"))

    def aggregate(
        self, pre_entities: list[dict[str, Any]], aggregation_strategy: AggregationStrategy
    ) -> list[dict[str, Any]]:
        """The entities of tokens."""
        if aggregation_strategy not in (AggregationStrategy.NONE, AggregationStrategy.SIMPLE):
            return self.group_entities(self.aggregate_words(pre_entities, aggregation_strategy))
        entities = [
            {
                **self._best(token["scores"]),
                "index": token["index"],
                "word": token["word"],
                "start": token["start"],
                "end": token["end"],
            }
            for token in pre_entities
        ]
        return entities if aggregation_strategy == AggregationStrategy.NONE else self.group_entities(entities)

    def aggregate_words(
        self, entities: list[dict[str, Any]], aggregation_strategy: AggregationStrategy
    ) -> list[dict[str, Any]]:
        """The words of tokens, each with one label."""
        words: list[list[dict[str, Any]]] = []
        for token in entities:
            if words and token["is_subword"]:
                words[-1].append(token)
            else:
                words.append([token])
        return [self.aggregate_word(word, aggregation_strategy) for word in words]

    def aggregate_word(
        self, entities: list[dict[str, Any]], aggregation_strategy: AggregationStrategy
    ) -> dict[str, Any]:
        """The word of adjacent tokens, with one label.

        Raises
        ------
        InputError
            The strategy has no words.
        """
        if aggregation_strategy == AggregationStrategy.FIRST:
            scores = entities[0]["scores"]
        elif aggregation_strategy == AggregationStrategy.MAX:
            scores = max((token["scores"] for token in entities), key=np.max)
        elif aggregation_strategy == AggregationStrategy.AVERAGE:
            scores = np.nanmean(np.stack([token["scores"] for token in entities]), axis=0)
        else:
            raise InputError(f"aggregation_strategy: {str(aggregation_strategy)!r} does not group words")
        return {
            **self._best(scores),
            "word": self.tokenizer.convert_tokens_to_string([token["word"] for token in entities]),
            "start": entities[0]["start"],
            "end": entities[-1]["end"],
        }

    def _best(self, scores: NDArray[Any]) -> dict[str, Any]:
        best = int(scores.argmax())
        return {"entity": self.model.config.id2label[best], "score": float(scores[best])}

    def get_tag(self, entity_name: str) -> tuple[str, str]:
        """The prefix of a label, "B" or "I", and the label without it; "I" for a label without a prefix."""
        if entity_name[:2] in ("B-", "I-"):
            return entity_name[0], entity_name[2:]
        return "I", entity_name

    def group_entities(self, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Merges adjacent entities with the same label; a label with the prefix "B-" starts an entity."""
        groups: list[list[dict[str, Any]]] = []
        for entity in entities:
            prefix, tag = self.get_tag(entity["entity"])
            if groups and prefix != "B" and tag == self.get_tag(groups[-1][-1]["entity"])[1]:
                groups[-1].append(entity)
            else:
                groups.append([entity])
        return [self.group_sub_entities(group) for group in groups]

    def group_sub_entities(self, entities: list[dict[str, Any]]) -> dict[str, Any]:
        """The entity of adjacent entities with the same label."""
        return {
            "entity_group": entities[0]["entity"].split("-", 1)[-1],
            "score": float(np.nanmean(np.array([entity["score"] for entity in entities], np.float32))),
            "word": self.tokenizer.convert_tokens_to_string([entity["word"] for entity in entities]),
            "start": entities[0]["start"],
            "end": entities[-1]["end"],
        }

    def aggregate_overlapping_entities(self, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The longest of overlapping entities; of equally long ones, the one with the higher score."""
        kept: list[dict[str, Any]] = []
        for entity in sorted(entities, key=lambda entity: entity["start"]):
            if kept and kept[-1]["start"] <= entity["start"] < kept[-1]["end"]:
                kept[-1] = max(kept[-1], entity, key=lambda entity: (entity["end"] - entity["start"], entity["score"]))
            else:
                kept.append(entity)
        return kept


def _label(entity: dict[str, Any]) -> Any:
    return entity.get("entity", entity.get("entity_group"))
