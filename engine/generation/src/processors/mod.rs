mod bias;
mod config;
mod cutoff;
mod ends;
mod nucleus;
mod prefix;
mod repetition;
mod scale;
mod suppress;
mod watermark;

use serde_json::Value;
use trustformers_core::{Error, Result};

use self::bias::SequenceBias;
pub use self::config::{BatchProcessor, ProcessorConfig};
use self::cutoff::{Cutoff, Typical};
use self::ends::{ExponentialDecay, Forced, MinLength};
use self::nucleus::{MinP, TopH, TopK, TopP};
pub use self::prefix::{PrefixAllowedTokens, constrain_rows};
use self::repetition::{Counted, NoRepeatNgram, RepetitionPenalty};
use self::scale::{Renormalize, Temperature};
use self::suppress::{RemoveInvalid, Suppress};
pub use self::watermark::{Watermark, WatermarkConfig};
use crate::step::{StepProcessor, StepRow};
use crate::{Lengths, Settings};

/// Changes the logits of a sequence's next token.
pub trait LogitsProcessor: Send {
    /// Changes the logits in place; `tokens` is the sequence so far, prompt included.
    ///
    /// **Shapes:** `logits`: `[vocab]`.
    ///
    /// **Errors:** `Input` if the processor's configuration does not fit the vocabulary.
    fn process(&mut self, tokens: &[i64], logits: &mut [f32]) -> Result<()>;
}

/// Custom processors, which no configuration can express.
#[derive(Default)]
pub struct CustomProcessors<'a> {
    /// Run after the configured processors and before the sampling warpers, for each sequence.
    pub processors: Vec<Box<dyn LogitsProcessor + 'a>>,
    /// Run before the configured processors, for all sequences at once.
    pub first: Vec<Box<dyn StepProcessor + 'a>>,
    /// Run after `processors`, for all sequences at once.
    pub steps: Vec<Box<dyn StepProcessor + 'a>>,
    /// Restricts the next token to the tokens that the function returns.
    pub prefix_allowed_tokens: Option<Box<PrefixAllowedTokens<'a>>>,
}

/// The processors of a configuration, in the order of transformers.
///
/// **Source:** `_get_logits_processor` of transformers 5.23.0.
pub struct Processors {
    prompt: usize,
    prompt_len: usize,
    before_prefix: Vec<Box<dyn LogitsProcessor>>,
    before_custom: Vec<Box<dyn LogitsProcessor>>,
    warpers: Vec<Box<dyn LogitsProcessor>>,
}

impl Processors {
    /// The processors for sequences that continue the prompt with index `prompt`; `source` are the tokens that the
    /// model's encoder has read, if it has one.
    ///
    /// **Errors:** `Input` naming a key with an invalid value.
    pub fn new(settings: &Settings, lengths: Lengths, prompt: usize, source: Option<&[i64]>) -> Result<Self> {
        Ok(Self {
            prompt,
            prompt_len: lengths.prompt.saturating_sub(lengths.padding),
            before_prefix: before_prefix(settings, lengths, source)?,
            before_custom: before_custom(settings, lengths)?,
            warpers: warpers(settings)?,
        })
    }

    /// Processes the logits of the token that follows `tokens`.
    ///
    /// **Errors:** any error of a processor.
    pub fn process(&mut self, tokens: &[i64], logits: &mut [f32], custom: &mut CustomProcessors<'_>) -> Result<()> {
        self.process_beams(&[tokens], logits, custom)
    }

    /// Processes the logits of the tokens that follow the beams of the prompt. Beams whose allowed tokens are all
    /// impossible end, unless this is true of all beams: then all of them may continue.
    ///
    /// **Shapes:** `logits`: `[beams, vocab]`.
    ///
    /// **Errors:** any error of a processor.
    pub fn process_beams(
        &mut self,
        beams: &[&[i64]],
        logits: &mut [f32],
        custom: &mut CustomProcessors<'_>,
    ) -> Result<()> {
        let rows: Vec<StepRow<'_>> = beams.iter().map(|tokens| self.row(tokens)).collect();
        custom.first.iter_mut().try_for_each(|processor| processor.process_step(&rows, logits))?;
        self.before_steps(beams, logits, custom)?;
        custom.steps.iter_mut().try_for_each(|processor| processor.process_step(&rows, logits))?;
        self.after_steps(beams, logits)
    }

