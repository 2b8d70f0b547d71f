use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use trustformers_checkpoint::{Checkpoint, LoadReport, Loaded, QuantizedTensors, Rule, Rules, cast, load};
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{AttentionKind, EngineBackend, Keep, Precision};

use crate::dense::tie;
use crate::family::{DecoderFamily, EncoderDecoderFamily, EncoderFamily, Family, to_json};
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};
use crate::load::assembly::Assembly;
use crate::load::initialize::initialize;
use crate::load::precision::LoadedPrecision;
use crate::load::settings::{Settings, check_decoder, check_shared};
use crate::load::tables::{self, Tying, name_encoder_table};
use crate::model::{Description, LoadedModel, SourceLimits};
use crate::{LoadBalance, Model};

/// Default of `router_aux_loss_coef` of every family in transformers 5.23.0.
const DEFAULT_COEFFICIENT: f64 = 0.001;

/// Configuration, checkpoint and options of a model to build; without a checkpoint the weights are random.
pub(crate) struct Source {
    pub(crate) head: Head,
    pub(crate) config: ConfigReader,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) precision: LoadedPrecision,
    pub(crate) ignores_mismatched_sizes: bool,
    /// Whether unknown configuration keys are an error.
    pub(crate) strict_config: bool,
    /// The `quantization_config` of `config.json`; null if there is none.
    pub(crate) quantization_config: Value,
    pub(crate) purpose: Purpose,
}

/// What a model is built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Inference: weights are in the layout of the backend's kernels.
    #[default]
    Inference,
    /// One recorded pass: weights are dense.
    Training,
    /// Its names and shapes: the weights have no memory.
    Structure,
}

/// Builds and loads a model of an encoder family.
pub(crate) fn encoder<F: EncoderFamily, B: EngineBackend>(
    mut source: Source,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let config = source.config.json();
    let mut settings = Settings::read(&source.config)?;
    let stated = source.config.peek("tie_word_embeddings").and_then(Value::as_bool);
    settings.tie_word_embeddings = F::ties_embeddings(stated);
    source.config.rename_all(F::ALIASES);
    check_shared(&mut source.config)?;
    let family = F::read_config(&mut source.config)?;
    let limits = family.limits();
    let head = source.head;
    let class_name = class_name(Family::encoders::<F>(), &source)?;
    let spec = family.head(head);
    let has_pooler = spec.map_or(F::HAS_POOLER, |spec| spec.input == nn::HeadInput::Pooled);
    let mut stack = family.encoder();
    let embeddings = &mut stack.embeddings;
    let padding = F::PADDING.or_else(|| padding_token(&config, F::TOKENS));
    embeddings.padding_token = row_of(padding, Some(embeddings.vocab_size));
    embeddings.padding_position = row_of(padding.filter(|_| F::PADS_POSITIONS), embeddings.num_positions);
    let pooler = stack.pooler.filter(|_| has_pooler);
    let placement = nn::Placement::on(device, stack.layers.len());
    let made = spec.map(|spec| (spec.input, head_of(&spec, &settings, limits, head, &placement.output)));
    let base = nn::Encoder::<B>::new(&nn::EncoderConfig { pooler, ..stack }, placement);
    let is_other = |checkpoint: &Checkpoint| spec.is_some_and(|spec| has_other_output(checkpoint, &spec));
    let is_tied =
        head == Head::MaskedLm && settings.tie_word_embeddings && !source.checkpoint.as_ref().is_some_and(is_other);
    let mut rules = rules(spec, is_tied, F::PREFIX);
    let names = source.checkpoint.iter().flat_map(|checkpoint| checkpoint.tensors().keys());
    let segments: HashSet<&str> = names.flat_map(|name| name.split('.')).collect();
    rules.0.extend(family.weights(&|segment| segments.contains(segment)));
    let attention = AttentionKind::Bidirectional;
    let stated = Stated { config, settings, limits, attention, rules, class_name, load_balance: None };
    Ok(Arc::new(stated.load(nn::EncoderModel::new(base, made), &family, source)?))
}

