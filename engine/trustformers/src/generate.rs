use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use trustformers_core::{Error, Result, Sequences};
use trustformers_generation::{
    self as generation, Assistant, Call, Cancel, CustomProcessors, Generated, GenerationConfig, PaddedPrompts,
    Settings, StepCriteria, StoppingCriteria, Streamer,
};
use trustformers_models::{CachedSequences, Model, ModelOutput, PastKeyValues, Prompts, SharedCache, SourceCall};
use trustformers_tokenizers::Tokenizer;

use crate::decoder;

/// The `generation_config.json` of a model's directory; if it is missing or damaged, the generation settings in the
/// model's `config.json`, as in transformers.
///
/// **Errors:** any error of [`GenerationConfig::from_model_config`]; `Io` if the file cannot be read.
pub fn generation_config(dir: Option<&Path>, config: &Value) -> Result<GenerationConfig> {
    match dir.map(|dir| dir.join("generation_config.json")).filter(|file| file.is_file()) {
        Some(file) => match GenerationConfig::open(&file) {
            Err(Error::Config { .. }) => GenerationConfig::from_model_config(config),
            opened => opened,
        },
        None => GenerationConfig::from_model_config(config),
    }
}

/// A smaller model with the same vocabulary that drafts tokens, with its generation configuration.
pub struct AssistantModel {
    /// The model.
    pub model: Arc<dyn Model>,
    /// Settings of the drafts, such as `num_assistant_tokens`.
    pub config: GenerationConfig,
}

/// Prompts and how a model continues them.
pub struct GenerateRequest<'a> {
    /// The prompts; for an encoder-decoder those of its decoder.
    pub prompts: &'a PaddedPrompts,
    /// The sources that an encoder-decoder's prompts attend to, one for each.
    pub source: Option<SourceCall<'a>>,
    /// The settings of the call.
    pub settings: &'a Settings,
    /// Seed of the random numbers for sampling.
    pub seed: u64,
    /// Decodes tokens to find stop strings.
    pub tokenizer: Option<&'a Tokenizer>,
    /// Custom logits processors, in addition to the configured ones.
    pub processors: CustomProcessors<'a>,
    /// Custom stopping criteria, in addition to the configured ones.
    pub stopping_criteria: Vec<Box<dyn StoppingCriteria + 'a>>,
    /// Custom stopping criteria of all sequences at once, checked after the others.
    pub step_criteria: Vec<Box<dyn StepCriteria + 'a>>,
    /// Receives tokens as they are generated.
    pub streamer: Option<&'a mut dyn Streamer>,
    /// Drafts tokens for a single prompt.
    pub assistant: Option<AssistantModel>,
    /// Past tokens that the prompts begin with, whose keys and values are not computed again. Generation extends the
    /// cache by all but the last token of each sequence; beam search extends it by the prompts without their last
    /// tokens if it holds one sequence per prompt, and leaves it unchanged otherwise.
    pub past_key_values: Option<&'a SharedCache>,
    /// Cancels the call early; the tokens generated so far are returned.
    pub cancel: Cancel,
}

impl<'a> GenerateRequest<'a> {
    /// A request without custom processors, streamer, assistant or cache.
    pub fn new(prompts: &'a PaddedPrompts, settings: &'a Settings, seed: u64) -> Self {
        Self {
            prompts,
            source: None,
            settings,
            seed,
            tokenizer: None,
            processors: CustomProcessors::default(),
            stopping_criteria: Vec::new(),
            step_criteria: Vec::new(),
            streamer: None,
            assistant: None,
            past_key_values: None,
            cancel: Cancel::default(),
        }
    }

    fn check(&self) -> Result<()> {
        if self.streamer.is_some() {
            self.settings.check_streamed()?;
        }
        if self.past_key_values.is_some() {
            self.settings.check_past()?;
        }
        Ok(())
    }
}

/// The result of [`generate`].
pub struct Generation {
    /// The generated sequences and their scores.
    pub generated: Generated,
    /// Size of the vocabulary, the number of columns of scores and logits.
    pub vocab_size: usize,
    /// A new cache of the sequences if `return_dict_in_generate` is set and the request has none; `None` for beam
    /// search and with `use_cache=False`.
    pub past_key_values: Option<SharedCache>,
    /// Outputs of an encoder-decoder's encoder, if `return_dict_in_generate` is set; `None` for other models.
    pub encoder: Option<ModelOutput>,
}

