//! Cached forward passes of tiny decoders against passes over whole sequences.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trustformers_core::{DType, Feed, LogitsOf};
use trustformers_models::{
    CachedSequences, Dtype, ForwardCall, Head, Labels, LoadOptions, Model, ModelOutput, PaddedArray, PastKeyValues,
    Prompts,
};

use crate::shared::load_model;

/// Families with a sliding window of four tokens in some or all layers.
const WINDOWS: [(&str, &str); 4] =
    [("gemma2", "{}"), ("gemma3_text", "{}"), ("gpt_oss", "{}"), ("mistral", r#"{"sliding_window": 4}"#)];
const WINDOW: usize = 4;
/// Capacity of a slot of a sliding-window layer: twice the window and the spare rows for drafts.
const BOUND: usize = 2 * (WINDOW + 64);

fn load(family: &str, head: Head, overrides: Value) -> Arc<dyn Model> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/decoders").join(family);
    let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), overrides, ..LoadOptions::default() };
    load_model(&dir, head, &options).unwrap()
}

fn ids(len: usize) -> Vec<i64> {
    (0..len as i64).map(|at| 4 + (7 * at + at * at) % 79).collect()
}

fn array(values: &[i64], batch: usize) -> PaddedArray<'_, i64, 2> {
    PaddedArray::new(values, [batch, values.len() / batch])
}

fn call(ids: &[i64], batch: usize) -> ForwardCall<'_> {
    ForwardCall { input_ids: Some(array(ids, batch)), ..ForwardCall::default() }
}

fn whole(model: &dyn Model, ids: &[i64]) -> Vec<f32> {
    call(ids, 1).run(model, None).unwrap().logits.unwrap().data
}

fn assert_near(found: &[f32], expected: &[f32], name: &str) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let difference = found.iter().zip(expected).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-4, "{name} is off by {difference:e}");
}

fn windowed_capacity(sequences: &dyn CachedSequences) -> usize {
    let windowed = sequences.layers().into_iter().filter(|layer| layer.window == Some(WINDOW));
    windowed.map(|layer| layer.capacity).max().unwrap()
}

#[test]
fn sliding_window_caches_stay_small_and_match_whole_sequences() {
    for (family, overrides) in WINDOWS {
        let model = load(family, Head::CausalLm, serde_json::from_str(overrides).unwrap());
        let ids = ids(331);
        let expected = whole(&*model, &ids);
        let vocab = expected.len() / ids.len();
        let mut sequences = model.clone().cached_sequences(2).unwrap();
        let mut start = 0;
        // A prompt, single tokens, and drafts of which some are rolled back.
        for (at, rows) in [60].into_iter().chain([1; 100]).chain([9; 19]).enumerate() {
            let read: Vec<i64> = ids[start..start + rows].to_vec();
            let logits = sequences.read(&[Feed::new(1, &read)], LogitsOf::Every).unwrap();
            assert_near(&logits, &expected[start * vocab..][..rows * vocab], family);
            start += rows;
            if at % 3 == 2 && rows > 1 {
                sequences.truncate(1, start - rows).unwrap();
                sequences.read(&[Feed::new(1, &[5; 9])], LogitsOf::Every).unwrap();
                sequences.truncate(1, start - rows).unwrap();
                sequences.read(&[Feed::new(1, &read)], LogitsOf::Every).unwrap();
            }
            assert!(windowed_capacity(&*sequences) <= BOUND, "{family}: {:?}", sequences.layers());
        }
        // Truncating too far is rejected and loses nothing.
        assert_eq!(sequences.truncatable_to(1, 20), 0, "{family}");
        let error = sequences.truncate(1, 20).unwrap_err().to_string();
        assert!(error.contains("window") && error.contains("20"), "{error}");
        assert_eq!(sequences.len(1), start);
        sequences.copy(1, 0).unwrap();
        let next = [Feed::new(0, &ids[start - 1..start])];
        sequences.truncate(0, start - 1).unwrap();
        let logits = sequences.read(&next, LogitsOf::Last).unwrap();
        assert_near(&logits, &expected[(start - 1) * vocab..][..vocab], family);
        sequences.truncate(1, 0).unwrap();
        let logits = sequences.read(&[Feed::new(1, &ids[..9])], LogitsOf::Every).unwrap();
        assert_near(&logits, &expected[..9 * vocab], family);
    }
}

