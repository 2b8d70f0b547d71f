//! Chat templates render as in the reference, and hostile ones are errors.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trustformers_core::{Error, Result};
use trustformers_tokenizers::{ChatOptions, EncodeOptions, RenderedChat, TemplateValue, Tokenizer};

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/tokenizers")
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_dir(&goldens().join("byte_level_bpe")).unwrap()
}

fn render(template: &str, messages: Value) -> Result<RenderedChat> {
    let options = ChatOptions { template: Some(template.to_owned()), ..ChatOptions::default() };
    Ok(tokenizer().render_chats(vec![messages.into()], &options)?.remove(0))
}

fn conversations(case: &Value) -> Vec<TemplateValue> {
    let conversation = case["conversation"].clone();
    match conversation {
        Value::Array(conversations) if conversations[0].is_array() => {
            conversations.into_iter().map(TemplateValue::from).collect()
        }
        conversation => vec![conversation.into()],
    }
}

fn options(golden: &Value, case: &Value) -> ChatOptions {
    let template = golden["templates"][case["template"].as_str().unwrap()].as_str().unwrap();
    let mut variables = case["options"].as_object().unwrap().clone();
    let continues = variables.remove("continue_final_message").is_some();
    variables.retain(|key, _| !["padding", "return_assistant_tokens_mask"].contains(&key.as_str()));
    ChatOptions {
        template: Some(template.to_owned()),
        variables: variables.into_iter().map(|(name, value)| (name, value.into())).collect(),
        continue_final_message: continues.then(|| "content".to_owned()),
    }
}

#[test]
fn templates_render_as_in_the_reference() {
    let golden: Value = serde_json::from_str(&fs::read_to_string(goldens().join("chat.json")).unwrap()).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let found = tokenizer().render_chats(conversations(case), &options(&golden, case));
        if let Some(error) = case["error"].as_str() {
            let found = found.unwrap_err().to_string();
            assert!(found.contains(error), "{found} for {error}");
            continue;
        }
        let texts: Vec<_> = found.unwrap().into_iter().map(|chat| chat.text).collect();
        let expected = if case["text"].is_array() { case["text"].clone() } else { json!([case["text"]]) };
        assert_eq!(json!(texts), expected, "{}", case["template"]);
    }
}

#[test]
fn generation_block_tokens_match_the_reference() {
    let golden: Value = serde_json::from_str(&fs::read_to_string(goldens().join("chat.json")).unwrap()).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let Some(expected) = case["encoded"].get("assistant_masks") else { continue };
        let chats = tokenizer().render_chats(conversations(case), &options(&golden, case)).unwrap();
        let rows = chats.iter().map(|chat| chat.text.as_str().into()).collect();
        let encoding = EncodeOptions {
            add_special_tokens: false,
            padding: "longest".parse().unwrap(),
            ..EncodeOptions::default()
        };
        let spans: Vec<_> = chats.iter().map(|chat| chat.generated.clone()).collect();
        let masks = tokenizer().encode_batch(rows, &encoding).unwrap().tokens_of_spans(&spans).unwrap();
        let expected = if expected[0].is_array() { expected.clone() } else { json!([expected]) };
        assert_eq!(json!(masks), expected);
    }
}

#[test]
fn hostile_templates_are_input_errors() {
    let templates = [
        "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
        "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1] * 100000000000) %}{% for i in range(60) %}{% set ns.x = [] + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]|map('abs')) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x]|sum(start=[]) %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x|chain(ns.x) %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{{ 'a' + 1 }}",
        "{{ [1] + 'a' }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ 'x' * 1000000000000 }}",
        "{{ 'x'.ljust(1000000000000) }}",
        "{{ 'a'.center(1000000000000) }}",
        "{{ 'a' | indent(1000000000000) }}",
        "{{ '%1000000000000s' | format('a') }}",
        "{{ 'aa'.replace('a', 'b' * 100000) * 100000 }}",
        "{{ range(100000) | map('string') | join(',' * 10000) }}",
        "{{ raise_exception('no ' ~ messages[0].role) }}",
        "{{ strftime_now('%1000000000d') }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%.1000000000f' % 1 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:.1000000000f}'.format(1.5) }}",
        "{{ '{:>{}}'.format(1, 1000000000) }}",
        "{{ 'x'.zfill(1000000000) }}",
        "{{ '\\t'.expandtabs(1000000000) }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ [1] * 10 ** 9 }}",
        "{{ 2 ** 1000000000 }}",
        "{{ 10 ** 4000 * 10 ** 4000 }}",
        "{{ range(10 ** 9) }}",
        "{{ [1] | batch(10 ** 9, 'x') | list }}",
        "{{ [1] | slice(10 ** 9) | list }}",
        "{{ 'x' | center(10 ** 9) }}",
        "{{ [1] | tojson(indent=10 ** 9) }}",
        "{{ ('x' * 10000).join(('y' * 10000) | list).join('z' * 100000) }}",
        "{{ 'x'.replace('', 'y' * 100000).replace('', 'z' * 100000) }}",
        "{% for i in [1] %}{{ loop.cycle() }}{% endfor %}",
        "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
        "{% set a = namespace(x=[1]) %}{% set b = namespace(x=[1]) %}{% for i in range(60) %}\
            {% set a.x = [a.x, a.x] %}{% set b.x = [b.x, b.x] %}{% endfor %}{{ a.x == b.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = ns.x | map('abs') %}{% endfor %}{{ ns.x | list }}",
        "{{ messages[0].role.nothing() }}",
        "{{ messages | tojson(indent=[]) }}",
        "{% if %}",
        "{{ ",
        "{% generation %}",
        "{% include 'other' %}",
        "{{ undefined.attribute.more }}",
    ];
    for template in templates {
        let error = render(template, json!([{"role": "user", "content": "a"}])).unwrap_err();
        assert!(matches!(error, Error::Input { .. }), "{template}: {error}");
        assert!(error.to_string().starts_with("chat_template: "), "{error}");
    }
    let nested = "(".repeat(100_000);
    assert!(render(&format!("{{{{ {nested} }}}}"), json!([])).is_err());
}

