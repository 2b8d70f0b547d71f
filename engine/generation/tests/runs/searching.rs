use std::sync::Arc;

use serde_json::{Value, json};
use trustformers_core::Result;
use trustformers_generation::{
    Call, Cancel, CustomProcessors, Decode, FinishReason, StoppingCriteria, Streamer, generate,
};

use crate::golden::{GOLDEN, rectangle, rows, run, settings, toy};

/// Runs the cases of a section, compares their tokens, and returns the number of cases.
pub fn compare(section: &str) -> usize {
    let cases = GOLDEN[section].as_array().unwrap();
    for case in cases {
        let (generated, _) = run(&rows(&case["prompts"]), &case["kwargs"]).unwrap();
        assert_eq!(rectangle(&generated), rows(&case["sequences"]), "{} {}", case["prompts"], case["kwargs"]);
    }
    cases.len()
}

#[test]
fn greedy_search_matches_transformers() {
    assert!(compare("greedy") >= 90);
}

/// The rule of `tests/goldens/generation/cases.py`.
fn allowed(prompt: usize, tokens: &[i64]) -> Result<Vec<i64>> {
    let total = tokens.iter().sum::<i64>() + prompt as i64;
    Ok(if total % 3 == 0 { vec![20 + total % 20] } else { (0..4).map(|step| (7 * total + 5 * step) % 20).collect() })
}

#[test]
fn constrained_search_matches_transformers() {
    for case in GOLDEN["prefix"].as_array().unwrap() {
        let (settings, prompts) = (settings(&case["kwargs"]), rows(&case["prompts"]));
        let processors = CustomProcessors { prefix_allowed_tokens: Some(Box::new(allowed)), ..Default::default() };
        let call = Call { processors, ..Call::default() };
        let generated = generate(&mut toy(&settings, prompts.len()), &prompts, &settings, call).unwrap();
        assert_eq!(rectangle(&generated), rows(&case["sequences"]), "{} {}", case["prompts"], case["kwargs"]);
    }
}

#[test]
fn arguments_refused_by_transformers_are_refused() {
    for case in GOLDEN["refused"].as_array().unwrap() {
        let error = run(&[vec![3, 17, 5]], &case["kwargs"]).err();
        let error = error.unwrap_or_else(|| panic!("{} passes, transformers: {}", case["kwargs"], case["error"]));
        assert_eq!(error.code(), "input", "{error}");
    }
}

#[test]
fn rows_are_independent() {
    let prompts = vec![vec![3, 17, 5], vec![12], vec![9, 4, 21, 9, 4]];
    let kwargs = json!({"max_new_tokens": 20, "eos_token_id": [1, 8, 14, 22], "repetition_penalty": 1.2});
    let (together, _) = run(&prompts, &kwargs).unwrap();
    for (prompt, row) in prompts.into_iter().zip(together.rows) {
        let (alone, _) = run(&[prompt], &kwargs).unwrap();
        assert_eq!(alone.rows[0], row);
    }
}

#[test]
fn a_step_reads_only_unfinished_rows() {
    let kwargs = json!({"max_new_tokens": 20, "eos_token_id": [1, 8, 14, 22]});
    let (generated, toy) = run(&[vec![3, 17, 5], vec![12]], &kwargs).unwrap();
    let new: Vec<usize> = generated.rows.iter().map(|row| row.tokens.len() - row.prompt_len).collect();
    assert_ne!(new[0], new[1]);
    assert_eq!(toy.num_reads, *new.iter().max().unwrap());
    assert_eq!(toy.num_tokens, 3 + 1 + new[0] - 1 + new[1] - 1);
}

#[test]
fn an_empty_prompt_begins_with_bos() {
    let (generated, _) = run(&[vec![]], &json!({"bos_token_id": 6, "max_new_tokens": 4})).unwrap();
    let (expected, _) = run(&[vec![6]], &json!({"max_new_tokens": 4})).unwrap();
    assert_eq!(generated.rows, expected.rows);
    let error = run(&[vec![]], &json!({})).err().unwrap();
    assert!(error.to_string().contains("bos_token_id"), "{error}");
    assert_eq!(run(&[], &json!({})).err().unwrap().code(), "input");
}