#[test]
fn a_long_prompt_with_a_sliding_window_is_read_in_parts() {
    let model = load("mistral", Head::CausalLm, json!({"sliding_window": WINDOW}));
    let ids = ids(1600);
    let expected = whole(&*model, &ids);
    let vocab = expected.len() / ids.len();
    let mut sequences = model.clone().cached_sequences(1).unwrap();
    let logits = sequences.read(&[Feed::new(0, &ids)], LogitsOf::Last).unwrap();
    assert_near(&logits, &expected[1599 * vocab..], "read");
    assert!(windowed_capacity(&*sequences) <= 512 + BOUND / 2, "{:?}", sequences.layers());
    let mut past = PastKeyValues::new(model.clone(), 1).unwrap();
    let output = call(&ids, 1).run(&*model, Some(&mut past)).unwrap();
    assert_near(&output.logits.unwrap().data, &expected, "forward");
    assert!(past.layers()[0].capacity <= 512 + BOUND / 2, "{:?}", past.layers());
}

fn forward(
    model: &Arc<dyn Model>,
    past: &mut PastKeyValues,
    ids: &[i64],
    mask: Option<&[i64]>,
) -> trustformers_core::Result<ModelOutput> {
    let batch = past.batch();
    ForwardCall { attention_mask: mask.map(|mask| array(mask, batch)), ..call(ids, batch) }.run(&**model, Some(past))
}

#[test]
fn a_rejected_call_leaves_the_cache_unchanged() {
    let model = load("gpt2", Head::CausalLm, json!({}));
    let mut past = PastKeyValues::new(model.clone(), 2).unwrap();
    forward(&model, &mut past, &[5, 6, 7, 8, 9, 10], Some(&[1, 1, 1, 0, 1, 1])).unwrap();
    let three: &[i64] = &[5, 6, 7];
    for (named, ids, mask) in [
        ("vocab_size", &[5, 83][..], None),
        ("attention_mask", &[5, 6], Some(&[1, 1, 1, 1][..])),
        ("row 1, column 0", &[5, 6], Some(&[1, 1, 1, 1, 1, 1, 1, 1])),
        ("row 0, column 2", &[5, 6], Some(&[1, 1, 0, 1, 0, 1, 1, 1])),
        ("masks every new token", &[5, 6], Some(&[1, 1, 1, 0, 0, 1, 1, 0])),
        ("41 tokens", &[5; 76], None),
    ] {
        let error = forward(&model, &mut past, ids, mask).unwrap_err().to_string();
        assert!(error.contains(named), "{error} does not say {named}");
    }
    let error = call(three, 3).run(&*model, Some(&mut past)).unwrap_err().to_string();
    assert!(error.contains("2 sequences") && error.contains('3'), "{error}");
    let detailed = ForwardCall { attentions: true, ..call(&[5, 6], 2) };
    assert_eq!(detailed.run(&*model, Some(&mut past)).unwrap_err().code(), "unsupported");
    let types = ForwardCall { token_type_ids: Some(array(&[0; 8], 2)), ..call(&[5, 6], 2) };
    let error = types.run(&*model, Some(&mut past)).unwrap_err().to_string();
    assert!(error.ends_with("has shape (2, 4), expected the shape of input_ids, (2, 1)"), "{error}");
    let other = load("gpt2", Head::CausalLm, json!({}));
    let error = forward(&other, &mut past, &[5, 6], None).unwrap_err().to_string();
    assert!(error.contains("another model"), "{error}");
    past.check_model(&*model).unwrap();
    assert_eq!((past.batch(), past.seq()), (2, 3));
    let found = forward(&model, &mut past, &[11, 12], None).unwrap().logits.unwrap().data;
    let attention_mask = Some(array(&[1, 1, 1, 1, 0, 1, 1, 1], 2));
    let masked = ForwardCall { attention_mask, ..call(&[5, 6, 7, 11, 8, 9, 10, 12], 2) };
    let expected = masked.run(&*model, None).unwrap().logits.unwrap().data;
    let vocab = found.len() / 2;
    assert_near(&found, &[&expected[3 * vocab..4 * vocab], &expected[7 * vocab..]].concat(), "gpt2");
}

