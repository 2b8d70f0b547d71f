//! Tokenizer semantics on a vocabulary of fifteen tokens.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;

use serde_json::{Map, Value, json};
use trustformers_core::{Error, Result};

use trustformers_tokenizers::{EncodeOptions, Field, Padding, Side, TextInput, Tokenizer, Truncation, vocabulary_ids};

fn tokenizer_json() -> Value {
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "##x", "é", "É", "e", ".", "E"];
    let vocab: Map<String, Value> =
        pieces.iter().zip(0..).map(|(piece, id)| ((*piece).to_owned(), json!(id))).collect();
    let special = |id: usize| {
        json!({"id": id, "content": pieces[id], "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": true})
    };
    json!({
        "version": "1.0",
        "truncation": {"direction": "Left", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 9}, "direction": "Left", "pad_to_multiple_of": null, "pad_id": 0,
                    "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": (0..5).map(special).collect::<Vec<_>>(),
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                     {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
                     {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                               "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocab}
    })
}

fn read(config: Value) -> Result<Tokenizer> {
    read_files([("tokenizer.json", tokenizer_json()), ("tokenizer_config.json", config)])
}

fn read_files<const N: usize>(files: [(&str, Value); N]) -> Result<Tokenizer> {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for (name, value) in files {
        fs::write(directory.path().join(name), value.to_string()).expect("a file can be written");
    }
    Tokenizer::from_dir(directory.path())
}

fn bert() -> Tokenizer {
    read(json!({"tokenizer_class": "BertTokenizer", "model_max_length": 8, "padding_side": "right",
                "truncation_side": "right"}))
    .expect("the files are whole")
}

fn tokens<'a>(tokenizer: &Tokenizer, input: impl Into<TextInput<'a>>, options: &EncodeOptions) -> String {
    tokenizer.encode(input, options).expect("the options fit").get_tokens().join(" ")
}

fn truncate(truncation: Truncation, max_length: usize) -> EncodeOptions {
    EncodeOptions { truncation: Some(truncation), max_length: Some(max_length), ..EncodeOptions::default() }
}

#[test]
fn padding_and_truncation_sections_only_set_defaults() {
    let tokenizer = read(json!({})).unwrap();
    assert_eq!(tokens(&tokenizer, "a b c d", &EncodeOptions::default()), "[CLS] a b c d [SEP]");
    assert_eq!(tokenizer.special_token("pad_token"), Some("[PAD]"));
    assert_eq!((tokenizer.padding_side(), tokenizer.truncation_side()), (Side::Left, Side::Left));
    assert_eq!(tokenizer.model_max_length(), None);
    assert_eq!(tokenizer.model_input_names(), ["input_ids", "attention_mask"]);
}

#[test]
fn the_tokenizer_class_sets_defaults() {
    let tokenizer = bert();
    assert_eq!(tokenizer.special_token("mask_token"), Some("[MASK]"));
    assert_eq!(tokenizer.model_input_names(), ["input_ids", "token_type_ids", "attention_mask"]);
    let named = read(json!({"tokenizer_class": "BertTokenizerFast", "mask_token": null})).unwrap();
    assert_eq!((named.tokenizer_class(), named.special_token("mask_token")), ("BertTokenizer", None));
    let by_model = read_files([("tokenizer.json", tokenizer_json()), ("config.json", json!({"model_type": "bert"}))]);
    assert_eq!(by_model.unwrap().tokenizer_class(), "BertTokenizer");
}

#[test]
fn a_bert_class_takes_its_normalizer_from_the_configuration() {
    let encode = |config| tokens(&read(config).unwrap(), "É", &EncodeOptions::default());
    assert_eq!(encode(json!({"tokenizer_class": "BertTokenizer"})), "[CLS] e [SEP]");
    assert_eq!(encode(json!({"tokenizer_class": "BertTokenizer", "strip_accents": false})), "[CLS] é [SEP]");
    assert_eq!(encode(json!({"tokenizer_class": "BertTokenizer", "do_lower_case": false})), "[CLS] É [SEP]");
    let stripped = json!({"tokenizer_class": "BertTokenizer", "do_lower_case": false, "strip_accents": true});
    assert_eq!(encode(stripped), "[CLS] E [SEP]");
    assert_eq!(encode(json!({"do_lower_case": false})), "[CLS] e [SEP]");
}