#[test]
fn running_out_of_positions_is_an_error_with_both_lengths() {
    let settings = settings(&json!({"max_new_tokens": 50}));
    for (prompt_len, generates) in [(9, "9 tokens"), (5, "9 tokens")] {
        let mut toy = toy(&settings, 1);
        toy.max_tokens = Some(8);
        let error = generate(&mut toy, &[vec![3; prompt_len]], &settings, Call::default()).unwrap_err();
        assert!(error.code() == "input" && error.to_string().contains(generates), "{error}");
        assert!(error.to_string().contains('8'), "{error}");
    }
}

#[test]
fn cached_tokens_are_not_read_again() {
    let settings = settings(&json!({"max_new_tokens": 5}));
    let mut toy = toy(&settings, 1);
    let first = generate(&mut toy, &[vec![3, 17, 5]], &settings, Call::default()).unwrap();
    let held = toy.slots[0].clone();
    assert_eq!(held, first.rows[0].tokens[..7]);
    let mut prompt = first.rows[0].tokens.clone();
    prompt.extend([30, 2]);
    let past = [held];
    let read_before = toy.num_tokens;
    let call = Call { past: &past, ..Call::default() };
    let second = generate(&mut toy, std::slice::from_ref(&prompt), &settings, call).unwrap();
    assert_eq!(toy.num_tokens - read_before, 3 + 4);
    let (fresh, _) = run(&[prompt], &json!({"max_new_tokens": 5})).unwrap();
    assert_eq!(second.rows, fresh.rows);
}

#[test]
fn a_differing_past_is_truncated_to_the_shared_prefix() {
    let settings = settings(&json!({"max_new_tokens": 5}));
    for past in [vec![3, 17, 9, 9], vec![3, 17, 5], vec![3, 17, 5, 1], vec![1]] {
        let mut toy = toy(&settings, 1);
        toy.slots[0] = past.clone();
        let call = Call { past: &[past], ..Call::default() };
        let found = generate(&mut toy, &[vec![3, 17, 5]], &settings, call).unwrap();
        let (fresh, _) = run(&[vec![3, 17, 5]], &json!({"max_new_tokens": 5})).unwrap();
        assert_eq!(found.rows, fresh.rows);
    }
}

#[test]
fn scores_and_logits_are_recorded_on_request() {
    let kwargs = json!({
        "max_new_tokens": 3, "suppress_tokens": [38], "output_scores": true, "output_logits": true,
        "return_dict_in_generate": true,
    });
    let (generated, toy) = run(&[vec![3, 17, 5], vec![12]], &kwargs).unwrap();
    assert_eq!((generated.scores.len(), generated.logits.len()), (3, 3));
    for (row, found) in generated.rows.iter().enumerate() {
        for step in 0..3 {
            let logits = &generated.logits[step][row * 40..][..40];
            assert_eq!(logits, toy.logits(&found.tokens[..found.prompt_len + step]));
            let scores = &generated.scores[step][row * 40..][..40];
            assert!(scores[38] == f32::NEG_INFINITY && scores[..38] == logits[..38]);
        }
    }
    let (generated, _) = run(&[vec![3]], &json!({"max_new_tokens": 3, "output_scores": true})).unwrap();
    assert!(generated.scores.is_empty() && generated.logits.is_empty());
}

#[derive(Default)]
pub struct Recorder {
    pub prompts: Vec<Vec<i64>>,
    pub tokens: Vec<Vec<(usize, i64)>>,
    pub has_ended: bool,
    pub cancel: Option<(usize, Cancel)>,
}

impl Streamer for Recorder {
    fn put_prompts(&mut self, prompts: &[&[i64]]) -> Result<()> {
        self.prompts = prompts.iter().map(|prompt| prompt.to_vec()).collect();
        Ok(())
    }