#[test]
fn prompts_must_begin_with_the_cached_tokens() {
    let model = load("llama", Head::CausalLm, json!({}));
    let mut past = PastKeyValues::new(model.clone(), 1).unwrap();
    forward(&model, &mut past, &[5, 6, 7], None).unwrap();
    for (prompts, num_slots, named) in [
        (vec![vec![5, 6]], 1, "more than its prompt of 2"),
        (vec![vec![5, 9, 7, 8]], 1, "hold token 6 at position 1 of sequence 0 where its prompt has 9"),
        (vec![vec![5, 6, 7], vec![5, 6, 7]], 2, "1 sequences, expected 2"),
    ] {
        let prompts = Prompts { tokens: &prompts, mask: &[], num_slots };
        let error = past.resume(&prompts, |_, _| Ok(())).unwrap_err().to_string();
        assert!(error.contains(named), "{error} does not say {named}");
    }
    let tokens = [vec![5, 6, 7, 8]];
    let prompts = Prompts { tokens: &tokens, mask: &[1, 1, 1, 1], num_slots: 2 };
    let failed = past.resume(&prompts, |sequences, held| {
        assert_eq!(held, [vec![5, 6, 7], vec![]]);
        sequences.read(&[Feed::new(0, &[8])], LogitsOf::Last)?;
        Err::<(), _>(trustformers_core::Error::input("streamer", "closed"))
    });
    assert!(failed.is_err());
    assert_eq!((past.batch(), past.seq()), (1, 3));
    past.resume(&prompts, |sequences, _| {
        sequences.read(&[Feed::new(0, &[8])], LogitsOf::Last)?;
        sequences.copy(0, 1)?;
        sequences.read(&[Feed::new(1, &[9])], LogitsOf::Last)
    })
    .unwrap();
    past.remember(&prompts, [&[5, 6, 7, 8, 1][..], &[5, 6, 7, 8, 9, 1]].into_iter());
    assert_eq!((past.batch(), past.seq()), (2, 5));
    // The first sequence ended earlier: its unread columns are padding.
    let error = forward(&model, &mut past, &[5, 6], Some(&[1; 12])).unwrap_err().to_string();
    assert!(error.contains("row 0, column 4"), "{error}");
    past.crop(4).unwrap();
    assert!(past.crop(5).unwrap_err().to_string().contains("4 tokens"));
    assert!(past.select(&[0, 2]).err().unwrap().to_string().contains("index 2"));
    assert_eq!(past.select(&[1, 1, 0]).unwrap().batch(), 3);
}

#[test]
fn beam_search_leaves_only_the_prompts_in_the_cache() {
    let model = load("mistral", Head::CausalLm, json!({"sliding_window": WINDOW}));
    let mut past = PastKeyValues::new(model.clone(), 2).unwrap();
    forward(&model, &mut past, &[0, 5, 6, 7], Some(&[0, 1, 1, 1])).unwrap();
    let tokens = [vec![5, 8, 9], vec![6, 7, 8, 9]];
    let prompts = Prompts { tokens: &tokens, mask: &[0, 1, 1, 1, 1, 1, 1, 1], num_slots: 4 };
    past.resume_from_copy(&prompts, |sequences, held| {
        assert_eq!(held, [vec![5, 8], vec![], vec![6, 7, 8], vec![]]);
        assert_eq!([0, 1, 2, 3].map(|slot| sequences.len(slot)), [2, 0, 3, 0]);
        sequences.read(&[Feed::new(0, &[9])], LogitsOf::Last)
    })
    .unwrap();
    assert_eq!((past.batch(), past.seq()), (2, 3));
    forward(&model, &mut past, &[4, 4], Some(&[0, 1, 1, 1, 1, 1, 1, 1])).unwrap();
}

