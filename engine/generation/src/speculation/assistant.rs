use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};

use super::Draft;
use crate::probabilities::softmax;
use crate::prompts::{check_slots, read, reuse};
use crate::row::Row;
use crate::{Assistant, CustomProcessors, GenerationConfig, Lengths, Settings};

/// **Source:** `GenerationConfig._get_default_generation_params` of transformers 5.23.0.
const NUM_ASSISTANT_TOKENS: usize = 20;
const CONFIDENCE_THRESHOLD: f64 = 0.4;

/// Drafts tokens with a smaller model until its confidence falls below a threshold.
///
/// Drafts pass through the processors of the main model: tokens that they forbid would be rejected.
///
/// **Source:** `AssistedCandidateGenerator` of transformers 5.23.0, but with a constant threshold.
pub(super) struct AssistantDrafts<'a> {
    sequences: &'a mut dyn Sequences,
    /// Tokens that the assistant's slot holds.
    held: Vec<i64>,
    num_tokens: usize,
    adapts: bool,
    threshold: f64,
    keeps_distributions: bool,
    max: usize,
    eos: Vec<i64>,
}

impl<'a> AssistantDrafts<'a> {
    pub fn new(assistant: Assistant<'a>, settings: &Settings, lengths: Lengths, vocab: usize) -> Result<Self> {
        let Assistant { sequences, config, past } = assistant;
        if sequences.vocab_size() != vocab {
            let found = sequences.vocab_size();
            return Err(Error::unsupported(format!(
                "an assistant with another vocabulary ({found} tokens, the model has {vocab})"
            )));
        }
        check_slots(sequences, 1)?;
        let GenerationConfig { num_assistant_tokens, num_assistant_tokens_schedule: schedule, .. } = config;
        let num_tokens = match num_assistant_tokens {
            None => NUM_ASSISTANT_TOKENS,
            Some(count) => usize::try_from(*count)
                .map_err(|_| Error::input("num_assistant_tokens", format!("must not be negative, found {count}")))?,
        };
        Ok(Self {
            held: if sequences.len(0) == past.len() { past.to_vec() } else { Vec::new() },
            sequences,
            num_tokens,
            adapts: schedule.as_deref().is_some_and(|name| name.starts_with("heuristic")),
            threshold: config.assistant_confidence_threshold.unwrap_or(CONFIDENCE_THRESHOLD),
            keeps_distributions: settings.does_sample() || settings.config().assistant_ensemble_weight.is_some(),
            max: lengths.max,
            eos: settings.eos_token_ids().to_vec(),
        })
    }

    pub fn propose(&mut self, row: &mut Row, custom: &mut CustomProcessors<'_>) -> Result<Draft> {
        let mut draft = Draft::default();
        let mut tokens = row.tokens.clone();
        let room = self.sequences.max_tokens().map_or(usize::MAX, |most| (most + 1).saturating_sub(tokens.len()));
        let count = self.num_tokens.min(self.max - tokens.len() - 1).min(room);
        for _ in 0..count {
            let unread = reuse(self.sequences, 0, &self.held, &tokens)?;
            let mut logits = read(self.sequences, &[Feed::new(0, unread)], LogitsOf::Last)?;
            self.held.clone_from(&tokens);
            row.process(&tokens, &mut logits, custom)?;
            let token = row.choose(&logits)?;
            let mut distribution = Vec::new();
            softmax(&logits, &mut distribution);
            let confidence = f64::from(distribution[token as usize]);
            tokens.push(token);
            draft.tokens.push(token);
            if self.keeps_distributions {
                draft.distributions.push(distribution);
            }
            if confidence < self.threshold || self.eos.contains(&token) {
                break;
            }
        }
        Ok(draft)
    }

    pub fn learn(&mut self, num_accepted: usize, num_drafted: usize) {
        if self.adapts {
            let was_all = num_accepted == num_drafted;
            self.num_tokens =
                if was_all { self.num_tokens.saturating_add(2) } else { self.num_tokens.saturating_sub(1).max(1) };
        }
    }
}
