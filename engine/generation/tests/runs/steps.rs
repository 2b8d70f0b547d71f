use serde_json::json;
use trustformers_core::Result;
use trustformers_generation::{
    BatchProcessor, Call, CustomProcessors, FinishReason, LogitsProcessor, PaddedPrompts, ProcessorConfig,
    StepCriteria, StepProcessor, StepRow, generate,
};

use crate::golden::{settings, toy};

const PROMPTS: [&[i64]; 3] = [&[3, 17, 5], &[12], &[9, 4]];

fn prompts() -> Vec<Vec<i64>> {
    PROMPTS.map(<[i64]>::to_vec).to_vec()
}

/// Favors a token that depends on the tokens of a sequence.
fn change(tokens: &[i64], logits: &mut [f32]) {
    let favored = tokens.iter().sum::<i64>() as usize % logits.len();
    logits[favored] += 1.5;
}

struct ForEach;

impl LogitsProcessor for ForEach {
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()> {
        change(tokens, logits);
        Ok(())
    }
}

struct ForAll(usize);

impl StepProcessor for ForAll {
    fn process_step(&mut self, rows: &[StepRow<'_>], logits: &mut [f32]) -> Result<()> {
        assert_eq!((rows.len(), logits.len()), (self.0, self.0 * 40));
        for (index, (row, logits)) in rows.iter().zip(logits.chunks_exact_mut(40)).enumerate() {
            assert_eq!(row.prompt, index * PROMPTS.len() / self.0);
            assert!(row.tokens.starts_with(PROMPTS[row.prompt]) && row.prompt_len == PROMPTS[row.prompt].len());
            change(row.tokens, logits);
        }
        Ok(())
    }
}

#[test]
fn processors_of_all_rows_equal_processors_of_each_row() {
    for (kwargs, num_rows) in [
        (json!({"max_new_tokens": 12, "eos_token_id": [1, 8, 14, 22, 30]}), 3),
        (json!({"max_new_tokens": 12, "eos_token_id": [1, 8], "do_sample": true, "num_return_sequences": 2}), 6),
        (json!({"max_new_tokens": 9, "eos_token_id": [1, 8, 14, 22, 30], "num_beams": 4}), 12),
    ] {
        let settings = settings(&kwargs);
        let generated = |processors| {
            let call = Call { processors, seed: 3, ..Call::default() };
            generate(&mut toy(&settings, 3), &prompts(), &settings, call).unwrap()
        };
        let each = generated(CustomProcessors { processors: vec![Box::new(ForEach)], ..Default::default() });
        let all = generated(CustomProcessors { steps: vec![Box::new(ForAll(num_rows))], ..Default::default() });
        assert_eq!(each, all, "{kwargs}");
        let first = generated(CustomProcessors { first: vec![Box::new(ForAll(num_rows))], ..Default::default() });
        assert_eq!(first, all, "{kwargs}");
        assert_ne!(all, generated(CustomProcessors::default()), "{kwargs}");
    }
}

/// Adds 10 to the first logit, or doubles all.
struct Arithmetic(bool);

impl StepProcessor for Arithmetic {
    fn process_step(&mut self, _rows: &[StepRow<'_>], logits: &mut [f32]) -> Result<()> {
        match self.0 {
            true => logits.iter_mut().for_each(|logit| *logit *= 2.0),
            false => logits[0] += 10.0,
        }
        Ok(())
    }
}

#[test]
fn step_processors_run_before_and_after_the_configured_ones() {
    let settings = settings(&json!({
        "max_new_tokens": 1, "suppress_tokens": [0], "output_logits": true, "output_scores": true,
        "return_dict_in_generate": true,
    }));
    let processors = CustomProcessors {
        first: vec![Box::new(Arithmetic(false))],
        steps: vec![Box::new(Arithmetic(true))],
        ..Default::default()
    };
    let call = Call { processors, ..Call::default() };
    let generated = generate(&mut toy(&settings, 1), &[vec![3]], &settings, call).unwrap();
    assert_eq!(generated.scores[0][0], f32::NEG_INFINITY);
    assert_eq!(generated.scores[0][1], generated.logits[0][1] * 2.0);
}

/// Ends the second row at once, and the others by length.
struct Second(usize);

impl StepCriteria for Second {
    fn are_done(&mut self, rows: &[StepRow<'_>], scores: &[f32], _vocab: usize) -> Result<Vec<bool>> {
        assert_eq!((rows.len(), scores.len()), (3, 120));
        self.0 += 1;
        Ok(rows.iter().map(|row| row.prompt == 1 || row.tokens.len() == row.prompt_len + 4).collect())
    }
}

#[test]
fn criteria_of_all_rows_end_single_rows() {
    let settings = settings(&json!({"max_new_tokens": 9}));
    let call = Call { step_criteria: vec![Box::new(Second(0))], ..Call::default() };
    let generated = generate(&mut toy(&settings, 3), &prompts(), &settings, call).unwrap();
    let lens: Vec<usize> = generated.rows.iter().map(|row| row.tokens.len()).collect();
    assert_eq!(lens, [7, 2, 6]);
    assert!(generated.rows.iter().all(|row| row.finish == Some(FinishReason::Criteria)));
}

/// Ends candidates of five tokens.
struct Short;

impl StepCriteria for Short {
    fn are_done(&mut self, rows: &[StepRow<'_>], scores: &[f32], vocab: usize) -> Result<Vec<bool>> {
        assert_eq!((scores.len(), vocab), (3 * 40, 40));
        assert!(rows.len() > 3 && rows.iter().all(|row| row.prompt == rows[0].prompt));
        Ok(rows.iter().map(|row| row.tokens.len() == row.prompt_len + 5).collect())
    }
}

#[test]
fn criteria_of_a_step_end_beams() {
    let settings = settings(&json!({"max_new_tokens": 9, "num_beams": 3}));
    let call = Call { step_criteria: vec![Box::new(Short)], ..Call::default() };
    let generated = generate(&mut toy(&settings, 3), &prompts(), &settings, call).unwrap();
    assert!(generated.rows.iter().all(|row| row.finish == Some(FinishReason::Criteria)));
    assert!(generated.rows.iter().all(|row| row.tokens.len() == row.prompt_len + 5));
}

struct TooFew;

impl StepCriteria for TooFew {
    fn are_done(&mut self, _rows: &[StepRow<'_>], _scores: &[f32], _vocab: usize) -> Result<Vec<bool>> {
        Ok(vec![true])
    }
}

#[test]
fn criteria_that_skip_rows_are_refused() {
    let settings = settings(&json!({}));
    let call = Call { step_criteria: vec![Box::new(TooFew)], ..Call::default() };
    let error = generate(&mut toy(&settings, 3), &prompts(), &settings, call).unwrap_err().to_string();
    assert!(error.starts_with("stopping_criteria"), "{error}");
}

struct Ready(BatchProcessor, PaddedPrompts);

impl StepProcessor for Ready {
    fn process_step(&mut self, rows: &[StepRow<'_>], logits: &mut [f32]) -> Result<()> {
        self.0.process(&self.1.extended(rows, 0).0, logits, rows.len())
    }
}

#[test]
fn a_batch_processor_equals_the_configured_one() {
    for (kwargs, config) in [
        (
            json!({"repetition_penalty": 3.0}),
            ProcessorConfig::RepetitionPenalty { penalty: 3.0, ignored: vec![0, 2, 1] },
        ),
        (json!({"no_repeat_ngram_size": 1}), ProcessorConfig::NoRepeatNgram { size: 1 }),
        (
            json!({"min_length": 9, "eos_token_id": [1, 8, 14]}),
            ProcessorConfig::MinLength { min: 9, eos: vec![1, 8, 14] },
        ),
    ] {
        let configured = settings(&kwargs);
        let eos = kwargs.get("eos_token_id");
        let plain = settings(&eos.map_or(json!({}), |eos| json!({"eos_token_id": eos})));
        let expected = generate(&mut toy(&configured, 3), &prompts(), &configured, Call::default()).unwrap();
        // A token that no prompt and no rule names pads the prompts.
        let padded = vec![3, 17, 5, 39, 39, 12, 39, 9, 4];
        let padded = PaddedPrompts::new(padded, [3, 3], None, &plain).unwrap();
        let steps: Vec<Box<dyn StepProcessor>> = vec![Box::new(Ready(BatchProcessor::new(config).unwrap(), padded))];
        let call = Call { processors: CustomProcessors { steps, ..Default::default() }, ..Call::default() };
        let found = generate(&mut toy(&plain, 3), &prompts(), &plain, call).unwrap();
        let tokens = |generated: &trustformers_generation::Generated| {
            generated.rows.iter().map(|row| row.tokens.clone()).collect::<Vec<_>>()
        };
        assert_eq!(tokens(&found), tokens(&expected), "{kwargs}");
    }
}