#[test]
fn special_tokens_map_overrides_unless_added_tokens_are_listed() {
    let files = |config| {
        [
            ("tokenizer.json", tokenizer_json()),
            ("tokenizer_config.json", config),
            (
                "special_tokens_map.json",
                json!({
        "cls_token": {"content": "[NEW]", "lstrip": true}, "additional_special_tokens": ["<0>"]}),
            ),
        ]
    };
    let tokenizer = read_files(files(json!({"cls_token": "[CLS]"}))).unwrap();
    assert_eq!(tokenizer.special_token_id("cls_token"), Some(15));
    assert_eq!(tokenizer.all_special_tokens(), ["[PAD]", "[NEW]", "<0>"]);
    assert_eq!(tokenizer.vocab_size_with_added_tokens() - tokenizer.vocab_size(), 2);
    let listed = json!({"cls_token": "[CLS]", "added_tokens_decoder": {"15": {"content": "<1>", "special": true}}});
    let tokenizer = read_files(files(listed)).unwrap();
    assert_eq!(tokenizer.special_token("cls_token"), Some("[CLS]"));
    assert_eq!(tokenizer.token_to_id("<1>"), Some(15));
}

#[test]
fn longest_first_takes_from_the_longer_sequence() {
    let tokenizer = bert();
    let pair = |truncation, length| tokens(&tokenizer, ("a b c d", "ax b"), &truncate(truncation, length));
    assert_eq!(pair(Truncation::LongestFirst, 9), "[CLS] a b c [SEP] a ##x b [SEP]");
    assert_eq!(pair(Truncation::LongestFirst, 8), "[CLS] a b c [SEP] a ##x [SEP]");
    assert_eq!(pair(Truncation::OnlyFirst, 7), "[CLS] a [SEP] a ##x b [SEP]");
    assert_eq!(pair(Truncation::OnlySecond, 8), "[CLS] a b c d [SEP] a [SEP]");
    assert_eq!(pair(Truncation::LongestFirst, 3), "[CLS] [SEP] [SEP]");
}

#[test]
fn truncation_without_room_or_second_sequence_is_an_input_error() {
    let tokenizer = bert();
    let refuse = |input: TextInput<'_>, truncation, length| {
        let error = tokenizer.encode(input, &truncate(truncation, length)).unwrap_err();
        assert!(matches!(error, Error::Input { .. }), "{error}");
    };
    refuse("a b".into(), Truncation::LongestFirst, 1);
    refuse(("a", "b").into(), Truncation::LongestFirst, 2);
    refuse(("a b", "c d").into(), Truncation::OnlyFirst, 4);
    refuse("a b".into(), Truncation::OnlySecond, 3);
}

#[test]
fn overflowing_rows_follow_their_sample_and_share_the_stride() {
    let tokenizer = bert();
    let options = EncodeOptions {
        return_overflowing_tokens: true,
        stride: 1,
        padding: Padding::Longest,
        ..truncate(Truncation::OnlySecond, 6)
    };
    let batch = tokenizer.encode_batch(vec![("a", "b c d a").into(), ("a", "b").into()], &options).unwrap();
    let rows: Vec<_> = batch.encodings().iter().map(|row| row.get_tokens().join(" ")).collect();
    let expected = [
        "[CLS] a [SEP] b c [SEP]",
        "[CLS] a [SEP] c d [SEP]",
        "[CLS] a [SEP] d a [SEP]",
        "[CLS] a [SEP] b [SEP] [PAD]",
    ];
    assert_eq!(rows, expected);
    assert_eq!(batch.encodings()[2].get_type_ids(), [0, 0, 0, 1, 1, 1]);
    assert_eq!(batch.sample_mapping(), Some(&[0, 0, 0, 1][..]));
    assert_eq!(batch.encodings()[1].get_offsets()[3], (2, 3));
    assert_eq!(tokenizer.encode(("a", "b c d a"), &options).unwrap().get_overflowing().len(), 2);
    let plain = tokenizer.encode_batch(vec!["a".into()], &EncodeOptions::default()).unwrap();
    assert_eq!(plain.sample_mapping(), None);
}