/// Builds and loads a model of a decoder family.
pub(crate) fn decoder<F: DecoderFamily, B: EngineBackend>(
    mut source: Source,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let config = source.config.json();
    let mut settings = Settings::read(&source.config)?;
    if source.config.peek("tie_word_embeddings").is_none_or(Value::is_null) {
        settings.tie_word_embeddings = F::TIES_EMBEDDINGS;
    }
    let head = source.head;
    let class_name = class_name(Family::decoders::<F>(), &source)?;
    source.config.rename_all(F::ALIASES);
    check_shared(&mut source.config)?;
    check_decoder(&mut source.config)?;
    let family = F::read_config(&mut source.config)?;
    let mut stack = family.decoder();
    let padding = padding_token(&config, F::TOKENS).filter(|_| F::PADS_EMBEDDINGS);
    stack.padding_token = row_of(padding, Some(stack.vocab_size));
    // In the reference any falsy `is_causal`, null included, makes a decoder's attention bidirectional.
    if F::READS_IS_CAUSAL && !source.config.take_or("is_causal", true)? {
        stack.attention = AttentionKind::Bidirectional;
        // The reference's bidirectional window includes one more position on either side.
        stack
            .layers
            .iter_mut()
            .for_each(|layer| layer.attention.scores.window.iter_mut().for_each(|window| *window += 1));
    }
    let limits = limits(&stack, family.positions(), head);
    let experts = stack.layers.iter().find_map(|layer| layer.experts);
    let load_balance = experts.map(|experts| LoadBalance {
        num_experts_per_tok: experts.num_experts_per_tok,
        coefficient: config["router_aux_loss_coef"].as_f64().unwrap_or(DEFAULT_COEFFICIENT),
    });
    let mut spec = family.head(head);
    if let (Head::TokenClassification, Some(spec)) = (head, &mut spec) {
        spec.has_bias &= settings.token_classification_bias;
    }
    let placement = nn::Placement::on(device, stack.layers.len());
    let made = spec.map(|spec| head_of(&spec, &settings, limits, head, &placement.output));
    // A stored head weight takes precedence over `tie_word_embeddings`.
    let mut names = spec.iter().flat_map(|spec| spec.names).map(|(_, stored)| format!("{stored}.weight"));
    let is_stored = |name: String| source.checkpoint.iter().any(|checkpoint| checkpoint.tensors().contains_key(&name));
    let is_stored = names.any(is_stored);
    let is_tied = head == Head::CausalLm && settings.tie_word_embeddings && !is_stored;
    let mut rules = rules(spec, is_tied, F::PREFIX);
    rules.0.push(Rule::Buffer("rotary_emb.inv_freq"));
    rules.0.extend(family.weights());
    let logits = if head == Head::CausalLm { family.logits() } else { crate::family::Logits::default() };
    let base = nn::Decoder::<B>::new(&stack, placement);
    let module = nn::DecoderModel::new(base, made, logits.multiplier, logits.softcap);
    let stated = Stated { config, settings, limits, attention: stack.attention, rules, class_name, load_balance };
    Ok(Arc::new(stated.load(module, &family, source)?))
}

