use std::collections::HashMap;

use serde_json::{Value, json};
use trustformers_core::Result;
use trustformers_generation::{
    Assistant, Call, Cancel, FinishReason, Generated, GenerationConfig, Settings, StoppingCriteria, generate,
};

use crate::golden::{ASSISTANT_TABLE, GOLDEN, rectangle, rows, run, settings, toy};
use crate::searching::{Recorder, compare};
use crate::toy::Toy;

fn assisted(prompt: &[i64], kwargs: &Value, config: &Value, seed: u64) -> Result<(Generated, Toy, Toy)> {
    let settings = Settings::new(&GenerationConfig::default(), None, kwargs)?;
    let config = GenerationConfig::from_json(config)?;
    let mut model = toy(&settings, 1);
    let mut small = Toy::new(ASSISTANT_TABLE.clone(), 1);
    let assistant = Assistant { sequences: &mut small, config: &config, past: &[] };
    let call = Call { assistant: Some(assistant), seed, ..Call::default() };
    let generated = generate(&mut model, &[prompt.to_vec()], &settings, call)?;
    Ok((generated, model, small))
}

fn without(kwargs: &Value, key: &str) -> Value {
    let mut kwargs = kwargs.clone();
    kwargs.as_object_mut().unwrap().remove(key);
    kwargs
}

#[test]
fn prompt_lookup_matches_transformers_and_plain_search() {
    assert!(compare("lookup") >= 12);
    for case in GOLDEN["lookup"].as_array().unwrap() {
        let plain = without(&case["kwargs"], "prompt_lookup_num_tokens");
        let (generated, _) = run(&rows(&case["prompts"]), &plain).unwrap();
        assert_eq!(rectangle(&generated), rows(&case["sequences"]));
    }
}

#[test]
fn prompt_lookup_saves_reads_on_repetitive_text() {
    let kwargs = json!({"max_new_tokens": 24, "repetition_penalty": 0.05, "prompt_lookup_num_tokens": 6});
    let prompt = vec![9, 4, 9, 4, 9, 4];
    let (found, model) = run(std::slice::from_ref(&prompt), &kwargs).unwrap();
    let (plain, slow) = run(&[prompt], &without(&kwargs, "prompt_lookup_num_tokens")).unwrap();
    assert_eq!(found.rows, plain.rows);
    assert!(model.num_reads < slow.num_reads, "{} {}", model.num_reads, slow.num_reads);
    assert_eq!(model.slots, slow.slots);
}

#[test]
fn assisted_generation_matches_transformers() {
    let schedules = [
        json!({}),
        json!({"num_assistant_tokens": 3, "num_assistant_tokens_schedule": "heuristic"}),
        json!({"assistant_confidence_threshold": 0.0}),
    ];
    for case in GOLDEN["assisted"].as_array().unwrap() {
        for config in &schedules {
            let prompt = &rows(&case["prompts"])[0];
            let (generated, model, _) = assisted(prompt, &case["kwargs"], config, 0).unwrap();
            assert_eq!(rectangle(&generated), rows(&case["sequences"]), "{} {config}", case["kwargs"]);
            let tokens = &generated.rows[0].tokens;
            assert_eq!(model.slots[0], tokens[..tokens.len() - 1]);
            let num_new = tokens.len() - prompt.len();
            assert!(num_new < 5 || model.num_reads < num_new, "{} reads", model.num_reads);
        }
    }
}

/// Total variation distance of sampled continuations from plain sampling, over all seeds.
fn distance(kwargs: &Value, draw: impl Fn(u64) -> Vec<i64>) -> f64 {
    const DRAWS: u64 = 20_000;
    let settings = settings(kwargs);
    let mut model = toy(&settings, 1);
    let mut counts: HashMap<Vec<i64>, f64> = HashMap::new();
    for seed in 0..DRAWS {
        let call = Call { seed: seed + 1_000_000, ..Call::default() };
        let plain = generate(&mut model, &[vec![9, 4, 9]], &settings, call).unwrap();
        *counts.entry(plain.rows[0].tokens.clone()).or_default() += 1.0;
        *counts.entry(draw(seed)).or_default() -= 1.0;
    }
    counts.values().map(|count| count.abs()).sum::<f64>() / 2.0 / DRAWS as f64
}

#[test]
fn sampling_with_drafts_matches_plain_sampling() {
    let kwargs = json!({"do_sample": true, "max_new_tokens": 3, "top_k": 3, "temperature": 0.8});
    let mut looked_up = kwargs.clone();
    looked_up["prompt_lookup_num_tokens"] = json!(2);
    // 27 outcomes, twice 20 000 draws: about 0.015 is expected of equal distributions.
    let settings = settings(&looked_up);
    let found = distance(&kwargs, |seed| {
        let call = Call { seed, ..Call::default() };
        generate(&mut toy(&settings, 1), &[vec![9, 4, 9]], &settings, call).unwrap().rows[0].tokens.clone()
    });
    assert!(found < 0.03, "looked up: {found}");
    let found = distance(&kwargs, |seed| {
        assisted(&[9, 4, 9], &kwargs, &json!({"assistant_confidence_threshold": 0.0}), seed).unwrap().0.rows[0]
            .tokens
            .clone()
    });
    assert!(found < 0.03, "assisted: {found}");
}

