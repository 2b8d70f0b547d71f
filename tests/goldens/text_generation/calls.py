"""What the text generation pipeline is asked: a vocabulary as small as the checkpoints', and calls."""

import string
from dataclasses import dataclass, field

# A byte that stands here for a space, and one for a line's end.
SPACE, LINE = "Ġ", "Ċ"
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>", "<|user|>", "<|assistant|>", "<|system|>"]
MERGES = [
    *("t h", "th e", f"{SPACE} the", f"{SPACE} a", "i n", "a n", "an d", f"{SPACE} and", "o u", "y ou", f"{SPACE} you"),
    *("h e", "l l", "he ll", "hell o", "c a", "ca t", f"{SPACE} cat", "s a", "sa t", f"{SPACE} sat", "e r", "o n"),
    *(f"{SPACE} on", f"{SPACE} m", f"{SPACE}m a", f"{SPACE}ma t", "r e", "o r", "in g", "e s", f"{SPACE} h"),
]
VOCABULARY = [
    *SPECIAL,
    SPACE,
    LINE,
    *string.ascii_lowercase,
    "H",
    *"012345-.,!?:'Ã©",
    *(m.replace(" ", "") for m in MERGES),
]
# As many as the checkpoints have.
assert len(set(VOCABULARY)) == len(VOCABULARY) == 83, len(VOCABULARY)

TEMPLATE = """{%- if tools %}{{ '<|system|>tools:' }}{% for tool in tools %}{{ ' ' + tool['function']['name'] }}\
{% endfor %}{{ eos_token }}{% endif %}
{%- if documents %}{{ '<|system|>on ' + documents[0]['title'] + eos_token }}{% endif %}
{%- for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + eos_token }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|assistant|>' }}{% if thinks %}{{ 'hm.' }}{% endif %}{% endif %}"""

TOOL = {
    "type": "function",
    "function": {"name": "cat", "description": "cats", "parameters": {"type": "object", "properties": {}}},
}


@dataclass
class Call:
    inputs: object
    arguments: dict = field(default_factory=dict)
    model: str = "llama"
    # Arguments of the pipeline itself.
    options: dict = field(default_factory=dict)
    # Keys of config.json and generation_config.json that are other than in the model's folder.
    config: dict = field(default_factory=dict)
    generation_config: dict = field(default_factory=dict)


def message(content: str, role: str = "user") -> dict:
    return {"role": role, "content": content}


TEXT = "the cat sat"
TEXTS = [TEXT, "hello", "", "and you, on the mat?"]
LONG = "the cat sat on the mat and you and the other cat sat on a mat, hello!"
CHAT = [message("hello you", "system"), message("a cat?")]
ANSWERED = [*CHAT, message("the", "assistant")]
CHATS = [CHAT, [message("and?")], ANSWERED]
GREEDY = {"do_sample": False}
SHORT = GREEDY | {"max_new_tokens": 7}
NO_BOS = SHORT | {"add_special_tokens": False}
# Tokens that some of the texts go on with.
ENDING = SHORT | {"eos_token_id": [63, 30]}


def texts() -> list[tuple]:
    return [
        *(({**SHORT}, text) for text in (*TEXTS, LONG, "Hé élan the\n 7", TEXTS, [TEXT])),
        *((SHORT | {"batch_size": size}, TEXTS) for size in (1, 2)),
        (GREEDY, TEXT),
        *((SHORT | given, text) for text in (TEXT, "") for given in RETURNS),
        (SHORT | {"batch_size": 2, "return_full_text": False}, [TEXT, "hello"]),
        *((NO_BOS | given, text) for text in ("", TEXT, ["", TEXT]) for given in RETURNS[:3]),
        *((ENDING | given, TEXTS) for given in RETURNS[:3]),
        *((SHORT | given, TEXT) for given in OTHERS),
        *((GREEDY | given, TEXT) for given in LENGTHS),
        *((SHORT | given, LONG) for given in ENCODINGS),
        *((SHORT | given, TEXT) for given in CONTRADICTIONS),
    ]


RETURNS = [
    {"return_full_text": False},
    {"return_tensors": True},
    {"skip_special_tokens": False},
    {"return_full_text": True},
    {"return_text": True},
    {"return_full_text": False, "skip_special_tokens": False, "clean_up_tokenization_spaces": True},
    {"clean_up_tokenization_spaces": False},
]
OTHERS = [
    {"prefix": "hello "},
    {"prefix": "hello ", "return_full_text": False, "add_special_tokens": True},
    {"add_special_tokens": True, "return_tensors": True},
    {"num_beams": 3},
    {"num_beams": 3, "num_return_sequences": 2},
    {"num_beams": 2, "num_return_sequences": 2, "return_tensors": True},
    {"num_beams": 3, "num_return_sequences": 2, "return_dict_in_generate": True},
    {"num_beams": 3, "length_penalty": 2.0, "early_stopping": True},
    {"return_dict_in_generate": True},
    {"repetition_penalty": 1.3},
    {"no_repeat_ngram_size": 2, "bad_words_ids": [[20]]},
    {"eos_token_id": None},
    {"pad_token_id": 0, "eos_token_id": 63, "num_beams": 2, "num_return_sequences": 2, "return_tensors": True},
    {"generation_config": {"max_new_tokens": 4, "do_sample": False, "repetition_penalty": 1.1}},
    {"generation_config": {"max_length": 9, "do_sample": False}, "max_new_tokens": None},
    {"tokenizer_encode_kwargs": {"add_special_tokens": True}},
    {"top_kk": 3},
    {"temperature": 0.5},
]
LENGTHS = [
    {"max_length": 10},
    {"max_length": 10, "prefix": "you and "},
    {"max_length": 2},
    {"max_length": 4, "max_new_tokens": 3},
    {"min_new_tokens": 5, "max_new_tokens": 6},
    {"min_length": 9, "max_length": 12, "prefix": "a "},
    {"max_new_tokens": 0},
    {"max_new_tokens": 1},
]
ENCODINGS = [
    {"handle_long_generation": "hole"},
    {"handle_long_generation": "hole", "max_new_tokens": 20, "return_tensors": True},
    {"handle_long_generation": "hole", "max_new_tokens": 30},
    {"handle_long_generation": "hole", "max_new_tokens": 50},
    {"handle_long_generation": "cut"},
    {"truncation": True},
    {"tokenizer_encode_kwargs": {"truncation": True, "max_length": 6}, "return_tensors": True},
    {"padding": "max_length", "tokenizer_encode_kwargs": {"max_length": 33}, "return_tensors": True},
    {"padding": "max_length", "tokenizer_encode_kwargs": {"max_length": 33}},
]
CONTRADICTIONS = [
    {"return_full_text": True, "return_text": True},
    {"return_full_text": True, "return_tensors": True},
    {"return_text": True, "return_tensors": True},
]


