"""Chat templates: equality with the reference, and errors."""

import dataclasses
import importlib.util
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AutoTokenizer
from trustformers.errors import InputError, UnsupportedError
from trustformers.tokenizers.tool_schemas import get_json_schema

GOLDENS = Path(__file__).parents[1] / "goldens" / "tokenizers"
TEMPLATE_GOLDENS = GOLDENS.parent / "chat_templates"
EXPECTED = json.loads((GOLDENS / "chat.json").read_text())
TALK = [{"role": "user", "content": "a b"}]


@pytest.fixture
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(GOLDENS / "byte_level_bpe")


@pytest.mark.parametrize("case", EXPECTED["cases"])
def test_conversations_equal_the_reference(tokenizer: Any, case: Any) -> None:
    template, options = EXPECTED["templates"][case["template"]], case["options"]
    if "error" in case:
        with pytest.raises(InputError, match=case["error"]):
            tokenizer.apply_chat_template(case["conversation"], chat_template=template, **options)
        return
    text_options = {key: value for key, value in options.items() if key != "return_assistant_tokens_mask"}
    text = tokenizer.apply_chat_template(case["conversation"], chat_template=template, tokenize=False, **text_options)
    assert text == case["text"]
    encoded = tokenizer.apply_chat_template(case["conversation"], chat_template=template, **options)
    assert dict(encoded) == case["encoded"]


def test_the_tokenizer_keeps_its_templates(tokenizer: Any, tmp_path: Path) -> None:
    assert tokenizer.chat_template is None
    with pytest.raises(InputError, match="chat_template"):
        tokenizer.apply_chat_template(TALK)
    tokenizer.chat_template = "{{ messages[0].content }}{{ eos_token }}"
    assert tokenizer.apply_chat_template(TALK, tokenize=False) == "a b<|endoftext|>"
    assert tokenizer.apply_chat_template(TALK, return_dict=False) == tokenizer("a b<|endoftext|>")["input_ids"]
    tokenizer.chat_template = {"default": "D", "tool_use": "T"}
    assert tokenizer.get_chat_template() == "D"
    assert tokenizer.apply_chat_template(TALK, tools=[{"name": "f"}], tokenize=False) == "T"
    tokenizer.save_pretrained(tmp_path)
    assert (tmp_path / "chat_template.jinja").read_text() == "D"
    assert (tmp_path / "additional_chat_templates" / "tool_use.jinja").read_text() == "T"
    for again in (AutoTokenizer.from_pretrained(tmp_path), pickle.loads(pickle.dumps(tokenizer))):
        assert again.chat_template == {"default": "D", "tool_use": "T"}
    with pytest.raises(InputError, match="chat_template"):
        tokenizer.chat_template = 3


def test_assistant_masks_can_be_arrays(tokenizer: Any) -> None:
    template = "{{ messages[0].content }}{% generation %}x{% endgeneration %}"
    options = {"chat_template": template, "return_assistant_tokens_mask": True, "return_tensors": "np"}
    masks = tokenizer.apply_chat_template(TALK, **options)["assistant_masks"]
    assert masks.dtype == np.int64
    assert masks.tolist()[0][-1] == 1


def test_objects_are_rendered_as_plain_data(tokenizer: Any) -> None:
    @dataclasses.dataclass
    class Part:
        text: str

    messages = [{"role": "user", "content": [Part("p"), np.float32(1.5), object()]}]
    template = "{{ messages[0].content | tojson }}"
    text = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False)
    assert text == '[{"text": "p"}, 1.5, "<object>"]'


def test_templates_see_python_types(tokenizer: Any) -> None:
    value = {1: (2, [None, True]), "big": 2**70, "small": 1e-05, "nan": float("nan"), "it's": "\n"}
    text = tokenizer.apply_chat_template(TALK, chat_template="{{ value }}", value=value, tokenize=False)
    assert text == str(value)
    text = tokenizer.apply_chat_template(TALK, chat_template="{{ value | tojson }}", value=value, tokenize=False)
    assert text == json.dumps(value)


def test_raise_exception_of_a_template_is_the_error_message(tokenizer: Any) -> None:
    template = "{{ raise_exception('Roles must alternate: ' ~ messages[0].role) }}"
    with pytest.raises(InputError, match="Roles must alternate: user"):
        tokenizer.apply_chat_template(TALK, chat_template=template)


def test_schemas_of_functions_equal_the_reference(tokenizer: Any) -> None:
    spec = importlib.util.spec_from_file_location("tools", TEMPLATE_GOLDENS / "tools.py")
    assert spec is not None and spec.loader is not None
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    expected = json.loads((TEMPLATE_GOLDENS / "tools.json").read_text())
    for function, schema in zip(tools.FUNCTIONS, expected, strict=True):
        if schema is None:
            with pytest.raises(InputError, match="tools"):
                get_json_schema(function)
        else:
            assert get_json_schema(function) == schema
    text = tokenizer.apply_chat_template(
        TALK, tools=[tools.plain], chat_template="{{ tools | tojson }}", tokenize=False
    )
    assert json.loads(text) == [expected[0]]


@pytest.mark.parametrize(
    ("conversation", "options", "message"),
    [
        ([], {}, "conversation"),
        ("text", {}, "conversation"),
        ([[]], {"continue_final_message": True}, "continue_final_message"),
        ([3], {}, "conversation"),
        ([{"role": "\ud800"}], {}, "conversation"),
        (TALK, {"tools": ["f"]}, "tools"),
        (TALK, {"documents": ["text"]}, "documents"),
        (TALK, {"chat_template": "{{"}, "chat_template"),
        (
            TALK,
            {"chat_template": "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"},
            "steps",
        ),
        (TALK, {"chat_template": "x", "tokenize": False, "return_assistant_tokens_mask": True}, "assistant"),
        (TALK, {"chat_template": "x", "continue_final_message": True, "add_generation_prompt": True}, "continue"),
        (TALK, {"chat_template": "x", "tokenize": 1}, "tokenize"),
    ],
)
def test_invalid_arguments_are_refused(tokenizer: Any, conversation: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tokenizer.apply_chat_template(conversation, **{"chat_template": "x", **options})


def test_unsupported_arguments_are_named(tokenizer: Any) -> None:
    with pytest.raises(UnsupportedError, match="sanitize_control_tokens"):
        tokenizer.apply_chat_template(TALK, chat_template="x", sanitize_control_tokens=True)
