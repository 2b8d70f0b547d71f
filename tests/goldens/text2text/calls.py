"""What the pipelines of encoder-decoders are asked."""

import string
from dataclasses import dataclass, field

SPACE = "Ġ"
SPECIAL = ["<pad>", "</s>", "<unk>"]
MERGES = [
    *("t h", "th e", f"{SPACE} the", f"{SPACE} a", "i n", "a n", "an d", f"{SPACE} and", "o u", "y ou", f"{SPACE} you"),
    *("h e", "l l", "he ll", "hell o", "c a", "ca t", f"{SPACE} cat", "s a", "sa t", f"{SPACE} sat", "e r", "o n"),
    *(f"{SPACE} on", f"{SPACE} m", f"{SPACE}m a", f"{SPACE}ma t", "r e", "o r", "in g", "e s", f"{SPACE} h"),
]
# Languages' codes, as mBART's tokenizer has them.
LANGUAGES = ["en_XX", "fr_XX"]
VOCABULARY = [
    *SPECIAL,
    SPACE,
    *string.ascii_letters,
    *string.digits,
    *"-.,!?:'()/\"%&*+;=@#_",
    *(merge.replace(" ", "") for merge in MERGES),
]
VOCABULARY += [f"<extra_{index}>" for index in range(131 - len(VOCABULARY) - len(LANGUAGES))] + LANGUAGES

SUMMARY = "summarization"
TRANSLATION = "translation"
TEXT = "text2text-generation"

ARTICLE = "the cat sat on the mat and you hear the cat"
SHORT = "hello, you"
OTHER = "a mat on the cat"

PARAMETERS = {
    "summarization": {
        "early_stopping": True,
        "length_penalty": 2.0,
        "max_length": 12,
        "min_length": 4,
        "no_repeat_ngram_size": 3,
        "num_beams": 3,
        "prefix": "summarize: ",
    },
    "translation_en_to_fr": {"early_stopping": True, "max_length": 9, "num_beams": 2, "prefix": "English to French: "},
    "translation_en_to_de": {"max_length": 7, "prefix": "English to German: "},
}


@dataclass
class Call:
    """A pipeline, made and called once; `has_languages` says whether its tokenizer builds translation's inputs."""

    task: str
    inputs: str | list[str]
    arguments: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    config: dict = field(default_factory=dict)
    generation_config: dict = field(default_factory=dict)
    is_stream: bool = False
    has_languages: bool = False


def defaults() -> list[Call]:
    """What the model, the task's parameters, the pipeline and a call say of lengths and beams."""
    few = {"max_new_tokens": 6}
    parameters = {"config": {"task_specific_params": PARAMETERS}}
    return [
        Call(TEXT, SHORT),
        Call(TEXT, SHORT, few),
        Call(TEXT, SHORT, few | {"num_beams": 1}),
        Call(TEXT, SHORT, {}, few),
        Call(TEXT, SHORT, {"num_beams": 2}, {"max_new_tokens": 5, "num_beams": 3}),
        Call(TEXT, SHORT, generation_config={"num_beams": 2, "max_new_tokens": 5}),
        Call(TEXT, SHORT, generation_config={"max_length": 11}),
        Call(TEXT, SHORT, {"max_length": 5}, generation_config={"max_length": 11}),
        Call(TEXT, SHORT, {"max_length": 5}),
        Call(TEXT, SHORT, {}, {"max_length": 7}),
        Call(TEXT, SHORT, {}, {"max_length": 7, "max_new_tokens": 4}),
        Call(TEXT, SHORT, few | {"min_length": 5, "length_penalty": 0.3}),
        Call(TEXT, SHORT, {}, few | {"repetition_penalty": 2.0}),
        Call(SUMMARY, ARTICLE, **parameters),
        Call(SUMMARY, ARTICLE, {"max_length": 8, "max_new_tokens": None}, **parameters),
        Call(SUMMARY, ARTICLE, {"num_beams": 1, "max_new_tokens": 7}, **parameters),
        Call(SUMMARY, ARTICLE, generation_config={"max_length": 10}, **parameters),
        Call(TEXT, ARTICLE, few, **parameters),
        Call("translation_en_to_fr", SHORT, generation_config={"max_length": 10}, **parameters),
        Call("translation_en_to_de", SHORT, generation_config={"max_length": 10}, **parameters),
        Call("translation_en_to_ro", SHORT, few, **parameters),
        Call(TRANSLATION, SHORT, generation_config={"max_length": 10}, **parameters),
        Call(SUMMARY, ARTICLE, few, config={"prefix": "say: "}),
        Call(SUMMARY, ARTICLE, few, config={"prefix": "say: ", "task_specific_params": {"summarization": {}}}),
        Call(TEXT, SHORT, {"generation_config": {"max_new_tokens": 4}}),
    ]


