use std::sync::Arc;
use std::time::{Duration, Instant};

use trustformers_core::{Error, Result};

use crate::stop_strings::StopStrings;
use crate::{Lengths, Settings};

/// Decodes tokens into text.
pub type Decode<'a> = Arc<dyn Fn(&[i64]) -> Result<String> + Send + Sync + 'a>;

/// Decides when a sequence ends.
pub trait StoppingCriteria: Send {
    /// Whether the sequence ends with its last token; `scores` are the processed logits that the token was selected
    /// from.
    ///
    /// **Errors:** any error of the criteria; generation ends with it.
    fn is_done(&mut self, tokens: &[i64], scores: &[f32]) -> Result<bool>;
}

/// Why a sequence finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// An `eos_token_id` was generated.
    Eos,
    /// The maximum length was reached.
    Length,
    /// One of `stop_strings` was generated.
    StopString,
    /// `max_time` has passed.
    Time,
    /// A `StoppingCriteria` ended the sequence.
    Criteria,
    /// The generation was cancelled through `Cancel`.
    Cancelled,
}

impl FinishReason {
    /// Stable name of the reason, for bindings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eos => "eos",
            Self::Length => "length",
            Self::StopString => "stop_string",
            Self::Time => "time",
            Self::Criteria => "criteria",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The stopping rules for the sequences of one prompt.
#[derive(Debug)]
pub(crate) struct Stopping {
    padding: usize,
    max: usize,
    eos: Vec<i64>,
    strings: Option<StopStrings>,
    deadline: Option<Instant>,
}

impl Stopping {
    /// The stopping rules of a call; `max_time` starts now.
    pub fn new(settings: &Settings, lengths: Lengths, can_decode: bool) -> Result<Self> {
        let strings = StopStrings::new(settings.stop_strings())?;
        if strings.is_some() && !can_decode {
            return Err(Error::input("stop_strings", "need a tokenizer; pass one to `generate`"));
        }
        let deadline = settings.config().max_time.and_then(|seconds| {
            let time = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
            Instant::now().checked_add(time)
        });
        let eos = settings.eos_token_ids().to_vec();
        Ok(Self { padding: lengths.padding, max: lengths.max, eos, strings, deadline })
    }

    /// Why the sequence finishes with its last token; `None` if it continues.
    pub fn reason(
        &self,
        tokens: &[i64],
        scores: &[f32],
        decode: Option<&Decode<'_>>,
        criteria: &mut [Box<dyn StoppingCriteria + '_>],
    ) -> Result<Option<FinishReason>> {
        if tokens.last().is_some_and(|token| self.eos.contains(token)) {
            return Ok(Some(FinishReason::Eos));
        }
        if let (Some(strings), Some(decode)) = (&self.strings, decode)
            && strings.ends_in_last_token(tokens, decode.as_ref())?
        {
            return Ok(Some(FinishReason::StopString));
        }
        for criterion in criteria {
            if criterion.is_done(tokens, scores)? {
                return Ok(Some(FinishReason::Criteria));
            }
        }
        if tokens.len() + self.padding >= self.max {
            return Ok(Some(FinishReason::Length));
        }
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() > deadline);
        Ok(is_late.then_some(FinishReason::Time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerationConfig;
    use serde_json::{Value, json};

    struct Seven;

    impl StoppingCriteria for Seven {
        fn is_done(&mut self, tokens: &[i64], _scores: &[f32]) -> Result<bool> {
            Ok(tokens.last() == Some(&7))
        }
    }

    fn stopping(kwargs: Value, can_decode: bool) -> Result<Stopping> {
        let settings = Settings::new(&GenerationConfig::default(), None, &kwargs).unwrap();
        Stopping::new(&settings, settings.lengths(1, None).unwrap(), can_decode)
    }

    fn reason(kwargs: Value, tokens: &[i64]) -> Option<FinishReason> {
        let decode: Decode<'_> = Arc::new(|tokens| Ok(format!("{tokens:?}")));
        stopping(kwargs, true).unwrap().reason(tokens, &[], Some(&decode), &mut [Box::new(Seven)]).unwrap()
    }

    #[test]
    fn each_rule_ends_a_sequence() {
        assert_eq!(reason(json!({"eos_token_id": [1, 2]}), &[0, 2]), Some(FinishReason::Eos));
        assert_eq!(reason(json!({"max_new_tokens": 2}), &[0, 3, 3]), Some(FinishReason::Length));
        assert_eq!(reason(json!({"stop_strings": "4]"}), &[0, 4]), Some(FinishReason::StopString));
        assert_eq!(reason(json!({}), &[0, 7]), Some(FinishReason::Criteria));
        assert_eq!(reason(json!({"max_time": -1.0}), &[0, 3]), Some(FinishReason::Time));
        assert_eq!(reason(json!({"max_time": 1e300, "eos_token_id": 0}), &[0, 3]), None);
    }

    #[test]
    fn stop_strings_need_a_decoder() {
        let error = stopping(json!({"stop_strings": ["x"]}), false).unwrap_err();
        assert!(error.to_string().starts_with("stop_strings"), "{error}");
    }
}