#[test]
fn the_deepest_values_that_fuel_allows_are_dropped_safely() {
    let deep = "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}";
    assert_eq!(render(&format!("{deep}done"), json!([])).unwrap().text, "done");
    assert!(render(&format!("{deep}{{{{ ns.x | tojson }}}}"), json!([])).is_err());
    let deeper = format!("{deep}{}", deep.replace("{% set ns = namespace(x=[]) %}", "").repeat(9));
    drop(render(&deeper, json!([])));
}

#[test]
fn sums_match_python() {
    let template = "{{ [1, 2] + [3] + messages[:0] }} {{ (1,) + (2,) }} {{ 1 + 2.5 }} {{ 'a' + 'b' }} {{ [1, 2]|sum(start=3) }}\
        {% macro f(x) %}{{ x + [9] }}{% endmacro %} {{ f([8]) }}";
    let rendered = render(template, json!([])).unwrap();
    assert_eq!(rendered.text, "[1, 2, 3] (1, 2) 3.5 ab 6 [8, 9]");
}

#[test]
fn marks_in_the_conversation_stay_text() {
    let chat = render(
        "{% generation %}{{ messages[0].content }}{% endgeneration %}",
        json!([{"role": "user", "content": "a\u{fdd0}b\u{fdd1}"}]),
    );
    let expected = RenderedChat { text: "a\u{fdd0}b\u{fdd1}".to_owned(), generated: vec![(0, 4)] };
    assert_eq!(chat.unwrap(), expected);
}

#[test]
fn reasoning_is_available_under_every_key() {
    let message = json!([{"role": "assistant", "thinking": "because", "reasoning": null}]);
    assert_eq!(render("{{ messages[0].reasoning_content }}", message).unwrap().text, "because");
}

#[test]
fn a_final_message_that_cannot_be_continued_is_an_input_error() {
    let refuse = |template: &str, messages: Value, field: &str| {
        let options = ChatOptions {
            template: Some(template.to_owned()),
            continue_final_message: Some(field.to_owned()),
            variables: Vec::new(),
        };
        let error = tokenizer().render_chats(vec![messages.into()], &options).unwrap_err().to_string();
        assert!(error.contains("continue_final_message"), "{error}");
    };
    refuse("{{ messages[0].content }}", json!([]), "content");
    refuse("{{ messages[0].content }}", json!([{"role": "user"}]), "content");
    refuse("{{ messages[0].role }}", json!([{"role": "user", "content": "a"}]), "content");
    refuse("{{ messages[0].content[:2] }}", json!([{"role": "user", "content": "abcd"}]), "content");
    refuse("{{ messages[0].content }}", json!([{"role": "user", "content": [{"type": "image"}]}]), "content");
    refuse("{{ messages[0].content }}", json!([{"role": "user", "content": 3}]), "content");
}

#[test]
fn templates_come_from_files_and_are_saved() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    fs::copy(goldens().join("byte_level_bpe/tokenizer.json"), directory.path().join("tokenizer.json")).unwrap();
    let read = || Tokenizer::from_dir(directory.path());
    assert!(read().unwrap().chat_template(None, false).unwrap_err().to_string().contains("chat_template"));
    write(
        "tokenizer_config.json",
        r#"{"chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}]}"#,
    );
    let tokenizer = read().unwrap();
    assert_eq!(tokenizer.chat_template(None, false).unwrap(), "D");
    assert_eq!(tokenizer.chat_template(None, true).unwrap(), "T");
    assert_eq!(tokenizer.chat_template(Some("tool_use"), false).unwrap(), "T");
    let saved = tempfile::tempdir().unwrap();
    tokenizer.save_pretrained(saved.path()).unwrap();
    let again = Tokenizer::from_dir(saved.path()).unwrap();
    assert_eq!(again.chat_templates(), [("default", "D"), ("tool_use", "T")]);
    assert_eq!(Tokenizer::from_files(tokenizer.to_files().unwrap()).unwrap().chat_templates(), again.chat_templates());
    write("chat_template.jinja", "J");
    assert_eq!(read().unwrap().chat_templates(), [("default", "J")]);
    let named = read().unwrap().with_chat_templates(vec![("../x".to_owned(), String::new())]);
    assert_eq!(named.to_files().unwrap_err().code(), "tokenizer");
    fs::remove_file(directory.path().join("chat_template.jinja")).unwrap();
    write("tokenizer_config.json", r#"{"chat_template": 3}"#);
    assert!(read().unwrap_err().to_string().contains("chat_template"));
}
