//! Fuzzing `tokenizer.json`: every change yields a tokenizer, or an error that names file and fault.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trustformers_core::{Error, Result};
use trustformers_tokenizers::{EncodeOptions, Padding, Side, TextInput, Tokenizer, Truncation};

const BASES: &[(&str, &[&str])] = &[
    ("repositories/wordpiece.json", &["BertTokenizer", "PreTrainedTokenizerFast"]),
    ("repositories/byte_level.json", &["RobertaTokenizer", "Qwen2Tokenizer", "PreTrainedTokenizerFast"]),
    ("repositories/metaspace.json", &["LlamaTokenizer", "GemmaTokenizer", "PreTrainedTokenizerFast"]),
    ("repositories/unigram.json", &["T5Tokenizer", "CamembertTokenizer", "PreTrainedTokenizerFast"]),
    ("byte_level_bpe/tokenizer.json", &["PreTrainedTokenizerFast"]),
    ("unigram/tokenizer.json", &["PreTrainedTokenizerFast"]),
];
const TEXTS: [&str; 4] = ["Hello world, hello", " two  spaces\nline É 日本 😀", "a<mask>b </s>hello [SEP]tok", ""];

/// Components that none of the bases has.
fn components() -> Vec<(&'static str, Value)> {
    let template = json!({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "x", "type_id": 1}}], "pair": [{"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"x": {"id": "x", "ids": [1, 2], "tokens": ["x", "y"]}}});
    let nested = |key: &str, members: Value| json!({"type": "Sequence", key: members});
    vec![
        (
            "normalizer",
            json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                              "strip_accents": null, "lowercase": true}),
        ),
        (
            "normalizer",
            nested(
                "normalizers",
                json!([{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Nmt"},
            {"type": "Strip", "strip_left": true, "strip_right": true}, {"type": "Prepend", "prepend": "x"},
            {"type": "Replace", "pattern": {"Regex": "l+"}, "content": "▁"}, {"type": "ByteLevel"}]),
            ),
        ),
        (
            "pre_tokenizer",
            nested(
                "pretokenizers",
                json!([{"type": "Whitespace"}, {"type": "FixedLength", "length": 3},
            {"type": "Punctuation", "behavior": "Contiguous"}, {"type": "UnicodeScripts"},
            {"type": "CharDelimiterSplit", "delimiter": "e"}, {"type": "Digits", "individual_digits": true}]),
            ),
        ),
        (
            "pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "(?=l)|o*"}, "behavior": "MergedWithNext",
                                 "invert": true}),
        ),
        ("pre_tokenizer", json!({"type": "BertPreTokenizer"})),
        (
            "decoder",
            nested(
                "decoders",
                json!([{"type": "CTC", "pad_token": "l", "word_delimiter_token": "|",
            "cleanup": true}, {"type": "BPEDecoder", "suffix": "o"}, {"type": "Strip", "content": "h", "start": 1,
            "stop": 1}, {"type": "Replace", "pattern": {"String": ""}, "content": "y"}, {"type": "Fuse"}]),
            ),
        ),
        ("decoder", json!({"type": "BPEDecoder", "suffix": "</w>"})),
        (
            "post_processor",
            nested(
                "processors",
                json!([template, {"type": "ByteLevel", "add_prefix_space": true,
            "trim_offsets": true, "use_regex": true}]),
            ),
        ),
        ("post_processor", json!({"type": "BertProcessing", "sep": ["x", 3], "cls": ["y", 4]})),
        (
            "post_processor",
            json!({"type": "RobertaProcessing", "sep": ["x", 3], "cls": ["y", 4], "trim_offsets": true,
                                  "add_prefix_space": false}),
        ),
        ("model", json!({"type": "WordLevel", "vocab": {"hello": 0, "x": 2, "▁": 7}, "unk_token": "x"})),
        (
            "added_tokens",
            json!([{"id": 2, "content": "o", "single_word": true, "lstrip": true, "rstrip": true,
            "normalized": true, "special": false}, {"id": 900, "content": "lo w", "single_word": false, "lstrip": true,
            "rstrip": true, "normalized": false, "special": true}]),
        ),
        ("truncation", json!({"max_length": 3, "strategy": "LongestFirst", "stride": 1, "direction": "Left"})),
        (
            "padding",
            json!({"strategy": {"Fixed": 4}, "direction": "Left", "pad_to_multiple_of": 3, "pad_id": 0,
                           "pad_type_id": 0, "pad_token": "x"}),
        ),
    ]
}

/// A deterministic random number generator.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn odd_value(numbers: &mut Numbers) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(3),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(4_294_967_295_u64),
        json!(u64::MAX),
        json!(70_000),
        json!(""),
        json!(" "),
        json!("x"),
        json!("▁"),
        json!("😀é"),
        json!("[SEP]"),
        json!("(a+)+$"),
        json!("("),
        json!([]),
        json!({}),
        json!(["x", 3]),
        json!([[]]),
        json!({"type": "Sequence"}),
        json!({"String": ""}),
        json!({"Regex": ""}),
        json!({"Regex": "\\b|"}),
        json!("Removed"),
        json!("first"),
        json!("never"),
        json!("B"),
        json!("Digits"),
        json!("Fuse"),
    ];
    numbers.pick(&odd).clone()
}

