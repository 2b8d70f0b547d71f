use serde_json::{Value, json};
use trustformers_core::Sequences;
use trustformers_generation::{Call, Cancel, FinishReason, StoppingCriteria, generate};

use crate::golden::{GOLDEN, integers, rectangle, rows, run, settings, toy};

/// Sums of up to 16 f32 log probabilities, added in another order than in torch.
const TOLERANCE: f64 = 1e-5;

#[test]
fn beam_search_matches_transformers() {
    for case in GOLDEN["beams"].as_array().unwrap() {
        let name = format!("{} {}", case["prompts"], case["kwargs"]);
        let (generated, _) = run(&rows(&case["prompts"]), &case["kwargs"]).unwrap();
        assert_eq!(rectangle(&generated), rows(&case["sequences"]), "{name}");
        let scores = case["sequences_scores"].as_array().unwrap();
        for ((row, score), indices) in generated.rows.iter().zip(scores).zip(rows(&case["beam_indices"])) {
            let (found, expected) = (f64::from(row.score.unwrap()), score.as_f64().unwrap());
            assert!((found - expected).abs() <= TOLERANCE * expected.abs().max(1.0), "{name}: {found} {expected}");
            let chosen: Vec<i64> = indices.into_iter().filter(|index| *index >= 0).collect();
            assert_eq!(row.beam_indices.iter().map(|index| *index as i64).collect::<Vec<_>>(), chosen, "{name}");
        }
    }
}

fn scored(mut kwargs: Value) -> Value {
    let more = json!({"return_dict_in_generate": true, "output_scores": true, "output_logits": true});
    kwargs.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    kwargs
}

#[test]
fn a_score_is_the_sum_of_the_scores_at_its_beam_indices() {
    for sampling in [json!({}), json!({"do_sample": true, "top_k": 0})] {
        let mut kwargs = scored(json!({
            "num_beams": 4, "num_return_sequences": 4, "max_new_tokens": 10, "eos_token_id": [1, 8, 14, 22],
            "length_penalty": 0.7,
        }));
        kwargs.as_object_mut().unwrap().extend(sampling.as_object().unwrap().clone());
        let (generated, _) = run(&[vec![3, 17, 5], vec![12]], &kwargs).unwrap();
        for row in &generated.rows {
            let new = &row.tokens[row.prompt_len..];
            assert_eq!(row.beam_indices.len(), new.len());
            let steps = new.iter().zip(&row.beam_indices).enumerate();
            let sum: f32 =
                steps.map(|(step, (token, index))| generated.scores[step][index * 40 + *token as usize]).sum();
            let score = sum / (new.len() as f32).powf(0.7);
            assert!((score - row.score.unwrap()).abs() < 1e-4, "{score} {row:?}");
        }
    }
}

#[test]
fn beams_of_a_prompt_do_not_depend_on_other_prompts() {
    let prompts = vec![vec![3, 17, 5], vec![12], vec![9, 4, 21, 9, 4]];
    for early_stopping in [json!(true), json!(false), json!("never")] {
        let kwargs = json!({
            "num_beams": 3, "num_return_sequences": 3, "max_new_tokens": 15, "early_stopping": early_stopping,
            "eos_token_id": [1, 8, 14, 22],
        });
        let (together, _) = run(&prompts, &kwargs).unwrap();
        for (index, prompt) in prompts.iter().enumerate() {
            let (alone, _) = run(std::slice::from_ref(prompt), &kwargs).unwrap();
            for (found, expected) in together.rows[index * 3..].iter().zip(&alone.rows) {
                assert_eq!((&found.tokens, found.score), (&expected.tokens, expected.score));
            }
        }
    }
}

#[test]
fn a_prompt_is_prefilled_once_and_copies_are_few() {
    let (generated, toy) = run(&[vec![3, 17, 5]], &json!({"num_beams": 4, "max_new_tokens": 10})).unwrap();
    assert_eq!(generated.rows[0].tokens.len(), 13);
    assert_eq!(toy.num_tokens, 3 + 9 * 4);
    assert_eq!(toy.num_slots(), 4);
    assert!(toy.num_copies < 9 * 3, "{} copies", toy.num_copies);
}

#[test]
fn sampled_beams_differ_by_seed_and_are_reproducible() {
    let settings = settings(&json!({"num_beams": 3, "do_sample": true, "max_new_tokens": 8}));
    let sampled = |seed| {
        let call = Call { seed, ..Call::default() };
        generate(&mut toy(&settings, 1), &[vec![3, 17, 5]], &settings, call).unwrap().rows
    };
    assert_eq!(sampled(1), sampled(1));
    assert!((2..6).any(|seed| sampled(seed) != sampled(1)));
}

struct Stop(Option<Cancel>);

impl StoppingCriteria for Stop {
    fn is_done(&mut self, tokens: &[i64], _scores: &[f32]) -> trustformers_core::Result<bool> {
        match &self.0 {
            Some(cancel) if tokens.len() == 6 => cancel.cancel(),
            _ => {}
        }
        Ok(self.0.is_none() && tokens.len() == 6)
    }
}

#[test]
fn criteria_and_cancellation_end_beams() {
    let settings = settings(&json!({"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": 20}));
    for cancel in [None, Some(Cancel::default())] {
        let expected = if cancel.is_some() { FinishReason::Cancelled } else { FinishReason::Criteria };
        let call = Call {
            stopping_criteria: vec![Box::new(Stop(cancel.clone()))],
            cancel: cancel.unwrap_or_default(),
            ..Call::default()
        };
        let generated = generate(&mut toy(&settings, 1), &[vec![3, 17, 5]], &settings, call).unwrap();
        assert_eq!(generated.rows.len(), 2);
        for row in generated.rows {
            assert_eq!((row.tokens.len(), row.finish), (6, Some(expected)));
        }
    }
}

#[test]
fn nan_logits_are_errors() {
    for kwargs in [json!({"num_beams": 2}), json!({"num_beams": 2, "do_sample": true})] {
        let settings = settings(&kwargs);
        let mut toy = toy(&settings, 1);
        toy.table.iter_mut().flatten().for_each(|logit| *logit = f32::NAN);
        let error = generate(&mut toy, &[integers(&json!([3]))], &settings, Call::default()).unwrap_err();
        assert!(error.to_string().contains("NaN"), "{error}");
    }
}
