use std::collections::HashMap;

use serde_json::{Value, json};
use trustformers_core::Sequences;
use trustformers_generation::{Call, generate};

use crate::golden::{GOLDEN, integers, run, settings, toy};
use crate::toy::Toy;

/// Rounding of a probability to f32, in logits; the processed logits themselves are copies or quotients.
const TOLERANCE: f32 = 1e-5;

fn with(kwargs: &Value, more: Value) -> Value {
    let mut kwargs = kwargs.clone();
    kwargs.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    kwargs
}

#[test]
fn distributions_match_transformers() {
    let more = json!({"do_sample": true, "max_new_tokens": 2, "return_dict_in_generate": true, "output_scores": true});
    for case in GOLDEN["sampling"].as_array().unwrap() {
        let (generated, _) = run(&[integers(&case["prompt"])], &with(&case["kwargs"], more.clone())).unwrap();
        for (token, expected) in case["scores"].as_array().unwrap().iter().enumerate() {
            let found = generated.scores[0][token];
            let agrees = match expected.as_f64() {
                None => found == f32::NEG_INFINITY,
                Some(expected) => (found - expected as f32).abs() <= TOLERANCE * expected.abs().max(1.0) as f32,
            };
            assert!(agrees, "{} {}: token {token} {found} {expected}", case["prompt"], case["kwargs"]);
        }
    }
}

#[test]
fn sequences_are_sampled_by_their_probability() {
    let settings = settings(&json!({
        "do_sample": true, "num_return_sequences": 50, "max_new_tokens": 2, "top_k": 3, "temperature": 0.9,
    }));
    let mut toy = toy(&settings, 1);
    let mut counts: HashMap<Vec<i64>, usize> = HashMap::new();
    for seed in 0..400 {
        let call = Call { seed, ..Call::default() };
        for row in generate(&mut toy, &[vec![3, 17, 5]], &settings, call).unwrap().rows {
            *counts.entry(row.tokens[3..].to_vec()).or_default() += 1;
        }
    }
    let expected = pairs(&toy, &[3, 17, 5], 3, 0.9);
    let distance: f64 = expected
        .iter()
        .map(|(pair, probability)| (counts.remove(pair).unwrap_or(0) as f64 / 20_000.0 - probability).abs())
        .sum::<f64>()
        / 2.0;
    assert!(counts.is_empty(), "{counts:?} are impossible");
    // Nine outcomes and 20 000 draws: about 0.007 is expected.
    assert!(distance < 0.02, "{distance}");
}

/// The probabilities of all pairs of the `k` most likely tokens after a prompt.
fn pairs(toy: &Toy, prompt: &[i64], k: usize, temperature: f64) -> Vec<(Vec<i64>, f64)> {
    let next = |tokens: &[i64]| {
        let mut logits: Vec<(i64, f64)> =
            toy.logits(tokens).iter().zip(0..).map(|(&logit, token)| (token, f64::from(logit) / temperature)).collect();
        logits.sort_by(|left, right| right.1.total_cmp(&left.1));
        logits.truncate(k);
        let sum: f64 = logits.iter().map(|(_, logit)| logit.exp()).sum();
        logits.into_iter().map(|(token, logit)| (token, logit.exp() / sum)).collect::<Vec<_>>()
    };
    let mut pairs = Vec::new();
    for (first, probability) in next(prompt) {
        let tokens: Vec<i64> = prompt.iter().copied().chain([first]).collect();
        pairs.extend(next(&tokens).into_iter().map(|(second, p)| (vec![first, second], probability * p)));
    }
    pairs
}

#[test]
fn a_prompt_is_prefilled_once_for_all_its_sequences() {
    let kwargs = json!({"do_sample": true, "num_return_sequences": 3, "max_new_tokens": 4});
    let (generated, toy) = run(&[vec![3, 17, 5], vec![12]], &kwargs).unwrap();
    assert_eq!(generated.rows.len(), 6);
    assert_eq!(toy.num_tokens, 3 + 1 + 6 * 3);
    assert_eq!(toy.num_copies, 4);
    let prompts: Vec<&[i64]> = generated.rows.iter().map(|row| &row.tokens[..row.prompt_len]).collect();
    assert_eq!(prompts[2..4], [&[3, 17, 5][..], &[12][..]]);
    for (slot, row) in generated.rows.iter().enumerate() {
        assert_eq!(toy.slots[slot], row.tokens[..row.tokens.len() - 1]);
    }
}

#[test]
fn a_seed_is_reproducible_and_rows_are_independent() {
    let sampled = |prompts: &[Vec<i64>], seed| {
        let settings = settings(&json!({"do_sample": true, "max_new_tokens": 12, "top_k": 0}));
        let call = Call { seed, ..Call::default() };
        generate(&mut toy(&settings, prompts.len()), prompts, &settings, call).unwrap().rows
    };
    let prompts = [vec![3, 17, 5], vec![12]];
    assert_eq!(sampled(&prompts, 4), sampled(&prompts, 4));
    assert_ne!(sampled(&prompts, 4), sampled(&prompts, 5));
    assert_eq!(sampled(&prompts[..1], 4)[0], sampled(&prompts, 4)[0]);
}

#[test]
fn top_p_of_a_large_vocabulary_matches_a_full_sort() {
    let kwargs = json!({
        "do_sample": true, "max_new_tokens": 1, "top_k": 0, "top_p": 0.7, "return_dict_in_generate": true,
        "output_scores": true,
    });
    let settings = settings(&kwargs);
    let mut toy = Toy::scattered(5000, 1);
    let generated = generate(&mut toy, &[vec![3]], &settings, Call::default()).unwrap();
    let logits = toy.logits(&[3]);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
    let mut order: Vec<usize> = (0..toy.vocab_size()).collect();
    order.sort_by(|&left, &right| logits[right].total_cmp(&logits[left]));
    let mut mass = 0.0;
    let nucleus = order.iter().take_while(|&&token| {
        let is_in = mass < 0.7;
        mass += f64::from(logits[token]).exp() / sum;
        is_in
    });
    let mut expected = vec![f32::NEG_INFINITY; logits.len()];
    nucleus.for_each(|&token| expected[token] = logits[token]);
    assert_eq!(generated.scores[0], expected);
}
