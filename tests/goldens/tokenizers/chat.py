"""Chat templates in the manner of common models, and what the reference makes of conversations."""

TEMPLATES = {
    "chatml": (
        "{% for message in messages %}\n"
        "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}\n"
        "{% endfor %}\n"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
    ),
    "alternating": (
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] | trim %}"
        "{% set loop_messages = messages[1:] %}{% else %}{% set system = '' %}{% set loop_messages = messages %}"
        "{% endif %}{% for message in loop_messages %}"
        "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('roles must alternate user/assistant') }}{% endif %}"
        "{% if message['role'] == 'user' %}"
        "{{ '[INST] ' + (system ~ '\\n\\n' if loop.first and system else '') + message.content.strip() + ' [/INST]' }}"
        "{% else %}{{ ' ' ~ message.content | trim ~ eos_token }}{% endif %}{% endfor %}"
    ),
    "assistant_mask": (
        "{%- for message in messages -%}\n"
        "{%- if message.role == 'assistant' -%}\n"
        "a:{% generation %}{{ message.content }}{{ eos_token }}{% endgeneration %}\n"
        "{%- else -%}\n"
        "{{ message.role[0] }}:{{ message.content | upper }};\n"
        "{%- endif -%}\n"
        "{%- endfor -%}"
    ),
    "tools": (
        "{%- macro show(tool) %}{{ tool.function.name }}({% for name, spec in tool.function.parameters.properties"
        "|dictsort %}{{ name }}: {{ spec['type'] }}{{ ', ' if not loop.last }}{% endfor %}){% endmacro %}"
        "{%- if tools is not none and tools %}\n"
        "# Tools\n"
        "    {%- for tool in tools %}\n"
        "{{ tool | tojson }}\n{{ show(tool) }}\n{{ tool.function | tojson(indent=2) }}\n"
        "    {%- endfor %}\n"
        "{%- endif %}\n"
        "{%- for message in messages %}\n"
        "{%- if message.tool_calls is defined and message.tool_calls %}\n"
        "{%- for call in message.tool_calls %}<call>{{ call.function | tojson(sort_keys=true) }}</call>{% endfor %}\n"
        "{%- elif message.content is string %}{{ message.role }}={{ message.content }}|\n"
        "{%- else %}{% for part in message.content %}{% if part.type == 'text' %}{{ part.text }}{% else %}"
        "<{{ part.type }}>{% endif %}{% endfor %}|\n"
        "{%- endif %}\n"
        "{%- endfor %}"
    ),
    "features": (
        "{% set ns = namespace(count=0, last='') %}"
        "{% for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}"
        "{% set ns.count = ns.count + 1 %}{% set ns.last = m.content.split(' ')[-1] %}"
        "{% if ns.count > 2 %}{% break %}{% endif %}{% endfor %}"
        "{{ ns.count }} {{ ns.last }} {{ messages | length }} {{ messages[-1].role }} {{ messages[::-1][0].role }}\n"
        "{% if custom is defined and custom %}{{ custom.items() | list | length }}:{{ custom.get('missing', 'none') }}"
        "{% for key, value in custom.items() %} {{ key }}={{ value }}{% endfor %}{% endif %}\n"
        "{{ 'a,b'.split(',') | join('+') }} {{ ' x '.strip() }} {{ 'Abc'.lower() }} {{ 'abc'.startswith('ab') }} "
        "{{ 'abc'.replace('b', 'x') }} {{ [1, 2.5, true, none, 'q'] }} {{ {'k': [1]} }} {{ 7 // 2 }} {{ 7 / 2 }} "
        "{{ messages | map(attribute='role') | join(',') }} {{ messages | selectattr('role', 'equalto', 'user') | "
        "list | length }} {{ 'not there' if nothing is not defined }} {{ '%s' | format('f') }} "
        "{{ 'a\\nb' | indent(2) }} {{ documents | tojson if documents }} {{ 'é<&>' | tojson }} {{ strftime_now('%%') }}"
    ),
}
SYSTEM = {"role": "system", "content": " Be brief. "}
TALK = [
    {"role": "user", "content": " The quick fox? "},
    {"role": "assistant", "content": "jumps over 日本 é", "tool_calls": None},
    {"role": "user", "content": "<|im_end|> again"},
]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather <now> at a 'place'",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "days": {"type": "integer", "default": 1.0}},
        },
    },
}
CALLS = [
    {
        "role": "assistant",
        "tool_calls": [{"function": {"name": "weather", "arguments": {"place": "Zürich", "days": 2}}}],
    },
    {"role": "user", "content": [{"type": "text", "text": "see"}, {"type": "image"}]},
]
CASES = [
    ("chatml", [SYSTEM, *TALK], {}),
    ("chatml", TALK, {"add_generation_prompt": True}),
    ("chatml", TALK, {"continue_final_message": True}),
    ("chatml", [TALK[:1], TALK], {"add_generation_prompt": True}),
    ("alternating", [SYSTEM, *TALK], {}),
    ("alternating", TALK[:2], {"bos_token": "<B>"}),
    ("alternating", TALK[1:], {}),
    ("assistant_mask", [*TALK, TALK[1]], {"return_assistant_tokens_mask": True}),
    ("assistant_mask", [TALK, TALK[:2]], {"return_assistant_tokens_mask": True, "padding": True}),
    ("tools", [TALK[0], *CALLS], {"tools": [TOOL]}),
    ("tools", TALK, {}),
    ("features", [SYSTEM, *TALK], {"custom": {"b": 1, "a": [True, None]}, "documents": [{"title": "t"}]}),
    ("features", TALK, {}),
]


def golden(tokenizer):
    found = []
    for name, conversation, options in CASES:
        case = {"template": name, "conversation": conversation, "options": options}
        mask = options.get("return_assistant_tokens_mask", False)
        text_options = {key: value for key, value in options.items() if key not in {"return_assistant_tokens_mask"}}
        call = tokenizer.apply_chat_template
        try:
            case["text"] = call(conversation, chat_template=TEMPLATES[name], tokenize=False, **text_options)
            case["encoded"] = dict(call(conversation, chat_template=TEMPLATES[name], **options))
            if mask:
                case["encoded"]["assistant_masks"] = list(case["encoded"]["assistant_masks"])
        except Exception as error:  # noqa: BLE001 - templates raise what they like
            case["error"] = str(error)
        found.append(case)
    return {"templates": TEMPLATES, "cases": found}
