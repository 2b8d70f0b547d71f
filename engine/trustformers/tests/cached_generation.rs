//! Cached generation matches full forward passes: random prompts, every rotary scaling and every way of generating, on
//! both sides of the length at which rotary frequencies change.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trustformers::generation::{Assistant, Call, Event, Generated, GenerationConfig, Scheduler, Settings, generate};
use trustformers::models::{Dtype, ForwardCall, Head, LoadOptions, Model, PaddedArray, PastKeyValues, Prompts};
use trustformers::{DType, Device, ModelSource, Sequences, load_model};

/// The sequence length beyond which rotary frequencies change.
const LIMIT: usize = 8;
const NEW_TOKENS: usize = 9;
const SEEDS: [u64; 2] = [3, 11];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn ids(&mut self, len: usize, vocab: usize) -> Vec<i64> {
        (0..len).map(|_| 4 + self.below(vocab - 4) as i64).collect()
    }
}

/// Rotary scalings by name, with their keys in `config.json`.
fn scalings(config: &Value) -> Vec<(&'static str, Value)> {
    let mut all = vec![("default", json!({}))];
    let Some(rope) = config["rope_parameters"].as_object().filter(|rope| rope.contains_key("rope_theta")) else {
        return all;
    };
    let heads = config["hidden_size"].as_u64().unwrap() / config["num_attention_heads"].as_u64().unwrap();
    let head_dim = config["head_dim"].as_u64().unwrap_or(heads) as f64;
    let pairs = (head_dim * rope.get("partial_rotary_factor").map_or(1.0, |part| part.as_f64().unwrap())) as usize / 2;
    let divisors = |from: f64, step: f64| (0..pairs).map(|at| from + step * at as f64).collect::<Vec<_>>();
    for (name, keys) in [
        ("linear", json!({"factor": 3.0})),
        ("dynamic", json!({"factor": 2.0})),
        (
            "llama3",
            json!({"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": LIMIT}),
        ),
        ("yarn", json!({"factor": 4.0, "original_max_position_embeddings": LIMIT})),
        (
            "longrope",
            json!({"factor": 4.0, "short_factor": divisors(1.0, 0.1), "long_factor": divisors(1.5, 0.7),
                "original_max_position_embeddings": LIMIT}),
        ),
    ] {
        let mut stated = rope.clone();
        stated.extend(keys.as_object().unwrap().clone());
        stated.insert("rope_type".to_owned(), name.into());
        let mut overrides = json!({"rope_parameters": stated});
        if name == "dynamic" {
            overrides["max_position_embeddings"] = LIMIT.into();
        } else if name != "linear" {
            overrides["original_max_position_embeddings"] = LIMIT.into();
        }
        all.push((name, overrides));
    }
    all
}

struct Subject {
    name: String,
    model: Arc<dyn Model>,
    vocab: usize,
    /// Whether cached keys equal the keys of a full forward pass. Like the reference, families other than Phi-3 do not
    /// rotate cached keys again when frequencies change.
    is_exact: bool,
}

fn call(ids: &[i64]) -> ForwardCall<'_> {
    ForwardCall { input_ids: Some(PaddedArray::new(ids, [1, ids.len()])), ..ForwardCall::default() }
}

