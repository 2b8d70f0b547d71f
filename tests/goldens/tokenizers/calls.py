"""Calls of the reference with overflowing tokens and with pre-split words."""

import itertools

LONG = [
    "The tokens of a text are the text, and the text is in the tokens.",
    "short",
    "",
    "Padding is added on the left or on the right side of a text with crème brûlée.",
]
QUESTIONS = ["What is added?", "Which text is it?", "", "Where?"]
WORDS = [
    ["The", "tokens", "of", "Élodie,", "don't", "end", "here."],
    ["two words", "", " padded ", "日本語"],
    [],
    ["one"],
]
OTHER_WORDS = [["text"], ["a", "longer", "second", "sequence"], ["x"], []]


def digits(rows):
    return ["".join(map(str, row)) for row in rows]


def call(tokenizer, options, *texts):
    """One batch call in full, or the name of the exception it ends in."""
    wanted = {"return_token_type_ids": True, "return_special_tokens_mask": True, "return_offsets_mapping": True}
    try:
        batch = tokenizer(*texts, **wanted, **options)
    except BaseException as error:  # noqa: BLE001 - the reference raises plain Exception, or panics
        return {"options": options, "error": type(error).__name__}
    count = len(batch["input_ids"])
    case = {
        "options": options,
        "input_ids": batch["input_ids"],
        "token_type_ids": digits(batch["token_type_ids"]),
        "attention_mask": digits(batch["attention_mask"]),
        "special_tokens_mask": digits(batch["special_tokens_mask"]),
        "offsets": [[position for span in row for position in span] for row in batch["offset_mapping"]],
        "word_ids": [batch.word_ids(row) for row in range(count)],
        "sequence_ids": [batch.sequence_ids(row) for row in range(count)],
    }
    if "overflow_to_sample_mapping" in batch:
        case["overflow_to_sample_mapping"] = batch["overflow_to_sample_mapping"]
    return case


def overflowing(tokenizer):
    cases = []
    for truncation, stride in itertools.product(["longest_first", "only_first", "only_second"], [0, 3]):
        options = {
            "truncation": truncation,
            "max_length": 16,
            "stride": stride,
            "padding": stride > 0,
            "return_overflowing_tokens": True,
        }
        if truncation != "only_second":
            cases.append({"pairs": False} | call(tokenizer, options, LONG))
        cases.append({"pairs": True} | call(tokenizer, options, QUESTIONS, LONG))
    plain = {"return_overflowing_tokens": True, "add_special_tokens": False, "max_length": 5, "truncation": True}
    cases.append({"pairs": False} | call(tokenizer, plain, LONG))
    cases.append({"pairs": False} | call(tokenizer, plain | {"padding": "max_length"}, LONG))
    cases.append({"pairs": False} | call(tokenizer, {"return_overflowing_tokens": True}, LONG))
    return {"texts": LONG, "questions": QUESTIONS, "cases": cases}


def split_words(tokenizer):
    split = {"is_split_into_words": True}
    cases = [
        {"pairs": False} | call(tokenizer, split, WORDS),
        {"pairs": True} | call(tokenizer, split, WORDS, OTHER_WORDS),
        {"pairs": False} | call(tokenizer, split | {"add_special_tokens": False, "padding": True}, WORDS),
    ]
    overflow = {"truncation": True, "max_length": 8, "stride": 2, "return_overflowing_tokens": True}
    cases.append({"pairs": False} | call(tokenizer, split | overflow | {"padding": True}, WORDS))
    return {"words": WORDS, "other_words": OTHER_WORDS, "cases": cases}


def golden(tokenizer):
    return {"overflowing": overflowing(tokenizer), "split_words": split_words(tokenizer)}