/// Continues prompts with a model, like `model.generate` of transformers.
///
/// **Errors:** `Input` for settings that contradict a streamer or a cache, or a cache that another call uses or that
/// does not fit the model or the prompts; `Unsupported` if the model has no causal language modeling head; any error of
/// [`generation::generate`]. The request's cache is unchanged on an error.
pub fn generate(model: &Arc<dyn Model>, request: GenerateRequest<'_>) -> Result<Generation> {
    request.check()?;
    let GenerateRequest { prompts: padded, source, settings, past_key_values, tokenizer, assistant, .. } = request;
    let tokens = padded.rows();
    let encoded = source.map(|source| encode(model, &source, tokens.len(), settings)).transpose()?;
    if encoded.is_some() && past_key_values.is_some() {
        return Err(Error::unsupported("past_key_values in generate() of an encoder-decoder"));
    }
    let sources: Vec<Vec<i64>> = source
        .and_then(|source| source.input_ids)
        .map_or_else(Vec::new, |ids| ids.values.chunks_exact(ids.shape[1].max(1)).map(<[i64]>::to_vec).collect());
    let mut assistant = assistant
        .map(|AssistantModel { model, config }| -> Result<_> { Ok((drafting(model, source.as_ref())?, config)) })
        .transpose()?;
    let num_slots = settings.num_slots(tokens.len());
    let run = |sequences: &mut dyn Sequences, cached: &[Vec<i64>]| {
        let call = Call {
            seed: request.seed,
            past: cached,
            sources: &sources,
            processors: request.processors,
            stopping_criteria: request.stopping_criteria,
            step_criteria: request.step_criteria,
            decode: tokenizer.cloned().map(|tokenizer| decoder(tokenizer, false)),
            assistant: assistant.as_mut().map(|(sequences, config)| Assistant {
                sequences: &mut **sequences,
                config,
                past: &[],
            }),
            streamer: request.streamer.map(|streamer| streamer as &mut dyn Streamer),
            cancel: request.cancel,
        };
        let generated = generation::generate(sequences, &tokens, settings, call)?;
        Ok(Generation { generated, vocab_size: sequences.vocab_size(), past_key_values: None, encoder: None })
    };
    let prompts = Prompts { tokens: &tokens, mask: padded.attention_mask(), num_slots };
    if let Some(cache) = past_key_values {
        return continued(cache.lease()?.past(model, tokens.len())?, &prompts, settings, run);
    }
    let has_cache = settings.num_beams() == 1 && settings.returns_dict() && settings.uses_cache();
    if let Some((encoder, mut sequences)) = encoded {
        if padded.has_padding() {
            let copies = num_slots / tokens.len().max(1);
            for slot in 0..num_slots {
                let (input_ids, mask) = padded.padded_row(slot / copies);
                sequences.place(slot, input_ids, mask)?;
            }
        }
        let encoder = settings.returns_dict().then_some(encoder);
        if !has_cache {
            return Ok(Generation { encoder, ..run(&mut *sequences, &[])? });
        }
        let mut past = PastKeyValues::of(model.clone(), sequences, num_slots);
        let generation = continued(&mut past, &prompts, settings, run)?;
        return Ok(Generation { past_key_values: Some(past.into()), encoder, ..generation });
    }
    if !has_cache {
        return run(&mut *model.clone().sequences(num_slots)?, &[]);
    }
    let mut past = PastKeyValues::new(model.clone(), num_slots)?;
    let generation = continued(&mut past, &prompts, settings, run)?;
    Ok(Generation { past_key_values: Some(past.into()), ..generation })
}

/// The sequences of an assistant, of which one slot is used. An encoder-decoder encodes the source by itself.
fn drafting(model: Arc<dyn Model>, source: Option<&SourceCall<'_>>) -> Result<Box<dyn Sequences>> {
    let has_encoder = model.clone().encoder_decoder().is_some();
    match source {
        None if has_encoder => {
            Err(Error::unsupported("an encoder-decoder as the assistant of a model without an encoder"))
        }
        None => model.sequences(1),
        Some(_) if !has_encoder => {
            Err(Error::unsupported("a model without an encoder as the assistant of an encoder-decoder"))
        }
        Some(SourceCall { input_ids: None, .. }) => {
            Err(Error::input("assistant_model", "encodes the source by itself; pass input_ids"))
        }
        Some(SourceCall { input_ids, attention_mask, .. }) => {
            let source = SourceCall { input_ids: *input_ids, attention_mask: *attention_mask, ..SourceCall::default() };
            Ok(source.encode(&model, 1, false)?.1)
        }
    }
}

/// Encodes the sources of a request of `num_prompts` prompts, with slots for their sequences.
fn encode(
    model: &Arc<dyn Model>,
    source: &SourceCall<'_>,
    num_prompts: usize,
    settings: &Settings,
) -> Result<(ModelOutput, Box<dyn CachedSequences>)> {
    source.check_sequences(num_prompts)?;
    let copies = settings.num_slots(num_prompts) / num_prompts.max(1);
    let encodes = source.encoder_outputs.is_none();
    let source = SourceCall {
        hidden_states: encodes && settings.outputs_hidden_states(),
        attentions: encodes && settings.outputs_attentions(),
        ..*source
    };
    source.encode(model, copies, settings.returns_dict())
}

/// Continues prompts from cached tokens and extends the cache.
fn continued(
    past: &mut PastKeyValues,
    prompts: &Prompts<'_>,
    settings: &Settings,
    run: impl FnOnce(&mut dyn Sequences, &[Vec<i64>]) -> Result<Generation>,
) -> Result<Generation> {
    if settings.num_beams() > 1 {
        return past.resume_from_copy(prompts, run);
    }
    let generation = past.resume(prompts, run)?;
    past.remember(prompts, generation.generated.rows.iter().map(|row| &row.tokens[..]));
    Ok(generation)
}
