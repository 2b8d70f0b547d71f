//! Expressions and statements of chat templates match Jinja2 in the environment of transformers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trustformers_tokenizers::{ChatOptions, TemplateValue, Tokenizer};

/// Parts of errors that are accepted where Jinja2 renders a text.
const REFUSED: &[&str] = &[
    "unexpected `+`",
    "unexpected `,`",
    "unexpected `:`",
    "unknown statement block",
    "unknown statement print",
    "value is not iterable",
    "'nothing' is undefined",
    // Errors in literals, which Jinja2 evaluates before it renders.
    "is not subscriptable",
    "slice indices must be integers",
    "unhashable type: 'slice'",
    "chat template: text of a builtin_function_or_method, which names an address",
    "chat template: text of a function, which names an address",
    "chat template: text of a generator, which names an address",
    "chat template: 'is sameas' of equal texts, tuples or numbers",
    "chat template: 'kwargs' of a macro",
    "chat template: 'varargs' of a macro",
    "chat template: comparing namespaces, macros or loops",
    "chat template: complex numbers",
    "chat template: format() of text that is marked as safe",
    "chat template: text of a LoopContext",
    "chat template: text of a TemplateNamespace",
    "chat template: the 'pprint' filter of a dict whose keys are not strings",
    "chat template: the 'pprint' filter of more than a line",
    "chat template: the quotient of integers above 2**53",
];
/// Templates that render differently from Jinja2, which refuses most of them.
const DIFFERENT: &[&str] = &[
    "{{ 1. }}",
    "{{ 1e5 }} {{ 1E-3 }} {{ 1.e5 }}",
    "{{ 1 is odd is even }}",
    "{{ dict(a=1, **{'a': 2}) }}",
    "{% for x in [1] %}{% continue %}{% else %}E{% endfor %}",
];

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens")
}

struct Table {
    golden: Value,
    tokenizer: Tokenizer,
    messages: TemplateValue,
    count: usize,
    failures: Vec<String>,
}

impl Table {
    fn read() -> Self {
        let text = fs::read_to_string(goldens().join("chat_templates/jinja.json")).unwrap();
        let golden: Value = serde_json::from_str(&text).unwrap();
        let tokenizer = Tokenizer::from_dir(&goldens().join("tokenizers/byte_level_bpe")).unwrap();
        let messages = golden["messages"].clone().into();
        Self { golden, tokenizer, messages, count: 0, failures: Vec::new() }
    }

    fn check(&mut self, template: &str, expected: &Value) {
        if expected.is_null() {
            return;
        }
        self.count += 1;
        let options = ChatOptions { template: Some(template.to_owned()), ..ChatOptions::default() };
        let found = self.tokenizer.render_chats(vec![self.messages.clone()], &options);
        let found = found.map(|mut chats| chats.remove(0).text).map_err(|error| error.to_string());
        let is_refused = |found: &str| REFUSED.iter().any(|refused| found.contains(refused));
        let is_right = match (&found, expected) {
            (Ok(found), Value::String(expected)) => found == expected || DIFFERENT.contains(&template),
            (Err(found), Value::Number(number)) => {
                let error = &self.golden["errors"][number.as_u64().unwrap() as usize];
                found.contains(error[1].as_str().unwrap()) || is_refused(found)
            }
            (Err(found), _) => is_refused(found),
            (Ok(_), _) => DIFFERENT.contains(&template),
        };
        if !is_right {
            let expected = expected.as_u64().map_or(expected, |number| &self.golden["errors"][number as usize]);
            self.failures.push(format!("{template}\n    found    {found:?}\n    expected {expected}"));
        }
    }
}

#[test]
fn expressions_and_statements_match_jinja() {
    let mut table = Table::read();
    let golden = table.golden.clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for row in golden["unary"].as_array().unwrap() {
        for (value, expected) in golden["values"].as_array().unwrap().iter().zip(row[1].as_array().unwrap()) {
            table.check(&text(&row[0]).replace('@', &text(value)), expected);
        }
    }
    for row in golden["binary"].as_array().unwrap() {
        let pairs = golden["pairs"].as_array().unwrap();
        let operands = pairs.iter().flat_map(|left| pairs.iter().map(move |right| (left, right)));
        for ((left, right), expected) in operands.zip(row[1].as_array().unwrap()) {
            table.check(&text(&row[0]).replace("@@", &text(right)).replace('@', &text(left)), expected);
        }
    }
    for row in golden["templates"].as_array().unwrap() {
        table.check(&text(&row[0]), &row[1]);
    }
    assert!(table.count > 20_000, "only {} cases", table.count);
    let failures = &table.failures;
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), table.count, failures.join("\n"));
}
