//! Published repositories load as in the reference.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use trustformers_tokenizers::{EncodeOptions, Encoding, TextInput, Tokenizer};

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/tokenizers")
}

fn read(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(goldens().join(file)).expect("the goldens are in the repository")).unwrap()
}

fn directory(case: &Value) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    if let Some(base) = case["base"].as_str() {
        let mut tokenizer = read(&format!("repositories/{base}.json"));
        for (path, value) in case["edits"].as_object().unwrap() {
            let (outer, last) = path.rsplit_once('.').unwrap_or(("", path));
            let target = if outer.is_empty() { &mut tokenizer } else { &mut tokenizer[outer] };
            target[last] = value.clone();
        }
        fs::write(directory.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    } else {
        let vocabulary = goldens().join("vocabularies").join(case["vocabulary"].as_str().unwrap());
        for file in fs::read_dir(vocabulary).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
        }
    }
    for (name, value) in case["files"].as_object().unwrap() {
        fs::write(directory.path().join(name), value.to_string()).unwrap();
    }
    directory
}

fn row(tokenizer: &Tokenizer, found: &Encoding) -> Value {
    let digits: String = found.get_type_ids().iter().map(u32::to_string).collect();
    let offsets: Vec<usize> = found.get_offsets().iter().flat_map(|&(start, end)| [start, end]).collect();
    let decode = |skips| tokenizer.decode(found.get_ids(), skips, None).unwrap();
    json!({
        "input_ids": found.get_ids(), "token_type_ids": digits, "offsets": offsets,
        "decoded": decode(false), "decoded_skipping": decode(true),
    })
}

#[test]
fn every_repository_matches_the_reference() {
    let golden = read("repositories.json");
    let texts: Vec<&str> = golden["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let pair = ["/pair/0", "/pair/1"].map(|at| golden.pointer(at).and_then(Value::as_str).unwrap());
    let inputs = texts.into_iter().map(TextInput::Single).chain([TextInput::Pair(pair[0], pair[1])]);
    let inputs: Vec<TextInput<'_>> = inputs.collect();
    let mut wrong = Vec::new();
    for case in golden["cases"].as_array().unwrap() {
        let expected = &case["expected"];
        if expected.get("error").is_some() {
            continue;
        }
        let place = format!(
            "{} {} {} {}",
            case.get("base").unwrap_or(&case["vocabulary"]),
            case["files"],
            case["kwargs"],
            case.get("edits").and_then(Value::as_object).map_or(String::new(), |edits| format!("{:?}", edits.keys())),
        );
        let tokenizer = match Tokenizer::from_dir_with(directory(case).path(), case["kwargs"].as_object().unwrap()) {
            Ok(tokenizer) => tokenizer,
            Err(error) => {
                wrong.push(format!("{place}: {error}"));
                continue;
            }
        };
        let mut differs = |what: &str, found: Value, expected: &Value| {
            if found != *expected {
                wrong.push(format!("{place}: {what} is {found}, expected {expected}"));
            }
        };
        differs("len", json!(tokenizer.vocab_size_with_added_tokens()), &expected["len"]);
        let roles: HashMap<_, _> = tokenizer.special_tokens_map().into_iter().collect();
        differs("special_tokens_map", json!(roles), &expected["special_tokens_map"]);
        let special = tokenizer.all_special_tokens();
        let special: Vec<_> = special.iter().map(|token| tokenizer.convert_token_to_id(token)).collect();
        differs("all_special_ids", json!(special), &expected["all_special_ids"]);
        let added = tokenizer.added_tokens().into_iter().map(|(id, token)| (token.content, id));
        differs("added_vocab", json!(added.collect::<HashMap<_, _>>()), &expected["added_vocab"]);
        differs("model_input_names", json!(tokenizer.model_input_names()), &expected["model_input_names"]);
        differs("padding_side", json!(tokenizer.padding_side().name()), &expected["padding_side"]);
        differs("truncation_side", json!(tokenizer.truncation_side().name()), &expected["truncation_side"]);
        let limit = tokenizer.model_max_length().unwrap_or(1_000_000_000);
        differs("model_max_length", json!(limit), &expected["model_max_length"]);
        for (input, index) in inputs.iter().zip(expected["rows"].as_array().unwrap()) {
            let found = tokenizer.encode(*input, &EncodeOptions::default()).unwrap();
            differs("a row", row(&tokenizer, &found), &golden["rows"][index.as_u64().unwrap() as usize]);
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn byte_order_marks_and_crlf_are_read_and_empty_files_refused() {
    let write = |name: &str, text: &str| {
        let directory = tempfile::tempdir().unwrap();
        fs::copy(goldens().join("repositories/wordpiece.json"), directory.path().join("tokenizer.json")).unwrap();
        fs::write(directory.path().join("config.json"), "\u{feff}{\r\n\"model_type\": \"bert\"\r\n}\r\n").unwrap();
        fs::write(directory.path().join(name), text).unwrap();
        directory
    };
    let pretty = serde_json::to_string_pretty(&read("repositories/wordpiece.json")).unwrap();
    let crlf = pretty.replace('\n', "\r\n");
    for (name, text) in [
        ("tokenizer.json", format!("\u{feff}{crlf}")),
        ("tokenizer_config.json", "\u{feff}{\r\n\"cls_token\": \"[CLS]\"\r\n}".to_owned()),
        ("tokenizer_config.json", "{}".to_owned()),
        ("special_tokens_map.json", "\u{feff}{}".to_owned()),
        ("added_tokens.json", "\u{feff}{}\r\n".to_owned()),
    ] {
        let tokenizer = Tokenizer::from_dir(write(name, &text).path()).unwrap();
        let row = tokenizer.encode("Hello", &EncodeOptions::default()).unwrap();
        assert_eq!(row.get_tokens(), ["[CLS]", "hello", "[SEP]"], "{name}");
    }
    for name in ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"] {
        for (text, part) in [("", "empty"), (" \n", "empty"), ("{", "JSON"), ("[]", "an array")] {
            let error = Tokenizer::from_dir(write(name, text).path()).map(drop).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(part), "{name} {text:?}: {error}");
        }
    }
}

#[test]
fn vocabulary_files_may_have_byte_order_marks_and_crlf() {
    let directory = tempfile::tempdir().unwrap();
    let source = goldens().join("vocabularies/gpt2");
    let copy = |name: &str, change: fn(&str) -> String| {
        let text = fs::read_to_string(source.join(name)).unwrap();
        fs::write(directory.path().join(name), change(&text)).unwrap();
    };
    fs::write(directory.path().join("config.json"), r#"{"model_type": "gpt2"}"#).unwrap();
    let encode = || {
        let tokenizer = Tokenizer::from_dir(directory.path()).unwrap();
        tokenizer.encode("The tokens of a text", &EncodeOptions::default()).unwrap().get_ids().to_vec()
    };
    copy("vocab.json", str::to_owned);
    copy("merges.txt", str::to_owned);
    let expected = encode();
    copy("vocab.json", |text| {
        let vocab: Value = serde_json::from_str(text).unwrap();
        format!("\u{feff}{}", serde_json::to_string_pretty(&vocab).unwrap().replace('\n', "\r\n"))
    });
    copy("merges.txt", |text| format!("\u{feff}{}", text.replace('\n', "\r\n")));
    assert_eq!(encode(), expected);
    // The last occurrence of a repeated merge counts, as in the reference.
    copy("merges.txt", |text| format!("{text}{}\n", text.lines().nth(1).unwrap()));
    encode();
}
