"""Extractive question answering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers import _native
from trustformers._checks.arguments import flag, kind
from trustformers._checks.tensors import as_tensor
from trustformers.errors import InputError
from trustformers.pipelines.answer_spans import best_spans, characters, chunks
from trustformers.pipelines.arguments import (
    WITHOUT_EFFECT,
    CallOptions,
    check_all,
    count,
    given_only,
    ignored,
    positive,
)
from trustformers.pipelines.base import ChunkPipeline, native_call
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["QuestionAnsweringPipeline", "SquadExample"]

_PREPROCESS = {
    "doc_stride": count,
    "max_seq_len": positive,
    "max_question_len": positive,
    **WITHOUT_EFFECT,
}
_POSTPROCESS = {
    "top_k": positive,
    "max_answer_len": positive,
    "handle_impossible_answer": flag,
    "align_to_words": flag,
}
_NOT_IN_ENGINE = ("max_question_len", "padding")


class QuestionAnsweringOptions(CallOptions, total=False):
    """Arguments of question answering."""

    top_k: int | None
    doc_stride: int | None
    max_answer_len: int | None
    max_seq_len: int | None
    max_question_len: int | None
    handle_impossible_answer: bool | None
    align_to_words: bool | None
    padding: bool | str | None


@dataclass
class SquadExample:
    """A question, and the text that may answer it."""

    qas_id: str | None
    question_text: str
    context_text: str


class QuestionAnsweringPipeline(ChunkPipeline):
    """Finds the spans of a context that answer a question, with a question answering model.

    The steps are those of transformers 4; version 5 does not have the task.
    """

    task = "question-answering"
    default_input_names: ClassVar[str | None] = "question,context"
    _load_tokenizer = True
    _hooks = ("create_sample", "get_answer", "get_indices")

    def _engine(self) -> Any:
        return _native.QuestionAnswering(self.model._native, self.tokenizer._native)

    def _sanitize_parameters(
        self,
        *,
        padding: Any = None,
        topk: int | None = None,
        top_k: int | None = None,
        doc_stride: int | None = None,
        max_answer_len: int | None = None,
        max_seq_len: int | None = None,
        max_question_len: int | None = None,
        handle_impossible_answer: bool | None = None,
        align_to_words: bool | None = None,
        **kwargs: Any,
    ) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`.

        Parameters
        ----------
        padding, top_k, doc_stride, max_answer_len, max_seq_len, max_question_len, handle_impossible_answer
            As for a call.
        align_to_words
            As for a call.
        topk
            The old name of `top_k`.
        **kwargs
            Arguments of the tokenizer, which have no effect.
        """
        ignored(f"the {self.task} pipeline", kwargs, "contexts are split by max_seq_len and doc_stride")
        owner = f"the {self.task} pipeline"
        preprocess = given_only(
            padding=padding, doc_stride=doc_stride, max_question_len=max_question_len, max_seq_len=max_seq_len
        )
        postprocess = given_only(
            top_k=topk if top_k is None else top_k,
            max_answer_len=max_answer_len,
            handle_impossible_answer=handle_impossible_answer,
            align_to_words=align_to_words,
        )
        return check_all(owner, preprocess, _PREPROCESS), {}, check_all(owner, postprocess, _POSTPROCESS)

    @staticmethod
    def create_sample(question: Any, context: Any) -> Any:
        """Examples of questions and contexts, as lists if they are lists."""
        if isinstance(question, list):
            return [SquadExample(None, one, other) for one, other in zip(question, context, strict=True)]
        return SquadExample(None, question, context)

    def preprocess(
        self,
        example: Any,
        padding: Any = "do_not_pad",
        doc_stride: int | None = None,
        max_question_len: int = 64,
        max_seq_len: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Encodes a question with its context; a long context gives several chunks.

        Parameters
        ----------
        example
            A mapping of `question` and `context`, or what `create_sample` returns.
        padding, doc_stride, max_seq_len
            As for a call.
        max_question_len
            Without effect.
        """
        del max_question_len
        if not isinstance(example, SquadExample):
            example = self.create_sample(*_example(example))
        limits = (self.tokenizer.model_max_length, getattr(self.model.config, "max_position_embeddings", None) or 384)
        max_seq_len = min(*limits, 384) if max_seq_len is None else max_seq_len
        doc_stride = min(max_seq_len // 2, 128) if doc_stride is None else doc_stride
        if doc_stride > max_seq_len:
            raise InputError(f"doc_stride: {doc_stride} is larger than max_seq_len = {max_seq_len}")
        context = self._context_index()
        texts = (example.context_text, example.question_text)
        encoded = self.tokenizer(
            *(texts[::-1] if context else texts),
            padding=padding,
            truncation="only_second" if context else "only_first",
            max_length=max_seq_len,
            stride=doc_stride,
            return_token_type_ids=True,
            return_overflowing_tokens=True,
        )
        encoded.pop("overflow_to_sample_mapping")
        parts = [*chunks(encoded, context, self.tokenizer.cls_token_id)]
        for index, encoding, p_mask in parts:
            inputs = {name: as_tensor(name, [rows[index]], tensor_type()) for name, rows in encoded.items()}
            yield {
                "example": example,
                "is_last": index == len(parts) - 1,
                **inputs,
                "p_mask": as_tensor("p_mask", [p_mask], tensor_type()),
                "encoding": encoding,
            }

    def _context_index(self) -> int:
        """The place of the context in a row: 1 after the question, 0 before it."""
        return int(self.tokenizer.padding_side == "right")

    def _forward(self, inputs: Any) -> dict[str, Any]:
        output = self.model(**{name: inputs[name] for name in self.tokenizer.model_input_names})
        return {"start": output["start_logits"], "end": output["end_logits"], **inputs}

    def postprocess(
        self,
        model_outputs: Any,
        top_k: int = 1,
        handle_impossible_answer: bool = False,
        max_answer_len: int = 15,
        align_to_words: bool = True,
    ) -> Any:
        """The best answer, or a list of answers.

        Parameters
        ----------
        model_outputs
            For each chunk a dict of `start` and `end` (1, seq), and of what `preprocess` returns.
        top_k, handle_impossible_answer, max_answer_len, align_to_words
            As for a call.
        """
        # Spans of the same words are one answer.
        count = top_k * 2 + 10 if align_to_words else top_k
        context = self._context_index()
        answers: list[dict[str, Any]] = []
        null_scores = []
        for output in model_outputs:
            spans, null_score = best_spans(output, count, max_answer_len)
            null_scores.append(null_score)
            text = output["example"].context_text
            for first, last, score in spans:
                start, end = self.get_indices(output["encoding"], first, last, context, align_to_words)
                known = self.get_answer(answers, text[start:end])
                if known is None:
                    answers.append(_answer(score, start, end, text[start:end]))
                else:
                    known["score"] += score
        if handle_impossible_answer:
            answers.append(_answer(min(null_scores), 0, 0, ""))
        best = sorted(answers, key=itemgetter("score"), reverse=True)[:top_k]
        return best[0] if len(best) == 1 else best

    def get_answer(self, answers: list[dict[str, Any]], target: str) -> dict[str, Any] | None:
        """The answer with a text, but for its case."""
        return next((answer for answer in answers if answer["answer"].lower() == target.lower()), None)

    def get_indices(self, enc: Any, s: int, e: int, sequence_index: int, align_to_words: bool) -> tuple[int, int]:
        """The characters of the tokens from `s` to `e`."""
        return characters(enc, s, e, sequence_index, align_to_words=align_to_words)

    def __call__(
        self,
        *args: Any,
        question: str | Sequence[str] | None = None,
        context: str | Sequence[str] | None = None,
        **options: Unpack[QuestionAnsweringOptions],
    ) -> Any:
        """Answers questions.

        Parameters
        ----------
        *args
            Instead of `question` and `context`: a mapping of both, a list or an iterator of mappings, or a question and
            its context.
        question, context
            A question and the text that may answer it, or lists of them; one context may serve several questions.
        top_k
            The maximum number of answers, by default 1.
        doc_stride
            The number of tokens that consecutive parts of a long context share; by default half of `max_seq_len`, at
            most 128.
        max_seq_len
            The maximum length of question and context in tokens; by default the model's, at most 384.
        max_answer_len
            The maximum length of an answer in tokens, by default 15.
        max_question_len
            Without effect, as in transformers with a fast tokenizer: questions are not truncated.
        handle_impossible_answer
            Whether an empty answer is allowed, for questions that the context does not answer.
        align_to_words
            Whether answers are extended to whole words, by default True.
        padding
            Without effect on the answers.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        dict or list
            `score`, `start`, `end` and `answer`; a list of these if there are several answers, and a list of results
            for several questions.
        """
        given: dict[str, Any] = {**options}
        # Names of scikit-learn.
        for name in ("X", "data"):
            if name in given and not args:
                args = (given.pop(name),)
        inputs = _examples(args, question, context)
        if isinstance(inputs, list) and len(inputs) == 1:
            inputs = inputs[0]
        return self._call(inputs, given)

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        examples = [_example(item) for item in inputs]
        given = {name: value for name, value in options.items() if name not in _NOT_IN_ENGINE}
        outputs = native_call(self._native.run, examples, batch_size=batch_size, **given)
        results = [[_answer(*answer) for answer in answers] for answers in outputs]
        return [answers[0] if len(answers) == 1 else answers for answers in results]


def _answer(score: float, start: int, end: int, answer: str) -> dict[str, Any]:
    return {"score": score, "start": start, "end": end, "answer": answer}


def _examples(args: tuple[Any, ...], question: object, context: object) -> Any:
    if args:
        if question is not None or context is not None:
            raise InputError("question: passed both by position and by name")
        inputs = args[0] if len(args) == 1 else list(args)
        if len(args) == 2 and all(isinstance(item, str) for item in args):
            inputs = [{"question": args[0], "context": args[1]}]
        if isinstance(inputs, (Mapping, Iterator)):
            return inputs
        if isinstance(inputs, (list, tuple)):
            return list(inputs)
        raise InputError(f"question: expected question= and context=, or mappings of these, found {kind(inputs)}")
    if isinstance(question, str):
        if isinstance(context, str):
            return [{"question": question, "context": context}]
        raise InputError(f"context: expected a str beside one question, found {kind(context)}")
    if not isinstance(question, (list, tuple)):
        raise InputError(f"question: expected a str or a list of str, found {kind(question)}")
    contexts = [context] * len(question) if isinstance(context, str) else context
    if not isinstance(contexts, (list, tuple)):
        raise InputError(f"context: expected a str or a list of str, found {kind(context)}")
    if len(contexts) != len(question):
        raise InputError(f"context: expected one for each of the {len(question)} questions, found {len(contexts)}")
    return [{"question": one, "context": other} for one, other in zip(question, contexts, strict=True)]


def _example(item: object) -> tuple[str, str]:
    if isinstance(item, SquadExample):
        item = {"question": item.question_text, "context": item.context_text}
    if not isinstance(item, Mapping):
        raise InputError(f"question: expected a mapping of question and context, found {kind(item)}")
    if item.keys() != {"question", "context"}:
        raise InputError(f"question: expected the keys question and context, found {[*item]}")
    for name in ("question", "context"):
        if not isinstance(item[name], str):
            raise InputError(f"{name}: expected a str, found {kind(item[name])}")
        if not item[name]:
            raise InputError(f"{name}: it is empty")
    return item["question"], item["context"]