impl Subject {
    fn all() -> Vec<Self> {
        let mut found = Vec::new();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let decoders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/decoders");
        let mut dirs: Vec<_> = fs::read_dir(decoders).unwrap().map(|entry| entry.unwrap().path()).collect();
        dirs.retain(|dir| dir.join("config.json").is_file());
        dirs.sort();
        for dir in dirs {
            let config: Value = serde_json::from_slice(&fs::read(dir.join("config.json")).unwrap()).unwrap();
            let family = config["model_type"].as_str().unwrap();
            let is_phi3 = family == "phi3";
            for (scaling, overrides) in scalings(&config) {
                if is_phi3 && !matches!(scaling, "default" | "longrope") {
                    continue;
                }
                let name = format!("{family} {scaling}");
                let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), overrides, ..LoadOptions::default() };
                let source = ModelSource::Dir(&dir);
                let loaded = load_model(source, Head::CausalLm, Some(Device::Cpu), &options);
                let (model, _) = loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
                *counts.entry(scaling).or_default() += 1;
                let is_exact = is_phi3 || !matches!(scaling, "dynamic" | "longrope");
                let vocab = model.clone().sequences(1).unwrap().vocab_size();
                found.push(Self { name, model, vocab, is_exact });
            }
        }
        assert!(counts["default"] > 20 && counts.values().all(|count| *count > 10), "{counts:?}");
        found
    }

    fn whole(&self, ids: &[i64]) -> Vec<f32> {
        call(ids).run(&*self.model, None).unwrap().logits.unwrap().data
    }

    fn generate(&self, prompts: &[Vec<i64>], options: Value, call: Call<'_>) -> Generated {
        let settings = settings(options);
        let mut sequences = self.model.clone().sequences(settings.num_slots(prompts.len())).unwrap();
        generate(&mut *sequences, prompts, &settings, call).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn tokens(&self, prompts: &[Vec<i64>], options: Value) -> Vec<Vec<i64>> {
        self.generate(prompts, options, Call::default()).rows.into_iter().map(|row| row.tokens).collect()
    }

    /// Asserts that the logits of every step equal those of a full forward pass.
    fn assert_whole(&self, prompt: &[i64], options: Value) -> Vec<i64> {
        let mut options = options;
        options["return_dict_in_generate"] = true.into();
        options["output_logits"] = true.into();
        let found = self.generate(&[prompt.to_vec()], options, Call::default());
        let tokens = found.rows[0].tokens.clone();
        assert_eq!(found.logits.len(), NEW_TOKENS, "{}", self.name);
        for (step, logits) in found.logits.iter().enumerate() {
            let len = prompt.len() + step;
            self.assert_near(logits, &self.whole(&tokens[..len])[(len - 1) * self.vocab..], len);
        }
        tokens
    }

    fn assert_near(&self, found: &[f32], expected: &[f32], len: usize) {
        assert_eq!(found.len(), expected.len(), "{}", self.name);
        let difference = found.iter().zip(expected).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        assert!(difference < 2e-4, "{}: {len} tokens are off by {difference:e}", self.name);
    }

    /// One prompt shorter than the limit, and one about as long or longer.
    fn prompts(&self, random: &mut Random) -> Vec<Vec<i64>> {
        let lengths = [1 + random.below(LIMIT - 2), LIMIT - 1 + random.below(4)];
        lengths.map(|len| random.ids(len, self.vocab)).to_vec()
    }
}

fn settings(options: Value) -> Settings {
    let mut all = json!({"max_new_tokens": NEW_TOKENS, "do_sample": false, "eos_token_id": null, "pad_token_id": 0});
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    Settings::new(&GenerationConfig::default(), None, &all).unwrap()
}

#[test]
fn cached_and_uncached_steps_match_full_forward_passes() {
    for subject in Subject::all() {
        for seed in SEEDS {
            for prompt in subject.prompts(&mut Random(seed)) {
                let uncached = subject.assert_whole(&prompt, json!({"use_cache": false}));
                if subject.is_exact {
                    assert_eq!(subject.assert_whole(&prompt, json!({})), uncached, "{}", subject.name);
                }
            }
        }
    }
}

#[test]
fn batched_assisted_and_scheduled_generation_match_single_prompts() {
    for subject in Subject::all() {
        for seed in SEEDS {
            let prompts = subject.prompts(&mut Random(seed));
            let alone: Vec<_> = prompts
                .iter()
                .map(|prompt| subject.tokens(std::slice::from_ref(prompt), json!({})).remove(0))
                .collect();
            assert_eq!(subject.tokens(&prompts, json!({})), alone, "{}", subject.name);
            for (prompt, expected) in prompts.iter().zip(&alone) {
                let looked_up = subject.tokens(std::slice::from_ref(prompt), json!({"prompt_lookup_num_tokens": 4}));
                assert_eq!(looked_up[0], *expected, "{} looked up", subject.name);
                assert_eq!(drafted(&subject, prompt), *expected, "{} drafted", subject.name);
            }
            for options in [json!({}), json!({"use_cache": false})] {
                let expected =
                    [0, 1, 0, 1].map(|row| subject.tokens(&[prompts[row].clone()], options.clone()).remove(0));
                let requests = [0, 1, 0, 1].map(|row: usize| prompts[row].clone());
                assert_eq!(scheduled(&subject, &requests, &options), expected, "{} {options}", subject.name);
            }
        }
    }
}

/// Generates with the model as its own assistant: long drafts, accepted where the assistant's cache is right.
fn drafted(subject: &Subject, prompt: &[i64]) -> Vec<i64> {
    let config = GenerationConfig::from_json(&json!({"num_assistant_tokens": 6})).unwrap();
    let mut sequences = subject.model.clone().sequences(1).unwrap();
    let assistant = Assistant { sequences: &mut *sequences, config: &config, past: &[] };
    let call = Call { assistant: Some(assistant), ..Call::default() };
    subject.generate(&[prompt.to_vec()], json!({}), call).rows.remove(0).tokens
}

