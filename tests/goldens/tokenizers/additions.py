"""The reference with tokens added, and padding what was encoded before."""

from tokenizers import AddedToken
from transformers import AutoTokenizer

TEXTS = ["a <new> word", "thing<new>s Brand New", "x <sep2>y [N] z", "brand new [n]"]
ADDED = [
    {"tokens": ["<new>", "the"], "special": False},
    {"tokens": ["<new>", "<sep2>"], "special": True},
    {"tokens": [{"content": "[N]", "normalized": True}, {"content": "Brand New", "lstrip": True}], "special": False},
]
ROWS = {"input_ids": [[5, 6, 7], [8], []], "token_type_ids": [[0, 1, 1], [0], []], "labels": [[1, 2], [3], []]}
PADDING = [
    {},
    {"padding": "max_length", "max_length": 5},
    {"padding_side": "left", "pad_to_multiple_of": 4},
    {"padding": False},
    {"return_attention_mask": False},
    {"padding": "max_length", "max_length": 2},
]


def token(value):
    return AddedToken(**value) if isinstance(value, dict) else value


def state(tokenizer):
    ids = tokenizer(TEXTS)["input_ids"]
    return {
        "len": len(tokenizer),
        "input_ids": ids,
        "decoded": tokenizer.batch_decode(ids, skip_special_tokens=True),
        "added_vocab": tokenizer.get_added_vocab(),
        "all_special_tokens": tokenizer.all_special_tokens,
    }


def golden(directory):
    tokenizer = AutoTokenizer.from_pretrained(directory)
    added = []
    for case in ADDED:
        count = tokenizer.add_tokens([token(value) for value in case["tokens"]], special_tokens=case["special"])
        added.append(case | {"count": count} | state(tokenizer))
    roles = {"pad_token": "<pad2>", "extra_special_tokens": ["<e0>", "<e1>"]}
    special = {"roles": roles, "count": tokenizer.add_special_tokens(roles)} | state(tokenizer)
    more = {"extra_special_tokens": ["<e1>", "<e2>"]}
    kept = tokenizer.add_special_tokens(more, replace_extra_special_tokens=False)
    special |= {"more": more, "more_count": kept, "extra_special_tokens": tokenizer.extra_special_tokens}
    tokenizer = AutoTokenizer.from_pretrained(directory)
    padded = []
    for options in PADDING:
        rows = {key: [list(row) for row in value] for key, value in ROWS.items()}
        padded.append({"options": options, "padded": dict(tokenizer.pad(rows, **options))})
    one = dict(tokenizer.pad({"input_ids": [5, 6]}, padding="max_length", max_length=4))
    return {"texts": TEXTS, "added": added, "special": special, "rows": ROWS, "padding": padded, "one": one}
