"""Extractive question answering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers import _native
from trustformers._checks.arguments import flag, kind
from trustformers.errors import InputError
from trustformers.pipelines.arguments import WITHOUT_EFFECT, CallOptions, Check, count, positive
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["QuestionAnsweringPipeline"]


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


class QuestionAnsweringPipeline(Pipeline):
    """Finds the spans of a context that answer a question, with a question answering model."""

    task = "question-answering"
    _checks: ClassVar[Mapping[str, Check]] = {
        "top_k": positive,
        "doc_stride": count,
        "max_answer_len": positive,
        "max_seq_len": positive,
        "max_question_len": positive,
        "handle_impossible_answer": flag,
        "align_to_words": flag,
        **WITHOUT_EFFECT,
    }

    def _prepare(self) -> None:
        self._native = _native.QuestionAnswering(self.model._native, self.tokenizer._native)

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
        inputs = _examples(args, question, context)
        if isinstance(inputs, list) and len(inputs) == 1:
            inputs = inputs[0]
        return self._call(inputs, {**options})

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        checked = super()._checked({name: value for name, value in given.items() if value is not None})
        checked.pop("max_question_len", None)
        return checked

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        examples = [_example(item) for item in inputs]
        outputs = native_call(self._native.run, examples, batch_size=batch_size, **options)
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
