//! Tokenizers built from vocabulary files equal the reference, and damaged files are errors.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use trustformers_tokenizers::{EncodeOptions, Encoding, TextInput, Tokenizer};

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/tokenizers")
}

fn expected() -> HashMap<String, Value> {
    let text = fs::read_to_string(goldens().join("conversions.json")).expect("the goldens are in the repository");
    serde_json::from_str(&text).expect("the goldens are JSON")
}

/// A directory with the files of the golden's checkpoint.
fn directory(golden: &Value) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let vocabulary = goldens().join("vocabularies").join(golden["vocabulary"].as_str().unwrap());
    for file in fs::read_dir(vocabulary).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
    }
    fs::write(directory.path().join("config.json"), golden["config"].to_string()).unwrap();
    fs::write(directory.path().join("tokenizer_config.json"), golden["tokenizer_config"].to_string()).unwrap();
    directory
}

fn digits(values: &[u32]) -> String {
    values.iter().map(u32::to_string).collect()
}

fn tokens(row: &Value) -> Vec<String> {
    match &row["tokens"] {
        Value::String(tokens) if tokens.is_empty() => Vec::new(),
        Value::String(tokens) => tokens.split(' ').map(str::to_owned).collect(),
        tokens => serde_json::from_value(tokens.clone()).unwrap(),
    }
}

fn encode(tokenizer: &Tokenizer, row: &Value, options: &EncodeOptions) -> Encoding {
    let text: Vec<&str> = row["text"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let input = match text[..] {
        [text] | [text, ""] => TextInput::Single(text),
        [text, text_pair] => TextInput::Pair(text, text_pair),
        _ => unreachable!("one text or two"),
    };
    tokenizer.encode(input, options).unwrap()
}

fn check(tokenizer: &Tokenizer, golden: &Value, family: &str) {
    for row in golden["rows"].as_array().unwrap() {
        let found = encode(tokenizer, row, &EncodeOptions::default());
        let place = format!("{family}: {}", row["text"]);
        assert_eq!(serde_json::json!(found.get_ids()), row["input_ids"], "{place}");
        assert_eq!(digits(found.get_type_ids()), row["token_type_ids"], "{place}");
        assert_eq!(digits(found.get_special_tokens_mask()), row["special_tokens_mask"], "{place}");
        let offsets: Vec<usize> = found.get_offsets().iter().flat_map(|&(start, end)| [start, end]).collect();
        assert_eq!(serde_json::json!(offsets), row["offsets"], "{place}");
        assert_eq!(found.get_tokens(), tokens(row), "{place}");
        assert_eq!(serde_json::json!(found.get_word_ids()), row["word_ids"], "{place}");
        let plain = EncodeOptions { add_special_tokens: false, ..EncodeOptions::default() };
        let plain = encode(tokenizer, row, &plain);
        assert_eq!(serde_json::json!(plain.get_ids()), row["without_special_tokens"], "{place}");
        let decode = |skip, clean| tokenizer.decode(found.get_ids(), skip, clean).unwrap();
        assert_eq!(decode(false, None), row["decoded"], "{place}");
        assert_eq!(decode(true, None), row["decoded_skipping"], "{place}");
        assert_eq!(decode(true, Some(true)), row["decoded_cleaned"], "{place}");
    }
}

#[test]
fn every_family_matches_the_reference() {
    for (family, golden) in expected() {
        let tokenizer = Tokenizer::from_dir(directory(&golden).path()).unwrap();
        assert_eq!(tokenizer.vocab_size_with_added_tokens(), golden["len"], "{family}");
        let roles: HashMap<_, _> = tokenizer.special_tokens_map().into_iter().collect();
        assert_eq!(serde_json::json!(roles), golden["special_tokens_map"], "{family}");
        let special = tokenizer.all_special_tokens();
        let special: Vec<_> = special.iter().map(|token| tokenizer.convert_token_to_id(token)).collect();
        assert_eq!(serde_json::json!(special), golden["all_special_ids"], "{family}");
        let added: HashMap<_, _> =
            tokenizer.added_tokens().into_iter().map(|(id, token)| (token.content, id)).collect();
        assert_eq!(serde_json::json!(added), golden["added_vocab"], "{family}");
        assert_eq!(serde_json::json!(tokenizer.model_input_names()), golden["model_input_names"], "{family}");
        check(&tokenizer, &golden, &family);
    }
}

#[test]
fn a_converted_tokenizer_is_saved_with_a_tokenizer_json() {
    for (family, golden) in expected() {
        let saved = tempfile::tempdir().unwrap();
        Tokenizer::from_dir(directory(&golden).path()).unwrap().save_pretrained(saved.path()).unwrap();
        assert!(saved.path().join("tokenizer.json").is_file());
        // The reference adds RemBERT's [CLS] and [SEP] only to what it reads from a tokenizer.json.
        if family.starts_with("rembert") {
            continue;
        }
        check(&Tokenizer::from_dir(saved.path()).unwrap(), &golden, &family);
    }
}

#[test]
fn a_truncated_or_changed_model_never_panics() {
    let goldens = expected();
    for family in ["xlm_roberta", "llama", "generic_unigram"] {
        let directory = directory(&goldens[family]);
        let names = ["sentencepiece.bpe.model", "tokenizer.model"];
        let file = names.iter().map(|name| directory.path().join(name)).find(|file| file.exists()).unwrap();
        let bytes = fs::read(&file).unwrap();
        for index in (0..bytes.len()).step_by(41) {
            fs::write(&file, &bytes[..index]).unwrap();
            let error = Tokenizer::from_dir(directory.path()).map(drop).unwrap_err();
            assert_eq!(error.code(), "tokenizer", "{error}");
            assert!(error.to_string().contains(".model"), "{error}");
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[index] ^= flip;
                fs::write(&file, changed).unwrap();
                if let Ok(tokenizer) = Tokenizer::from_dir(directory.path()) {
                    drop(tokenizer.encode("The quick ﬁ ½ text", &EncodeOptions::default()));
                }
            }
        }
    }
}