/// Generates by continuous batching in two slots, with prompts prefilled three tokens at a time.
fn scheduled(subject: &Subject, prompts: &[Vec<i64>], options: &Value) -> Vec<Vec<i64>> {
    let sequences = subject.model.clone().sequences(2).unwrap();
    let mut scheduler = Scheduler::new(sequences).with_max_tokens_per_read(3);
    let settings = settings(options.clone());
    let ids: Vec<_> = prompts.iter().map(|prompt| scheduler.add(prompt, &settings, Call::default()).unwrap()).collect();
    let mut found = BTreeMap::new();
    while !scheduler.is_idle() {
        for event in scheduler.step().unwrap() {
            if let Event::Finished(id, row) = event {
                found.insert(id, row.tokens);
            }
        }
    }
    ids.into_iter().map(|id| found.remove(&id).unwrap()).collect()
}

#[test]
fn cached_beam_search_and_sampling_match_uncached() {
    for subject in Subject::all().into_iter().filter(|subject| subject.is_exact) {
        for seed in SEEDS {
            let prompts = subject.prompts(&mut Random(seed));
            let both = |mut options: Value, seed: u64| {
                [true, false].map(|uses_cache| {
                    options["use_cache"] = uses_cache.into();
                    subject.generate(&prompts, options.clone(), Call { seed, ..Call::default() })
                })
            };
            let [cached, uncached] = both(json!({"num_beams": 3, "num_return_sequences": 2}), 0);
            for (cached, uncached) in cached.rows.iter().zip(&uncached.rows) {
                assert_eq!(cached.tokens, uncached.tokens, "{}", subject.name);
                assert!((cached.score.unwrap() - uncached.score.unwrap()).abs() < 1e-4, "{}", subject.name);
            }
            let [cached, uncached] = both(json!({"do_sample": true, "num_return_sequences": 2}), seed);
            for (cached, uncached) in cached.rows.iter().zip(&uncached.rows) {
                assert_eq!(cached.tokens, uncached.tokens, "{}", subject.name);
            }
        }
    }
}

#[test]
fn grown_and_cropped_caches_match_full_forward_passes() {
    for subject in Subject::all().into_iter().filter(|subject| subject.is_exact) {
        let mut random = Random(5);
        let ids = random.ids(14, subject.vocab);
        let expected = |len: usize| subject.whole(&ids[..len]);
        let mut past = PastKeyValues::new(subject.model.clone(), 1).unwrap();
        // Chunks that end below the limit, cross it and continue; the cache is cropped to each chunk's start.
        for (start, end) in [(0, 5), (5, 7), (7, 11), (11, 12), (6, 8), (8, 9), (4, 14), (3, 4)] {
            past.crop(start).unwrap();
            let part = &ids[start..end];
            let found = call(part).run(&*subject.model, Some(&mut past)).unwrap().logits.unwrap().data;
            subject.assert_near(&found, &expected(end)[start * subject.vocab..], end);
        }
    }
}

#[test]
fn a_second_turn_over_a_cache_crosses_the_limit() {
    for subject in Subject::all().into_iter().filter(|subject| subject.is_exact) {
        let first = Random(9).ids(3, subject.vocab);
        let mut past = PastKeyValues::new(subject.model.clone(), 1).unwrap();
        let mut turn = |prompt: &[i64], new_tokens: usize| {
            let settings = settings(json!({"max_new_tokens": new_tokens}));
            let (tokens, mask) = ([prompt.to_vec()], vec![1; prompt.len()]);
            let prompts = Prompts { tokens: &tokens, mask: &mask, num_slots: 1 };
            let run = |sequences: &mut dyn Sequences, held: &[Vec<i64>]| {
                generate(sequences, &tokens, &settings, Call { past: held, ..Call::default() })
            };
            let found = past.resume(&prompts, run).unwrap().rows.remove(0).tokens;
            past.remember(&prompts, [&found[..]].into_iter());
            found
        };
        let mut conversation = turn(&first, 3);
        conversation.extend([5, 6, 7, 4]);
        let found = turn(&conversation, 4);
        assert_eq!(found, subject.tokens(&[conversation], json!({"max_new_tokens": 4})).remove(0), "{}", subject.name);
    }
}