fn change(value: &mut Value, numbers: &mut Numbers) {
    // Descend often enough that vocabularies do not hide everything else.
    let goes_deeper = numbers.below(5) > 0;
    match value {
        Value::Object(object) if goes_deeper && !object.is_empty() => {
            let key = numbers.below(object.len());
            change(object.values_mut().nth(key).unwrap(), numbers);
        }
        Value::Array(items) if goes_deeper && !items.is_empty() => {
            let index = numbers.below(items.len());
            change(&mut items[index], numbers);
        }
        Value::Object(object) if !object.is_empty() => {
            let key = object.keys().nth(numbers.below(object.len())).unwrap().clone();
            let found = object.shift_remove(&key).unwrap();
            match numbers.below(4) {
                0 => {}
                1 => drop(object.insert(format!("{key}x"), found)),
                2 => drop(object.insert(String::new(), found)),
                _ => {
                    let other = object.values().nth(numbers.below(object.len())).cloned();
                    object.insert(key, other.unwrap_or_else(|| odd_value(numbers)));
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let (index, other) = (numbers.below(items.len()), numbers.below(items.len()));
            match numbers.below(5) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                2 => items.swap(index, other),
                3 => items.truncate(index),
                _ => items[index] = odd_value(numbers),
            }
        }
        Value::String(text) => match numbers.below(4) {
            0 => text.clear(),
            1 => text.push('é'),
            2 => text.truncate(text.char_indices().nth(1).map_or(0, |(index, _)| index)),
            _ => *value = odd_value(numbers),
        },
        _ => *value = odd_value(numbers),
    }
}

fn use_it(tokenizer: &Tokenizer) -> Result<()> {
    let plain = EncodeOptions::default();
    let short = EncodeOptions {
        truncation: Some(Truncation::LongestFirst),
        max_length: Some(5),
        stride: 1,
        return_overflowing_tokens: true,
        padding: Padding::Longest,
        padding_side: Some(Side::Left),
        ..EncodeOptions::default()
    };
    let mut ids = vec![0, 1, 2, 3, 5, 300, 899, 900, u32::MAX];
    let mut failed = Ok(());
    for options in [&plain, &short, &EncodeOptions { add_special_tokens: false, ..EncodeOptions::default() }] {
        let inputs = TEXTS.map(TextInput::from).into_iter().chain([TextInput::Pair(TEXTS[0], TEXTS[2])]);
        match tokenizer.encode_batch(inputs.collect(), options) {
            Ok(batch) => ids.extend(batch.encodings().iter().flat_map(|row| row.get_ids()).copied()),
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    let words: Vec<&str> = TEXTS[0].split(' ').collect();
    failed = failed.and(tokenizer.encode(TextInput::Words(&words), &plain).map(drop));
    for skips in [false, true] {
        failed = failed.and(tokenizer.decode(&ids, skips, Some(true)).map(drop));
        failed = failed.and(tokenizer.decode(&[], skips, None).map(drop));
        for id in &ids {
            failed = failed.and(tokenizer.decode(&[*id], skips, None).map(drop));
        }
    }
    failed = failed.and(tokenizer.to_files().and_then(Tokenizer::from_files).map(drop));
    failed
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/tokenizers")
}

fn run(seed: u64, count: usize) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tokenizer.json");
    let components = components();
    let mut numbers = Numbers(seed);
    let mut wrong = Vec::new();
    for (base, classes) in BASES {
        let base: Value = serde_json::from_str(&fs::read_to_string(goldens().join(base)).unwrap()).unwrap();
        for _ in 0..count {
            let mut tokenizer = base.clone();
            if numbers.below(2) == 0 {
                let (section, component) = numbers.pick(&components);
                tokenizer[*section] = component.clone();
            }
            for _ in 0..=numbers.below(3) {
                change(&mut tokenizer, &mut numbers);
            }
            let class = *numbers.pick(classes);
            fs::write(&file, tokenizer.to_string()).unwrap();
            let config = json!({"tokenizer_class": class, "pad_token": "[PAD]"});
            fs::write(directory.path().join("tokenizer_config.json"), config.to_string()).unwrap();
            let begun = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let tokenizer = Tokenizer::from_dir(directory.path())?;
                Ok::<_, Error>(use_it(&tokenizer))
            }));
            let fault = match outcome {
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().cloned();
                    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                    Some(format!("panicked: {}", text.unwrap_or_default()))
                }
                Ok(Err(error) | Ok(Err(error))) if error.code() == "internal" => Some(error.to_string()),
                Ok(Err(error)) if !error.to_string().contains("tokenizer.json") && error.code() != "config" => {
                    Some(format!("names no file: {error}"))
                }
                _ if begun.elapsed() > Duration::from_secs(5) => Some(format!("took {:?}", begun.elapsed())),
                _ => None,
            };
            if let Some(fault) = fault {
                let mut shown = tokenizer;
                if let Some(model) = shown["model"].as_object_mut() {
                    model.retain(|key, value| {
                        !["vocab", "merges"].contains(&key.as_str()) || value.to_string().len() < 300
                    });
                }
                wrong.push(format!("{fault}\n    {class} {shown}"));
            }
        }
    }
    wrong
}

#[test]
fn damaged_files_are_errors_that_name_the_file_and_never_panics() {
    let seed = std::env::var("TOKENIZER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20);
    let count = std::env::var("TOKENIZER_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(400);
    let wrong = run(seed, count);
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