    /// A sequence of the prompt as a row of a step.
    pub(crate) fn row<'a>(&self, tokens: &'a [i64]) -> StepRow<'a> {
        StepRow { prompt: self.prompt, prompt_len: self.prompt_len, tokens }
    }

    /// The processors between `first` and `steps` of the custom processors.
    pub(crate) fn before_steps(
        &mut self,
        beams: &[&[i64]],
        logits: &mut [f32],
        custom: &mut CustomProcessors<'_>,
    ) -> Result<()> {
        let vocab = logits.len() / beams.len().max(1);
        if vocab == 0 {
            return Ok(());
        }
        for (tokens, logits) in beams.iter().zip(logits.chunks_exact_mut(vocab)) {
            self.before_prefix.iter_mut().try_for_each(|processor| processor.process(tokens, logits))?;
        }
        if let Some(allowed) = &mut custom.prefix_allowed_tokens {
            prefix::constrain(self.prompt, beams, logits.chunks_exact_mut(vocab), allowed)?;
        }
        for (tokens, logits) in beams.iter().zip(logits.chunks_exact_mut(vocab)) {
            self.before_custom.iter_mut().try_for_each(|processor| processor.process(tokens, logits))?;
            custom.processors.iter_mut().try_for_each(|processor| processor.process(tokens, logits))?;
        }
        Ok(())
    }

    /// The processors after all custom processors.
    pub(crate) fn after_steps(&mut self, beams: &[&[i64]], logits: &mut [f32]) -> Result<()> {
        let vocab = logits.len() / beams.len().max(1);
        if vocab == 0 {
            return Ok(());
        }
        for (tokens, logits) in beams.iter().zip(logits.chunks_exact_mut(vocab)) {
            self.warpers.iter_mut().try_for_each(|processor| processor.process(tokens, logits))?;
        }
        Ok(())
    }
}

fn before_prefix(
    settings: &Settings,
    lengths: Lengths,
    source: Option<&[i64]>,
) -> Result<Vec<Box<dyn LogitsProcessor>>> {
    let config = settings.config();
    let eos = settings.eos_token_ids();
    let padding = lengths.padding;
    let mut processors: Vec<Box<dyn LogitsProcessor>> = Vec::new();
    if let Some(biases) = &config.sequence_bias {
        processors.push(Box::new(SequenceBias::new(biases)?));
    }
    let prompt_len = lengths.prompt.saturating_sub(padding);
    let encoded = || source.map_or(Counted::First(prompt_len), |source| Counted::Others(source.to_vec()));
    if let Some(penalty) = config.encoder_repetition_penalty.filter(|&penalty| penalty != 1.0) {
        processors.push(Box::new(RepetitionPenalty::of_prompt(penalty, encoded())?));
    }
    if let Some(penalty) = config.repetition_penalty.filter(|&penalty| penalty != 1.0) {
        processors.push(Box::new(RepetitionPenalty::new(penalty, Counted::All)?));
    }
    let ngrams = [(config.no_repeat_ngram_size, Counted::All), (config.encoder_no_repeat_ngram_size, encoded())];
    for (size, counted) in ngrams {
        if let Some(size) = size.and_then(|size| usize::try_from(size).ok()).filter(|&size| size > 0) {
            processors.push(Box::new(NoRepeatNgram { size, counted }));
        }
    }
    if let Some(words) = &config.bad_words_ids {
        processors.push(Box::new(SequenceBias::bad_words(words, eos)?));
    }
    if !eos.is_empty() && lengths.min > 0 {
        processors.push(Box::new(MinLength { padding, min: lengths.min, eos: eos.to_vec() }));
    }
    Ok(processors)
}

fn before_custom(settings: &Settings, lengths: Lengths) -> Result<Vec<Box<dyn LogitsProcessor>>> {
    let config = settings.config();
    let padding = lengths.padding;
    let mut processors: Vec<Box<dyn LogitsProcessor>> = Vec::new();
    if let Some(token) = config.forced_bos_token_id {
        processors.push(Box::new(Forced { key: "forced_bos_token_id", padding, at: 1, allowed: vec![token] }));
    }
    if let Some(tokens) = &config.forced_eos_token_id {
        let allowed = tokens.as_slice().to_vec();
        if let Some(token) = allowed.iter().find(|token| **token < 0) {
            return Err(Error::input(
                "forced_eos_token_id",
                format!("{token} is not a token id: ids are not negative"),
            ));
        }
        processors.push(Box::new(Forced {
            key: "forced_eos_token_id",
            padding,
            at: lengths.max.saturating_sub(1),
            allowed,
        }));
    }
    if config.remove_invalid_values == Some(true) {
        processors.push(Box::new(RemoveInvalid { most: f32::MAX }));
    }
    if let Some((start, factor)) = config.exponential_decay_length_penalty {
        let eos = settings.eos_token_ids().to_vec();
        if eos.is_empty() {
            let message = "needs an eos_token_id";
            return Err(Error::input("exponential_decay_length_penalty", message));
        }
        let start = start.saturating_add_unsigned(lengths.prompt as u64);
        processors.push(Box::new(ExponentialDecay { padding, start, factor, eos }));
    }
    if let Some(tokens) = &config.suppress_tokens {
        processors.push(Box::new(Suppress { padding, at: None, tokens: tokens.clone() }));
    }
    if let Some(tokens) = &config.begin_suppress_tokens {
        let follows_forced = lengths.prompt <= 1 && config.forced_bos_token_id.is_some();
        let at = Some(lengths.prompt + usize::from(follows_forced));
        processors.push(Box::new(Suppress { padding, at, tokens: tokens.clone() }));
    }
    Ok(processors)
}