def chats() -> list[tuple]:
    return [
        *((SHORT, chat) for chat in (*CHATS, CHATS, [CHAT])),
        (SHORT | {"batch_size": 2}, CHATS),
        *((SHORT | given, CHAT) for given in RETURNS[:3]),
        *((SHORT | given, ANSWERED) for given in RETURNS[:3]),
        (SHORT | {"continue_final_message": False}, ANSWERED),
        (SHORT | {"continue_final_message": True}, CHAT),
        (SHORT | {"tools": [TOOL]}, CHAT),
        (SHORT | {"documents": [{"title": "you", "text": "a"}]}, CHAT),
        (SHORT | {"tokenizer_encode_kwargs": {"thinks": True}, "return_tensors": True}, CHAT),
        (SHORT | {"num_beams": 2, "num_return_sequences": 2}, CHAT),
        (SHORT | {"add_special_tokens": True, "return_tensors": True}, CHAT),
        (SHORT | {"prefix": "hello"}, CHAT),
        (SHORT, [CHAT, [{"role": "user"}]]),
        (SHORT, [CHAT, TEXT]),
        (SHORT, [CHAT, []]),
        (SHORT, [*CHAT, {"role": "user"}]),
    ]


def prepared() -> list[Call]:
    """Options of the pipeline, and what the model's own configurations say."""
    short = {"max_new_tokens": 5, "do_sample": False}
    config = {"generation_config": {"max_new_tokens": 3, "repetition_penalty": 1.2, "do_sample": False}}
    return [
        Call(TEXT, options=short),
        Call(TEXT, {"max_new_tokens": 2}, options=short),
        Call(TEXT, {"max_length": 9}, options=GREEDY),
        Call(TEXT, options=GREEDY | {"max_length": 9}),
        Call(LONG, options=GREEDY | {"max_length": 30}),
        Call(LONG, {"handle_long_generation": "hole"}, options=GREEDY | {"max_length": 60}),
        Call(TEXT, config, options=short | {"no_repeat_ngram_size": 1}),
        Call(TEXT, options=config),
        Call(TEXT, {"max_new_tokens": 2}, options=config),
        Call(TEXT, {"return_full_text": False}, options=short | {"return_tensors": True}),
        Call(TEXT, options=short | {"prefix": "hello ", "return_full_text": False}),
        Call(TEXT, {"prefix": ""}, options=short | {"prefix": "hello "}),
        Call(TEXT, options=short, config={"prefix": "you and "}),
        Call(TEXT, options=GREEDY | {"max_length": 12}, config={"prefix": "you and "}),
        Call(TEXTS, options=short | {"batch_size": 3, "return_full_text": False}),
        Call(CHAT, options=short | {"continue_final_message": True}),
        Call(TEXT, generation_config={"max_new_tokens": 4, "do_sample": False}),
        Call(TEXT, generation_config={"max_length": 9, "do_sample": False}),
        Call(TEXT, {"max_new_tokens": 6}, generation_config={"max_length": 9, "do_sample": False}),
        Call(TEXT, {"prefix": "hello "}, generation_config={"max_length": 9, "do_sample": False}),
        Call([TEXT, "on"], {"return_tensors": True}, generation_config={"pad_token_id": 0, **short}),
    ]


def stops(found: str) -> list[Call]:
    """Calls that end with parts of what follows a text."""
    return [
        Call(TEXT, SHORT | {"stop_sequence": found[2:4]}),
        Call(TEXT, SHORT | {"stop_sequence": ["never", found[3:5]], "return_full_text": False}),
        Call(TEXT, SHORT, options={"stop_sequence": found[2:4]}),
        Call([TEXT, "hello"], SHORT | {"stop_sequence": found[2:4], "batch_size": 2}),
    ]


def all_calls() -> list[Call]:
    return [
        *(Call(inputs, arguments) for arguments, inputs in (*texts(), *chats())),
        # Of 40 positions, so that a prompt and what follows must be short.
        *(Call(inputs, SHORT, "gpt2") for inputs in (TEXT, TEXTS, CHAT, "")),
        Call(TEXT, SHORT | {"num_beams": 3}, "gpt2"),
        Call(LONG, GREEDY | {"max_new_tokens": 25, "handle_long_generation": "hole", "return_tensors": True}, "gpt2"),
        *prepared(),
    ]