#[test]
fn build_errors_name_class_and_file() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    let refuse = |code: &str, parts: &[&str]| {
        let error = Tokenizer::from_dir(directory.path()).map(drop).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
    };
    write("vocab.json", r#"{"a": 0, "b": 1}"#);
    refuse("unsupported", &["vocab.json", "tokenizer_class"]);
    write("tokenizer_config.json", r#"{"tokenizer_class": "GPT2Tokenizer"}"#);
    refuse("tokenizer", &["merges.txt"]);
    write("merges.txt", "#version: 0.2\na b c\n");
    refuse("tokenizer", &["merges.txt", "line 2"]);
    write("merges.txt", "a c\n");
    refuse("tokenizer", &["merges.txt"]);
    write("vocab.json", r#"{"a": "0"}"#);
    refuse("tokenizer", &["vocab.json"]);
    write("tokenizer_config.json", r#"{"tokenizer_class": "XLNetTokenizer"}"#);
    refuse("unsupported", &["XLNetTokenizer"]);
    write("tokenizer_config.json", r#"{"tokenizer_class": "BertTokenizer"}"#);
    refuse("tokenizer", &["vocab.txt"]);
    write("tokenizer_config.json", r#"{"tokenizer_class": "AlbertTokenizer", "keep_accents": "yes"}"#);
    fs::copy(goldens().join("vocabularies/albert/spiece.model"), directory.path().join("spiece.model")).unwrap();
    refuse("config", &["keep_accents"]);
    write("tokenizer_config.json", r#"{"tokenizer_class": "LlamaTokenizer"}"#);
    refuse("unsupported", &["LlamaTokenizer", "Unigram"]);
    write("tokenizer_config.json", r#"{"tokenizer_class": "T5Tokenizer", "extra_ids": 1e15}"#);
    refuse("config", &["extra_ids"]);
}