#[test]
fn a_stride_that_makes_no_progress_is_an_input_error() {
    let tokenizer = bert();
    for return_overflowing_tokens in [true, false] {
        for (stride, max_length) in [(1, 4), (9, 8), (usize::MAX, 8)] {
            let options =
                EncodeOptions { return_overflowing_tokens, stride, ..truncate(Truncation::OnlySecond, max_length + 1) };
            let error = tokenizer.encode(("a", "b c d a b c d"), &options).unwrap_err().to_string();
            assert!(error.contains("stride"), "{error}");
        }
        let options =
            |stride| EncodeOptions { return_overflowing_tokens, stride, ..truncate(Truncation::OnlyFirst, 6) };
        assert!(tokenizer.encode("a", &options(5)).unwrap_err().to_string().contains("stride"));
        assert_eq!(tokenizer.encode("a", &options(4)).unwrap().len(), 3);
        assert_eq!(tokenizer.encode("a b c d a b", &options(3)).unwrap().len(), 6);
        let untouched = EncodeOptions { return_overflowing_tokens, stride: 99, ..EncodeOptions::default() };
        assert_eq!(tokenizer.encode("a", &untouched).unwrap().len(), 3);
    }
}

#[test]
fn excessive_overflow_is_an_input_error() {
    let tokenizer = bert();
    let text = "a ".repeat(30_000);
    let options =
        EncodeOptions { return_overflowing_tokens: true, stride: 9_999, ..truncate(Truncation::LongestFirst, 10_002) };
    let message = tokenizer.encode(text.as_str(), &options).unwrap_err().to_string();
    assert!(message.contains("return_overflowing_tokens"), "{message}");
}

#[test]
fn words_keep_their_indices_and_offsets() {
    let tokenizer = bert();
    let words = ["a", "bax", "", "c"];
    let row = tokenizer.encode(TextInput::WordPair(&words, &["d."]), &EncodeOptions::default()).unwrap();
    assert_eq!(row.get_tokens().join(" "), "[CLS] a [UNK] c [SEP] d . [SEP]");
    let word_ids = [None, Some(0), Some(1), Some(3), None, Some(0), Some(0), None];
    assert_eq!(row.get_word_ids(), word_ids);
    assert_eq!(row.get_offsets()[2..4], [(0, 3), (0, 1)]);
    assert_eq!(row.get_type_ids(), [0, 0, 0, 0, 0, 1, 1, 1]);
}

#[test]
fn max_length_alone_truncates_and_the_limit_is_the_default_length() {
    let tokenizer = bert();
    let options = EncodeOptions { max_length: Some(4), ..EncodeOptions::default() };
    assert_eq!(tokens(&tokenizer, "a b c d", &options), "[CLS] a b [SEP]");
    let options = EncodeOptions { padding: Padding::MaxLength, ..EncodeOptions::default() };
    assert_eq!(tokenizer.encode("a", &options).unwrap().len(), 8);
    let unlimited = tokenizer.with_model_max_length(None);
    assert_eq!(unlimited.encode("a", &options).unwrap().len(), 3);
}