    fn put_tokens(&mut self, tokens: &[(usize, i64)]) -> Result<()> {
        self.tokens.push(tokens.to_vec());
        if let Some((_, cancel)) = self.cancel.as_ref().filter(|(steps, _)| *steps == self.tokens.len()) {
            cancel.cancel();
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.has_ended = true;
        Ok(())
    }
}

#[test]
fn a_streamer_receives_prompts_and_every_token() {
    let settings = settings(&json!({"max_new_tokens": 20, "eos_token_id": [1, 8, 14, 22]}));
    let prompts = [vec![3, 17, 5], vec![12]];
    let mut toy = toy(&settings, 2);
    let mut recorder = Recorder::default();
    let call = Call { streamer: Some(&mut recorder), ..Call::default() };
    let generated = generate(&mut toy, &prompts, &settings, call).unwrap();
    assert!(recorder.has_ended && recorder.prompts == prompts);
    for (index, row) in generated.rows.iter().enumerate() {
        let streamed = recorder.tokens.iter().flatten().filter(|(row, _)| *row == index).map(|(_, token)| *token);
        assert_eq!(streamed.collect::<Vec<_>>(), row.tokens[row.prompt_len..]);
    }
}

#[test]
fn a_cancelled_call_returns_its_tokens_so_far() {
    let settings = settings(&json!({"max_new_tokens": 20}));
    let mut toy = toy(&settings, 1);
    let cancel = Cancel::default();
    let mut recorder = Recorder { cancel: Some((3, cancel.clone())), ..Recorder::default() };
    let call = Call { streamer: Some(&mut recorder), cancel, ..Call::default() };
    let generated = generate(&mut toy, &[vec![3, 17, 5]], &settings, call).unwrap();
    assert_eq!(generated.rows[0].tokens.len(), 6);
    assert_eq!(generated.rows[0].finish, Some(FinishReason::Cancelled));
}

struct AfterTwice(i64);

impl StoppingCriteria for AfterTwice {
    fn is_done(&mut self, tokens: &[i64], scores: &[f32]) -> Result<bool> {
        assert_eq!(scores.len(), 40);
        Ok(tokens.iter().filter(|token| **token == self.0).count() == 2)
    }
}

#[test]
fn criteria_and_stop_strings_end_a_row() {
    let (whole, _) = run(&[vec![3, 17, 5]], &json!({"max_new_tokens": 20})).unwrap();
    let whole = whole.rows[0].tokens.clone();
    let decode: Decode<'_> = Arc::new(|tokens| Ok(tokens.iter().map(|token| format!("<{token}>")).collect()));
    let stop = format!("<{}><{}", whole[6], whole[7]);
    let settings = settings(&json!({"max_new_tokens": 20, "stop_strings": [stop]}));
    let call = Call { decode: Some(decode.clone()), ..Call::default() };
    let generated = generate(&mut toy(&settings, 1), &[vec![3, 17, 5]], &settings, call).unwrap();
    assert_eq!(generated.rows[0].tokens, whole[..8]);
    assert_eq!(generated.rows[0].finish, Some(FinishReason::StopString));

    let call = Call { stopping_criteria: vec![Box::new(AfterTwice(3))], decode: Some(decode), ..Call::default() };
    let generated = generate(&mut toy(&settings, 1), &[vec![3, 17, 3, 5]], &settings, call).unwrap();
    assert_eq!((generated.rows[0].tokens.len(), generated.rows[0].finish), (5, Some(FinishReason::Criteria)));
}

#[test]
fn max_time_ends_generation_after_a_token() {
    let (generated, _) = run(&[vec![3]], &json!({"max_new_tokens": 20, "max_time": 0.0})).unwrap();
    assert_eq!((generated.rows[0].tokens.len(), generated.rows[0].finish), (2, Some(FinishReason::Time)));
}

#[test]
fn out_of_vocabulary_tokens_and_nan_logits_are_errors() {
    assert_eq!(run(&[vec![40]], &json!({})).err().unwrap().code(), "input");
    for kwargs in [json!({}), json!({"do_sample": true})] {
        let settings = settings(&kwargs);
        let mut toy = toy(&settings, 1);
        toy.table.iter_mut().flatten().for_each(|logit| *logit = f32::NAN);
        let error = generate(&mut toy, &[vec![3]], &settings, Call::default()).unwrap_err();
        assert!(error.to_string().contains("NaN"), "{error}");
    }
}

#[test]
fn too_few_slots_are_an_internal_error() {
    let settings = settings(&Value::Null);
    let mut toy = toy(&settings, 1);
    let error = generate(&mut toy, &[vec![3], vec![4]], &settings, Call::default()).unwrap_err();
    assert_eq!(error.code(), "internal");
}