#[test]
fn keys_and_values_are_zero_at_padding() {
    let model = load("gemma2", Head::Base, json!({}));
    let mut past = PastKeyValues::new(model.clone(), 2).unwrap();
    forward(&model, &mut past, &[0, 5, 6, 7, 8, 9, 5, 6, 7, 8], Some(&[0, 1, 1, 1, 1, 1, 1, 1, 1, 1])).unwrap();
    let layers = past.layers();
    for (index, layer) in layers.iter().enumerate() {
        let [keys, values] = past.keys_and_values(index).unwrap();
        let seq = if layer.window.is_some() { WINDOW - 1 } else { 5 };
        assert_eq!(keys.shape, [2, layer.num_heads, seq, layer.head_dim]);
        assert_eq!(keys.shape, values.shape);
        let is_empty = |data: &[f32]| data.iter().all(|number| *number == 0.0);
        assert_eq!(is_empty(&keys.data[..layer.head_dim]), layer.window.is_none(), "layer {index}");
        assert!(!is_empty(&keys.data[layer.head_dim..2 * layer.head_dim]), "layer {index}");
    }
    let error = past.keys_and_values(layers.len()).unwrap_err().to_string();
    assert!(error.contains(&format!("layer {}", layers.len())), "{error}");
}

#[test]
fn models_without_a_cache_reject_past_key_values() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/base_model");
    let encoder = load_model(&dir, Head::Base, &LoadOptions::default()).unwrap();
    assert_eq!(PastKeyValues::new(encoder, 1).err().unwrap().code(), "unsupported");
    let classifier = load("llama", Head::SequenceClassification, json!({}));
    assert!(PastKeyValues::new(classifier, 1).err().unwrap().to_string().contains("past_key_values"));
}

#[test]
fn cached_embeddings_are_recomputed_when_rope_frequencies_change() {
    let divisors = [1.0, 1.1, 1.2, 1.3, 1.4];
    let rope = json!({"rope_type": "longrope", "rope_theta": 1000.0, "factor": 4.0,
        "original_max_position_embeddings": 8, "short_factor": divisors, "long_factor": divisors.map(|x| 3.0 * x)});
    let overrides = json!({"rope_parameters": rope, "original_max_position_embeddings": 8});
    let model = load("phi3", Head::CausalLm, overrides);
    let ids = ids(12);
    let output = ForwardCall { hidden_states: true, ..call(&ids, 1) }.run(&*model, None).unwrap();
    let (expected, embeddings) = (output.logits.unwrap().data, &output.hidden_states[0].data);
    let (vocab, width) = (expected.len() / 12, embeddings.len() / 12);
    let mut past = PastKeyValues::new(model.clone(), 1).unwrap();
    forward(&model, &mut past, &ids[..3], None).unwrap();
    let vectors = Some(PaddedArray::new(&embeddings[3 * width..7 * width], [1, 4, width]));
    ForwardCall { inputs_embeds: vectors, ..ForwardCall::default() }.run(&*model, Some(&mut past)).unwrap();
    let found = forward(&model, &mut past, &ids[7..], None).unwrap().logits.unwrap().data;
    assert_near(&found, &expected[7 * vocab..], "embeddings");
}

#[test]
fn refused_labels_leave_no_tokens_in_the_cache() {
    let model = load("llama", Head::CausalLm, json!({}));
    let mut past = PastKeyValues::new(model.clone(), 1).unwrap();
    let ids = ids(3);
    for (labels, named) in
        [(&[5, 6, 100_000][..], "class 100000 is outside"), (&[5, 6], "has 2 tokens, expected shape (1, 3)")]
    {
        let labels = Some(Labels::Classes(labels));
        let error = ForwardCall { labels, ..call(&ids, 1) }.run(&*model, Some(&mut past)).unwrap_err().to_string();
        assert!(error.contains(named), "{error} does not say {named}");
        assert_eq!(past.seq(), 0);
    }
}