/// Builds and loads a model of an encoder-decoder family.
pub(crate) fn encoder_decoder<F: EncoderDecoderFamily, B: EngineBackend>(
    mut source: Source,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let config = source.config.json();
    let mut settings = Settings::read(&source.config)?;
    settings.tie_word_embeddings = F::ties_embeddings(settings.tie_word_embeddings);
    let head = source.head;
    let class_name = class_name(Family::encoder_decoders::<F>(), &source)?;
    source.config.rename_all(F::ALIASES);
    check_shared(&mut source.config)?;
    source.config.ignore("is_decoder");
    source.config.ignore("is_encoder_decoder");
    let family = F::read_config(&mut source.config)?;
    if F::OF_ENCODER.contains(&head) {
        return encoder_alone::<F, B>(Prepared { family, config, settings, class_name }, source, device);
    }
    let (mut encoder, mut decoder) = (family.encoder(), family.decoder());
    let padding = padding_token(&config, F::TOKENS).filter(|_| F::PADS_EMBEDDINGS);
    for stack in [&mut encoder, &mut decoder] {
        stack.padding_token = row_of(padding, Some(stack.vocab_size));
    }
    let with_positions = |limits: Limits, stack: &nn::DecoderConfig| {
        let fixed = stack.sinusoids.filter(|sinusoids| sinusoids.is_stored).map(|sinusoids| sinusoids.num_positions);
        Limits { max_position_embeddings: limits.max_position_embeddings.or(fixed), ..limits }
    };
    let source_limits = with_positions(limits(&encoder, family.positions(), Head::Base), &encoder);
    let limits = with_positions(limits(&decoder, family.positions(), head), &decoder);
    let spec = family.head(head);
    let decoder_placement = nn::Placement::on(device, decoder.layers.len());
    let made = spec.map(|spec| head_of(&spec, &settings, limits, head, &decoder_placement.output));
    let tying = Tying {
        shares: family.shares_embeddings(),
        ties: settings.tie_word_embeddings,
        ties_head_first: F::TIES_HEAD_FIRST,
        has_head: head == Head::Seq2SeqLm,
    };
    let tables = source.checkpoint.as_mut().map_or_else(|| tying.unstored(), |checkpoint| tying.resolve(checkpoint));
    let is_tied = tables.ties_head;
    let mut rules = rules(spec, is_tied, F::prefix(head));
    rules.0.push(Rule::Neutral("head.output.bias"));
    rules.0.extend(tables::rules(tying, tables));
    rules.0.extend(family.weights());
    let logit_multiplier = if head == Head::Seq2SeqLm { family.logit_multiplier() } else { 1.0 };
    let encoder_placement = nn::Placement::on(device, encoder.layers.len());
    let encoder = nn::Decoder::<B>::new(&encoder, encoder_placement);
    let base = nn::EncoderDecoder::new(encoder, nn::Decoder::new(&decoder, decoder_placement));
    let module = nn::EncoderDecoderModel::new(base, made, logit_multiplier);
    let attention = AttentionKind::Causal;
    let (pad, start) = (padding_token(&config, F::TOKENS), special_token("decoder_start_token_id", &config, F::TOKENS));
    let stated = Stated { config, settings, limits, attention, rules, class_name, load_balance: None };
    let model = stated.load(module, &family, source)?;
    let source = Some(SourceLimits {
        limits: source_limits,
        classified_token: family.classified_token(),
        targets: F::targets(head),
        pad,
        start,
    });
    Ok(Arc::new(LoadedModel { source, ..model }))
}

/// A family's configuration before a model of it is built.
struct Prepared<F> {
    family: F,
    config: Value,
    settings: Settings,
    class_name: String,
}

/// Builds and loads the encoder of an encoder-decoder family.
fn encoder_alone<F: EncoderDecoderFamily, B: EngineBackend>(
    prepared: Prepared<F>,
    mut source: Source,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let Prepared { family, mut config, settings, class_name } = prepared;
    config["is_encoder_decoder"] = json!(false);
    let head = source.head;
    let stack = family.encoder();
    let limits = limits(&stack, family.positions(), head);
    let spec = family.head(head);
    let placement = nn::Placement::on(device, stack.layers.len());
    let made = spec.map(|spec| head_of(&spec, &settings, limits, head, &placement.output));
    source.checkpoint.iter_mut().for_each(name_encoder_table);
    let mut rules = rules(spec, false, F::prefix(head));
    rules.0.push(Rule::Within { part: "encoder", other: "decoder" });
    rules.0.push(Rule::Rename { field: "encoder.embed_tokens", stored: "shared" });
    rules.0.push(Rule::Buffer("encoder.embed_tokens.weight"));
    rules.0.extend(family.weights());
    let base = nn::Decoder::<B>::new(&stack, placement);
    let module = nn::DecoderModel::new(base, made, 1.0, None);
    let attention = stack.attention;
    let stated = Stated { config, settings, limits, attention, rules, class_name, load_balance: None };
    Ok(Arc::new(stated.load(module, &family, source)?))
}