fn warpers(settings: &Settings) -> Result<Vec<Box<dyn LogitsProcessor>>> {
    let config = settings.config();
    let mut processors: Vec<Box<dyn LogitsProcessor>> = Vec::new();
    if settings.does_sample() {
        let min = settings.min_tokens_to_keep();
        if let Some(temperature) = config.temperature.filter(|&temperature| temperature != 1.0) {
            processors.push(Box::new(Temperature::new(temperature)?));
        }
        if let Some(h) = config.top_h {
            processors.push(Box::new(TopH::new(h)?));
        }
        if let Some(k) = config.top_k.filter(|&k| k != 0) {
            processors.push(Box::new(TopK::new(k, min)?));
        }
        if let Some(p) = config.top_p.filter(|&p| p < 1.0) {
            processors.push(Box::new(TopP::new(p, min)?));
        }
        if let Some(min_p) = config.min_p {
            processors.push(Box::new(MinP::new(min_p, min)?));
        }
        if let Some(mass) = config.typical_p.filter(|&mass| mass < 1.0) {
            processors.push(Box::new(Typical::new(mass, min)?));
        }
        if let Some(epsilon) = config.epsilon_cutoff.filter(|&epsilon| epsilon > 0.0 && epsilon < 1.0) {
            processors.push(Box::new(Cutoff::epsilon(epsilon, min)));
        }
        if let Some(epsilon) = config.eta_cutoff.filter(|&epsilon| epsilon > 0.0 && epsilon < 1.0) {
            processors.push(Box::new(Cutoff::eta(epsilon, min)));
        }
    }
    if let Some(keys) = config.watermarking_config.as_ref().filter(|keys| **keys != Value::Bool(false)) {
        let config = serde_json::from_value(keys.clone())
            .map_err(|error| Error::input("watermarking_config", format!("cannot be {keys}: {error}")))?;
        processors.push(Box::new(Watermark::new(config)?));
    }
    if config.renormalize_logits == Some(true) {
        processors.push(Box::new(Renormalize));
    }
    Ok(processors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerationConfig;
    use serde_json::json;

    struct Add(f32);

    impl LogitsProcessor for Add {
        fn process(&mut self, _tokens: &[i64], logits: &mut [f32]) -> Result<()> {
            logits.iter_mut().for_each(|logit| *logit += self.0);
            Ok(())
        }
    }

    fn processors(kwargs: Value) -> Result<Processors> {
        let settings = Settings::new(&GenerationConfig::default(), None, &kwargs).unwrap();
        Processors::new(&settings, settings.lengths(2, None).unwrap(), 0, None)
    }

    #[test]
    fn custom_processors_come_before_the_warpers() {
        let mut processors = processors(json!({"do_sample": true, "temperature": 0.5, "top_k": 0})).unwrap();
        let mut custom = CustomProcessors { processors: vec![Box::new(Add(1.0))], ..Default::default() };
        let mut logits = [0.0, 1.0];
        processors.process(&[0, 1], &mut logits, &mut custom).unwrap();
        assert_eq!(logits, [2.0, 4.0]);
    }

    #[test]
    fn warpers_need_sampling() {
        let mut logits = [0.0, 1.0];
        let mut processors = processors(json!({"temperature": 0.5, "top_k": 1})).unwrap();
        processors.process(&[0, 1], &mut logits, &mut CustomProcessors::default()).unwrap();
        assert_eq!(logits, [0.0, 1.0]);
    }

    #[test]
    fn invalid_values_are_refused_by_key() {
        for (key, kwargs) in [
            ("temperature", json!({"do_sample": true, "temperature": 0.0})),
            ("top_k", json!({"do_sample": true, "top_k": -1})),
            ("top_p", json!({"do_sample": true, "top_p": -0.5})),
            ("min_p", json!({"do_sample": true, "min_p": 2.0})),
            ("typical_p", json!({"do_sample": true, "typical_p": 0.0})),
            ("repetition_penalty", json!({"repetition_penalty": -1.0})),
            ("bad_words_ids", json!({"bad_words_ids": []})),
            ("exponential_decay_length_penalty", json!({"exponential_decay_length_penalty": [1, 2.0]})),
        ] {
            let error = processors(kwargs).err().unwrap();
            assert!(error.code() == "input" && error.to_string().starts_with(key), "{error}");
        }
    }
}