#[test]
fn a_batch_is_padded_on_the_requested_side() {
    let tokenizer = bert();
    let options =
        EncodeOptions { padding: Padding::Longest, padding_side: Some(Side::Left), ..EncodeOptions::default() };
    let batch = tokenizer.encode_batch(vec!["a".into(), ("b", "c d").into()], &options).unwrap();
    assert_eq!(batch.seq().unwrap(), 6);
    assert_eq!(batch.values(Field::InputIds).unwrap(), [0, 0, 0, 2, 5, 3, 2, 6, 3, 7, 8, 3]);
    assert_eq!(batch.values(Field::AttentionMask).unwrap(), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    assert_eq!(batch.values(Field::TokenTypeIds).unwrap()[6..], [0, 0, 0, 1, 1, 1]);
    let ragged = tokenizer.encode_batch(vec!["a".into(), "a b".into()], &EncodeOptions::default()).unwrap();
    assert!(ragged.values(Field::InputIds).unwrap_err().to_string().contains("padding=True"));
}

#[test]
fn padding_without_a_pad_token_is_an_input_error() {
    let options = EncodeOptions { padding: Padding::Longest, ..EncodeOptions::default() };
    let message = bert().with_special_token("pad_token", None).encode("a", &options).unwrap_err().to_string();
    assert!(message.contains("pad_token"), "{message}");
}

#[test]
fn threads_with_different_options_are_independent() {
    let tokenizer = bert();
    thread::scope(|scope| {
        for length in 3..9 {
            let tokenizer = &tokenizer;
            scope.spawn(move || {
                let options =
                    EncodeOptions { padding: Padding::MaxLength, ..truncate(Truncation::LongestFirst, length) };
                for _ in 0..200 {
                    assert_eq!(tokenizer.encode("a b c d a b c d", &options).unwrap().len(), length);
                    assert_eq!(tokenizer.encode("a", &options).unwrap().len(), length);
                }
            });
        }
    });
}

#[test]
fn decoding_skips_unknown_ids_and_negative_ones_are_named() {
    let tokenizer = read(json!({"cls_token": "[CLS]", "unk_token": "[UNK]"})).unwrap();
    assert_eq!(tokenizer.decode(&[2, 5, 9, 13, 900, 3], true, None).unwrap(), "ax .");
    // The decoder of BERT's class cleans up by itself.
    assert_eq!(bert().decode(&[2, 5, 9, 13, 900, 3], true, None).unwrap(), "ax.");
    assert_eq!(tokenizer.decode(&[5, 13], false, Some(true)).unwrap(), "a.");
    assert_eq!(tokenizer.decode_batch(vec![vec![5], vec![]], false, None).unwrap(), ["a", ""]);
    assert_eq!(tokenizer.convert_ids_to_tokens(&[2, 5, 900], true), [Some("a".to_owned()), None]);
    assert_eq!(tokenizer.convert_token_to_id("nothing"), Some(1));
    assert!(vocabulary_ids(&[5, -100]).unwrap_err().to_string().contains("-100"));
}

#[test]
fn a_saved_tokenizer_reads_back_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let tokenizer = bert().with_special_token("sep_token", None).with_padding_side(Side::Left);
    tokenizer.save_pretrained(directory.path()).unwrap();
    let again = Tokenizer::from_dir(directory.path()).unwrap();
    assert_eq!(again.special_tokens_map(), tokenizer.special_tokens_map());
    assert_eq!((again.padding_side(), again.truncation_side()), (Side::Left, Side::Right));
    assert_eq!(again.model_max_length(), Some(8));
    assert_eq!(again.to_files().unwrap(), tokenizer.to_files().unwrap());
    assert_eq!(tokens(&again, ("a", "b"), &EncodeOptions::default()), "[CLS] a [SEP] b [SEP]");
}

#[test]
fn unreadable_files_are_named_in_the_error() {
    let directory = tempfile::tempdir().unwrap();
    let read = |expected: &str, part: &str| {
        let error = Tokenizer::from_dir(directory.path()).unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    };
    read("tokenizer", "tokenizer.json");
    std::fs::write(directory.path().join("vocab.txt"), [0xff]).unwrap();
    read("tokenizer", "vocab.txt");
    std::fs::write(directory.path().join("tokenizer.json"), "{").unwrap();
    read("tokenizer", "tokenizer.json");
    std::fs::write(directory.path().join("tokenizer.json"), tokenizer_json().to_string()).unwrap();
    std::fs::write(directory.path().join("tokenizer_config.json"), "{").unwrap();
    read("config", "tokenizer_config.json");
    std::fs::write(directory.path().join("tokenizer_config.json"), r#"{"model_max_length": "long"}"#).unwrap();
    read("config", "model_max_length");
    assert_eq!(Tokenizer::from_dir(Path::new("no/such/place")).unwrap_err().code(), "io");
}

#[test]
fn a_limit_as_large_as_transformers_writes_is_no_limit() {
    let config: Value = serde_json::from_str(r#"{"model_max_length": 1000000000000000019884624838656}"#).unwrap();
    assert_eq!(read(config).unwrap().model_max_length(), None);
    assert_eq!(read(json!({"model_max_length": 512.0})).unwrap().model_max_length(), Some(512));
}

#[test]
fn pairs_are_concatenated_without_a_post_processor() {
    let mut json = tokenizer_json();
    json["post_processor"] = Value::Null;
    let tokenizer = Tokenizer::from_files(BTreeMap::from([("tokenizer.json".to_owned(), json.to_string())])).unwrap();
    let row = tokenizer.encode(("a", "b c"), &EncodeOptions::default()).unwrap();
    assert_eq!((row.get_ids(), row.get_type_ids()), (&[5, 6, 7][..], &[0, 1, 1][..]));
    assert_eq!(row.get_sequence_ids(), [Some(0), Some(1), Some(1)]);
}