/// Whether a checkpoint stores an output layer with another weight than its token embeddings.
fn has_other_output(checkpoint: &Checkpoint, spec: &HeadSpec) -> bool {
    const TABLES: [&str; 3] = ["word_embeddings.weight", "tok_embeddings.weight", "embed_tokens.weight"];
    let output = spec.names.iter().find(|(field, _)| *field == "head.output");
    let output = output.and_then(|(_, stored)| checkpoint.ending_in(&format!("{stored}.weight")));
    let table = TABLES.iter().find_map(|end| checkpoint.ending_in(end));
    matches!((output, table), (Some((_, output)), Some((_, table))) if output.shape == table.shape && output.bytes != table.bytes)
}

fn limits(stack: &nn::DecoderConfig, positions: crate::forward::input::PositionRule, head: Head) -> Limits {
    let inner = |layer: &nn::LayerConfig| {
        let routed = layer.experts.map_or(0, |experts| {
            let shared = experts.shared.map_or(0, |shared| shared.intermediate_size);
            experts.num_experts_per_tok * (experts.expert.intermediate_size + stack.hidden_size) + shared
        });
        layer.feed_forward.intermediate_size.max(routed)
    };
    let widest = stack.layers.iter().map(inner).max().unwrap_or(0);
    let logits = if matches!(head, Head::CausalLm | Head::Seq2SeqLm) { stack.vocab_size } else { 0 };
    Limits {
        vocab_size: stack.vocab_size,
        max_position_embeddings: stack.positions.map(|(count, _)| count),
        type_vocab_size: usize::MAX,
        task_type_vocab_size: None,
        embedding_size: stack.embedding_size,
        hidden_size: stack.embedding_size,
        positions,
        bytes_per_token: 4 * (8 * stack.hidden_size + 4 * widest + 2 * logits),
        bytes_per_pair: 0,
        hidden_attention: 0.0,
    }
}

/// The padding token of a `config.json`, or else that of a family's default `tokens`.
fn padding_token(config: &Value, tokens: &[(&str, i64)]) -> Option<i64> {
    special_token("pad_token_id", config, tokens)
}

/// A special token of a `config.json`, or else that of a family's default `tokens`.
fn special_token(key: &str, config: &Value, tokens: &[(&str, i64)]) -> Option<i64> {
    let of_family = || tokens.iter().find(|(name, _)| *name == key).map(|(_, id)| *id);
    config.get(key).map_or_else(of_family, Value::as_i64)
}

/// The row of an id in a table of `count` rows; a negative id counts from the end, as in the reference.
fn row_of(id: Option<i64>, count: Option<usize>) -> Option<usize> {
    let (id, count) = (id?, i64::try_from(count?).ok()?);
    usize::try_from(if id < 0 { id + count } else { id }).ok()
}

/// The name of the class with the head.
///
/// **Errors:** `Unsupported` if the family has no such head.
fn class_name(mut families: impl Iterator<Item = Family>, source: &Source) -> Result<String> {
    let model_type = source.config.peek_str("model_type");
    let family = families.find(|family| Some(family.model_type) == model_type);
    let family = family.ok_or_else(|| Error::internal(format!("{model_type:?} is no family")))?;
    let name = family.class_name(source.head);
    if family.heads.contains(&source.head) {
        return Ok(name);
    }
    let known: Vec<_> = family.heads.iter().map(|head| family.class_name(*head)).collect();
    Err(Error::unsupported(format!("{name}; there are {}", known.join(", "))))
}

fn head_of<B: EngineBackend>(
    spec: &HeadSpec,
    settings: &Settings,
    limits: Limits,
    head: Head,
    device: &B::Device,
) -> nn::Head<B> {
    let num_outputs = num_outputs(head, settings, limits);
    let hidden_size = limits.hidden_size;
    let HeadSpec { transform, has_bias, output_width, .. } = *spec;
    // As in the reference, so that a classifier can be trained on a quantized base.
    let is_quantizable =
        !matches!(head, Head::SequenceClassification | Head::TokenClassification | Head::QuestionAnswering);
    let config = nn::HeadConfig { hidden_size, transform, num_outputs, has_bias, output_width, is_quantizable };
    nn::Head::new(&config, device)
}