def results() -> list[Call]:
    """What results are made of."""
    few = {"max_new_tokens": 6}
    several = few | {"num_return_sequences": 2}
    found = [
        Call(task, inputs, arguments)
        for task in (SUMMARY, TRANSLATION, TEXT)
        for inputs, arguments in (
            (SHORT, few),
            ([SHORT], few),
            ([ARTICLE, SHORT, OTHER], few),
            (SHORT, several),
            ([ARTICLE, SHORT], several),
            (SHORT, few | {"return_tensors": True}),
            (SHORT, several | {"return_tensors": True}),
            ([SHORT, ARTICLE], few | {"return_tensors": True}),
            (SHORT, few | {"return_text": False}),
            (SHORT, few | {"return_text": True, "return_tensors": False}),
        )
    ]
    found += [
        Call(TEXT, [], few),
        Call(TEXT, "", few),
        Call(TEXT, [ARTICLE, SHORT, OTHER], few | {"batch_size": 2}),
        Call(TEXT, [ARTICLE, SHORT, OTHER], few, {"batch_size": 3}),
        Call(TEXT, [ARTICLE, SHORT], several | {"batch_size": 2}),
        Call(TEXT, [ARTICLE, SHORT], few, is_stream=True),
        Call(TEXT, [ARTICLE, SHORT, OTHER], few | {"batch_size": 2}, is_stream=True),
        Call(SUMMARY, [ARTICLE, SHORT], several, is_stream=True),
        Call(TEXT, SHORT, few | {"clean_up_tokenization_spaces": True}),
        Call(TEXT, SHORT, few | {"clean_up_tokenization_spaces": False}),
        Call(TEXT, SHORT, {}, few | {"return_tensors": True}),
        Call(TEXT, SHORT, {"return_tensors": False}, few | {"return_tensors": True}),
        Call(TEXT, ARTICLE * 3, few | {"truncation": True}),
        Call(TEXT, ARTICLE * 3, few | {"truncation": "only_first"}),
        Call(TEXT, ARTICLE * 3, few, {"truncation": True}),
        Call(TEXT, ARTICLE * 3, few),
        Call(TRANSLATION, ARTICLE * 3, few | {"truncation": True}),
    ]
    return found


def languages() -> list[Call]:
    few = {"max_new_tokens": 6}
    pair = {"src_lang": "en_XX", "tgt_lang": "fr_XX"}
    return [
        Call(TRANSLATION, SHORT, few | pair, has_languages=True),
        Call(TRANSLATION, SHORT, few, pair, has_languages=True),
        Call(TRANSLATION, [SHORT, ARTICLE], few | pair, has_languages=True),
        Call(TRANSLATION, [SHORT, ARTICLE], few | pair | {"batch_size": 2}, has_languages=True),
        Call(TRANSLATION, ARTICLE * 3, few | pair | {"truncation": True}, has_languages=True),
        Call("translation_en_to_fr", SHORT, few | pair, has_languages=True),
        Call(TRANSLATION, SHORT, few | {"src_lang": "en_XX"}, has_languages=True),
        Call(TRANSLATION, SHORT, few, has_languages=True),
        Call(TRANSLATION, SHORT, few | pair),
        Call("translation_en_to_fr", SHORT, few),
    ]


def ends(text: str, token: int) -> list[Call]:
    """Where a text that is generated holds what ends it, and others do not."""
    few = {"max_new_tokens": 6}
    ids = few | {"return_tensors": True}
    ended = {"generation_config": {"eos_token_id": token}}
    return [
        Call(TEXT, SHORT, few | {"stop_sequence": text}),
        Call(TEXT, SHORT, few, {"stop_sequence": text}),
        Call(TEXT, [SHORT, ARTICLE], few | {"stop_sequence": text}),
        Call(TEXT, SHORT, few | {"stop_sequence": text + "a"}),
        *(
            Call(TEXT, [SHORT, ARTICLE, OTHER], arguments, **ended)
            for arguments in (few, ids, ids | {"num_return_sequences": 2}, ids | {"num_beams": 1})
        ),
        Call(TEXT, SHORT, ids, **ended),
        Call(TEXT, SHORT, ids | {"num_return_sequences": 3}, **ended),
    ]


def wrong() -> list[Call]:
    few = {"max_new_tokens": 6}
    return [
        Call(TEXT, 3, few),
        Call(TEXT, [SHORT, 3], few),
        Call(TEXT, None, few),
        Call(TEXT, SHORT, few | {"no_such_argument": 1}),
        Call(TEXT, SHORT, few | {"src_lang": "en_XX"}),
    ]


def all_calls() -> list[Call]:
    return defaults() + results() + languages() + wrong()