#[test]
fn scores_match_plain_search() {
    let mut kwargs = json!({
        "max_new_tokens": 12, "suppress_tokens": [38], "output_scores": true, "output_logits": true,
        "return_dict_in_generate": true,
    });
    let (plain, _) = run(&[vec![3, 17, 5]], &kwargs).unwrap();
    assert_eq!(assisted(&[3, 17, 5], &kwargs, &json!({}), 0).unwrap().0, plain);
    kwargs["prompt_lookup_num_tokens"] = json!(3);
    assert_eq!(run(&[vec![3, 17, 5]], &kwargs).unwrap().0, plain);
}

struct At(usize);

impl StoppingCriteria for At {
    fn is_done(&mut self, tokens: &[i64], _scores: &[f32]) -> Result<bool> {
        Ok(tokens.len() == self.0)
    }
}

#[test]
fn stopping_criteria_end_within_a_draft() {
    let settings = settings(&json!({"max_new_tokens": 24, "repetition_penalty": 0.05, "prompt_lookup_num_tokens": 6}));
    for len in 7..20 {
        let call = Call { stopping_criteria: vec![Box::new(At(len))], ..Call::default() };
        let generated = generate(&mut toy(&settings, 1), &[vec![9, 4, 9, 4, 9, 4]], &settings, call).unwrap();
        assert_eq!(generated.rows[0].tokens.len(), len);
    }
}

#[test]
fn accepted_tokens_are_streamed_together_and_cancelled_between_steps() {
    let settings = settings(&json!({"max_new_tokens": 24, "repetition_penalty": 0.05, "prompt_lookup_num_tokens": 6}));
    let prompts = [vec![9, 4, 9, 4, 9, 4]];
    let mut recorder = Recorder::default();
    let call = Call { streamer: Some(&mut recorder), ..Call::default() };
    let whole = generate(&mut toy(&settings, 1), &prompts, &settings, call).unwrap().rows.remove(0);
    let streamed: Vec<i64> = recorder.tokens.iter().flatten().map(|(_, token)| *token).collect();
    assert_eq!(streamed, whole.tokens[6..]);
    assert!(recorder.tokens.iter().any(|step| step.len() > 1));

    let cancel = Cancel::default();
    let mut cancelling = Recorder { cancel: Some((2, cancel.clone())), ..Recorder::default() };
    let call = Call { streamer: Some(&mut cancelling), cancel, ..Call::default() };
    let row = generate(&mut toy(&settings, 1), &prompts, &settings, call).unwrap().rows.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Cancelled));
    assert_eq!(row.tokens.len(), 6 + recorder.tokens[..2].iter().map(Vec::len).sum::<usize>());
}

#[test]
fn drafts_stay_within_the_model_positions() {
    let settings = settings(&json!({"prompt_lookup_num_tokens": 6, "repetition_penalty": 0.05}));
    let mut model = toy(&settings, 1);
    model.max_tokens = Some(16);
    let generated = generate(&mut model, &[vec![9, 4, 9, 4, 9, 4]], &settings, Call::default()).unwrap();
    assert_eq!(generated.rows[0].tokens.len(), 16);

    let config = GenerationConfig { assistant_confidence_threshold: Some(0.0), ..Default::default() };
    let mut small = Toy::new(ASSISTANT_TABLE.clone(), 1);
    small.max_tokens = Some(7);
    let settings = crate::golden::settings(&json!({"max_new_tokens": 12}));
    let assistant = Assistant { sequences: &mut small, config: &config, past: &[] };
    let call = Call { assistant: Some(assistant), ..Call::default() };
    let generated = generate(&mut toy(&settings, 1), &[vec![3, 17, 5]], &settings, call).unwrap();
    let (plain, _) = run(&[vec![3, 17, 5]], &json!({"max_new_tokens": 12})).unwrap();
    assert_eq!(generated.rows, plain.rows);
}

#[test]
fn unsupported_speculation_is_refused() {
    let kwargs = json!({"prompt_lookup_num_tokens": 3});
    assert!(run(&[vec![3], vec![4]], &kwargs).err().unwrap().to_string().contains("one prompt"));
    let settings = settings(&json!({}));
    let mut small = Toy::scattered(39, 1);
    let assistant = Assistant { sequences: &mut small, config: &GenerationConfig::default(), past: &[] };
    let call = Call { assistant: Some(assistant), ..Call::default() };
    let error = generate(&mut toy(&settings, 1), &[vec![3]], &settings, call).unwrap_err();
    assert_eq!(error.code(), "unsupported");
    let beams = json!({"prompt_lookup_num_tokens": 3, "num_beams": 2, "max_new_tokens": 5});
    assert_eq!(
        run(&[vec![3]], &beams).unwrap().0.rows,
        run(&[vec![3]], &without(&beams, "prompt_lookup_num_tokens")).unwrap().0.rows
    );
}