fn num_outputs(head: Head, settings: &Settings, limits: Limits) -> usize {
    match head {
        Head::MaskedLm | Head::CausalLm | Head::Seq2SeqLm => limits.vocab_size,
        Head::QuestionAnswering => 2,
        Head::Base | Head::Encoder | Head::SequenceClassification | Head::TokenClassification => settings.num_labels,
    }
}

/// A model's description and weight rules before its weights are loaded.
struct Stated {
    config: Value,
    settings: Settings,
    limits: Limits,
    attention: AttentionKind,
    rules: Rules,
    class_name: String,
    load_balance: Option<LoadBalance>,
}

impl Stated {
    fn load<B: EngineBackend, M: Assembly<B>>(
        self,
        module: M,
        family: &impl Serialize,
        source: Source,
    ) -> Result<LoadedModel<M>> {
        let Self { mut config, settings, limits, attention, rules, class_name, load_balance } = self;
        let Source {
            head,
            config: reader,
            checkpoint,
            precision,
            ignores_mismatched_sizes,
            strict_config,
            quantization_config,
            purpose,
        } = source;
        let unknown_config_keys = reader.finish(strict_config)?;
        let (mut module, quantized, report) = match &checkpoint {
            Some(checkpoint) => {
                let Loaded { module, quantized, report } =
                    load::<B, M>(module, checkpoint, &rules, ignores_mismatched_sizes)?;
                let mismatched = report.mismatched.iter().map(|(name, ..)| name);
                let fresh: Vec<&String> = report.missing.iter().chain(mismatched).collect();
                let module = initialize(module, &rules, &settings, |name| fresh.iter().any(|fresh| *fresh == name))?;
                (module, quantized, report)
            }
            None if purpose == Purpose::Structure => (module, QuantizedTensors::default(), LoadReport::default()),
            None => {
                (initialize(module, &rules, &settings, |_| true)?, QuantizedTensors::default(), LoadReport::default())
            }
        };
        tie::<B, M>(&mut module, &rules);
        let LoadedPrecision { linear, dtype } = precision;
        if purpose == Purpose::Inference {
            module.prepare(&nn::Preparation { precision: linear, dtype, quantized: &|id| quantized.of(id) });
        }
        // An embedding table is no linear weight; a tied one is packed for the head as well.
        let module = quantized.dequantize(module);
        let is_quantized = !quantized.is_empty() || matches!(linear, Precision::Quantized(_));
        let module = if purpose == Purpose::Structure { module } else { cast(module, precision.dtype) };
        if let (Some(keys), Value::Object(defaults)) = (config.as_object_mut(), to_json(family)?) {
            // A model built from a partial configuration reports the defaults it was built with.
            if checkpoint.is_none() {
                for (key, value) in defaults {
                    keys.entry(key).or_insert(value);
                }
            }
            keys.insert("architectures".to_owned(), json!([class_name]));
            if !quantization_config.is_null() {
                keys.insert("quantization_config".to_owned(), quantization_config);
            }
        }
        let num_outputs = num_outputs(head, &settings, limits);
        let (dtype, max_tokens) = (precision.dtype, limits.max_tokens());
        let description = Description {
            head,
            settings,
            config,
            unknown_config_keys,
            dtype,
            num_outputs,
            attention,
            max_tokens,
            reads_padding: module.reads_padding(),
            load_balance,
            report,
        };
        let kept_memory = (purpose == Purpose::Structure).then(Keep::new);
        Ok(LoadedModel {
            description,
            limits,
            source: None,
            precision,
            is_quantized,
            module,
            rules,
            adapters: Vec::new(),
            kept_memory,
        })
    }
}

fn rules(spec: Option<HeadSpec>, is_tied: bool, prefix: &'static str) -> Rules {
    let mut rules = vec![Rule::Optional("head"), Rule::Optional("base.pooler"), Rule::Buffer("position_ids")];
    rules.push(Rule::Buffer("embeddings.token_type_ids"));
    if is_tied {
        rules.push(Rule::Tied("head.output.weight"));
    }
    rules.extend(spec.iter().flat_map(|spec| spec.names).map(|(field, stored)| Rule::Head { field, stored }));
    rules.push(Rule::Part { field: "base", stored: prefix, is_written: spec.is_some() });
    Rules(rules)
}
