//! Forward passes: every head, precision and cache.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use safetensors::SafeTensors;
use serde_json::{Value, json};
use trustformers_core::{DType, Feed, LogitsOf};
use trustformers_models::{
    Dtype, ForwardCall, Head, HostTensor, Labels, LoadOptions, Model, ModelOutput, PaddedArray, families,
};
use trustformers_ops::{Bits, Grouping, Quantization};

use crate::golden::{self, Golden, Input};
use crate::shared::{self, Load, load_model};

/// Cases in which the reference's output depends on padded positions: on a mean over all positions, or on zeroed
/// embeddings.
const READS_PADDING: [&str; 7] = [
    "deberta-v2 question_answering.labels",
    "deberta-v2 sequence_classification.left_padded",
    "modernbert sequence_classification.left_padded",
    "mpnet base.row_of_padding_only",
    "megatron-bert base.row_of_padding_only",
    "rembert base.row_of_padding_only",
    "squeezebert base.row_of_padding_only",
];
/// This family's own cross entropy for floating-point labels without a `problem_type`.
const OWN_LOSS: [&str; 1] = ["deberta-v2 sequence_classification.labels_multi_inferred"];

/// Goldens of an attention implementation that adds ALiBi twice, in the mask and to the scores; the reference's other
/// implementations, its default included, add it once.
const TAKES_DISTANCES_TWICE: [&str; 4] = [
    "falcon base.alibi_short",
    "falcon base.alibi_left_padded",
    "falcon base.alibi_of_five_heads_short",
    "falcon base.alibi_of_five_heads_left_padded",
];

struct Case<'a> {
    golden: &'a Golden,
    head: Head,
    key: String,
    inputs: BTreeMap<String, Input>,
    case: &'a Value,
}

impl<'a> Case<'a> {
    /// All forward-pass cases of a golden.
    fn all(golden: &'a Golden) -> impl Iterator<Item = Self> {
        golden.cases().filter(|case| case["head"] != "generate").map(|case| Self::of(golden, case))
    }

    fn of(golden: &'a Golden, case: &'a Value) -> Self {
        let key = format!("{}.{}", case["head"].as_str().unwrap(), case["name"].as_str().unwrap());
        let names = case["inputs"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        let inputs = names.map(|name| (name.clone(), golden.input(&format!("{key}.{name}")))).collect();
        Self { golden, head: case["head"].as_str().unwrap().parse().unwrap(), key, inputs, case }
    }

    fn ints(&self, name: &str) -> Option<&[i64]> {
        self.inputs.get(name).map(|input| &input.ints[..])
    }

    fn batch_and_seq(&self) -> (usize, usize) {
        let shape = &self.inputs.get("input_ids").or(self.inputs.get("inputs_embeds")).unwrap().shape;
        (shape[0], shape[1])
    }

    fn run(&self, model: &dyn Model) -> ModelOutput {
        let array = |name: &str| {
            self.inputs.get(name).map(|input| PaddedArray::new(&input.ints[..], [input.shape[0], input.shape[1]]))
        };
        let is_detailed = self.case["name"] == "all_outputs";
        let call = ForwardCall {
            input_ids: array("input_ids"),
            inputs_embeds: self
                .inputs
                .get("inputs_embeds")
                .map(|Input { shape, floats, .. }| PaddedArray::new(&floats[..], [shape[0], shape[1], shape[2]])),
            attention_mask: array("attention_mask"),
            token_type_ids: array("token_type_ids"),
            position_ids: array("position_ids"),
            task_type_ids: array("task_type_ids"),
            labels: match (self.inputs.get("labels"), self.ints("start_positions"), self.ints("end_positions")) {
                (Some(labels), ..) if labels.floats.is_empty() => Some(Labels::Classes(&labels.ints)),
                (Some(labels), ..) => Some(Labels::Targets(&labels.floats)),
                (None, Some(start), Some(end)) => Some(Labels::Spans { start, end }),
                _ => None,
            },
            logits_to_keep: self.case["options"]["logits_to_keep"].as_u64().map(|keep| keep as usize),
            hidden_states: is_detailed,
            attentions: is_detailed,
            ..ForwardCall::default()
        };
        call.run(model, None).unwrap_or_else(|error| panic!("{}: {error}", self.key))
    }

    /// The output of the model with a given name.
    fn found(&self, output: &ModelOutput, name: &str) -> HostTensor {
        let numbered = |list: &[HostTensor]| list[name.rsplit('.').next().unwrap().parse::<usize>().unwrap()].clone();
        let side = |side: usize| {
            let logits = output.logits.as_ref().unwrap();
            let data = logits.data.iter().skip(side).step_by(2).copied().collect();
            HostTensor { shape: logits.shape[..2].to_vec(), data }
        };
        match name {
            "last_hidden_state" => output.last_hidden_state.clone().unwrap(),
            "pooler_output" => output.pooler_output.clone().unwrap(),
            "logits" => output.logits.clone().unwrap(),
            "start_logits" => side(0),
            "end_logits" => side(1),
            "loss" => HostTensor { shape: Vec::new(), data: vec![output.loss.unwrap()] },
            name if name.starts_with("hidden_states.") => numbered(&output.hidden_states),
            name if name.starts_with("attentions.") => numbered(&output.attentions),
            name => panic!("{}: output {name}", self.key),
        }
    }

    /// Zeroes masked positions, whose values are unspecified.
    fn clear_hidden(&self, name: &str, expected: &mut HostTensor) {
        let per_sequence = name == "loss" || name == "pooler_output" || (name == "logits" && !self.head.is_per_token());
        let (Some(mask), false) = (self.ints("attention_mask"), per_sequence) else { return };
        let (batch, seq) = self.batch_and_seq();
        if name.starts_with("attentions.") {
            let heads = expected.shape[1];
            for (row, weights) in expected.data.chunks_exact_mut(seq).enumerate() {
                let (sequence, query) = (row / (heads * seq), row % seq);
                if mask[sequence * seq + query] == 0 {
                    weights.fill(0.0);
                }
            }
            return;
        }
        let width = expected.data.len() / (batch * seq);
        for (vector, seen) in expected.data.chunks_exact_mut(width).zip(mask) {
            if *seen == 0 {
                vector.fill(0.0);
            }
        }
    }

    /// The largest difference of any output computed in `dtype`.
    fn largest_difference(&self, model: &dyn Model, dtype: DType) -> f32 {
        let suffix = if dtype == DType::F32 { String::new() } else { format!(".{dtype}") };
        let output = self.run(model);
        let mut largest = 0.0f32;
        for name in self.case["outputs"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            if dtype != DType::F32 && name == "loss" {
                continue;
            }
            let expected = self.golden.input(&format!("{}.{name}{suffix}", self.key));
            let mut expected = HostTensor { shape: expected.shape, data: expected.floats };
            self.clear_hidden(name, &mut expected);
            let mut found = self.found(&output, name);
            self.clear_hidden(name, &mut found);
            if expected.shape.len() < found.shape.len() && found.shape.last() == Some(&1) {
                expected.shape.push(1);
            }
            assert_eq!(found.shape, expected.shape, "{} {}.{name}", self.golden.model_type(), self.key);
            let differences = found.data.iter().zip(&expected.data).map(|(a, b)| (a - b).abs());
            // `max` would swallow NaN.
            largest = differences.fold(largest, |most, d| if d <= most { most } else { d });
        }
        largest
    }
}

/// Asserts that the largest difference of each head of each family is within the tolerance.
fn check(load: Load, dtype: DType) {
    let scratch = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for golden in Golden::all() {
        let tolerance = golden.manifest["tolerance"][dtype.name()].as_f64().unwrap() as f32;
        let mut models: BTreeMap<(PathBuf, &str, String), Arc<dyn Model>> = BTreeMap::new();
        let mut by_head: BTreeMap<&str, f32> = BTreeMap::new();
        for case in Case::all(&golden) {
            let name = format!("{} {}", golden.model_type(), case.key);
            // Without a mask the reference treats restarting positions as another sequence; we do not.
            let others = [&READS_PADDING[..], &OWN_LOSS, &TAKES_DISTANCES_TWICE].concat();
            if case.case["name"] == "packed" || others.contains(&&name[..]) {
                continue;
            }
            if !case.case["dtypes"].as_array().unwrap().iter().any(|known| known == dtype.name()) {
                continue;
            }
            let dir = golden.checkpoint(case.case, scratch.path());
            let problem_type = case.case["problem_type"].clone();
            let key = (dir.clone(), case.head.name(), problem_type.to_string());
            let model = models.entry(key).or_insert_with(|| {
                let overrides = json!({"problem_type": problem_type});
                let options = LoadOptions { dtype: Dtype::Exactly(dtype), overrides, ..LoadOptions::default() };
                load(&dir, case.head, &options).unwrap_or_else(|error| panic!("{name}: {error}"))
            });
            assert!(model.report().missing.is_empty(), "{name}: {:?}", model.report());
            let difference = case.largest_difference(&**model, dtype);
            let largest = by_head.entry(case.head.name()).or_default();
            *largest = largest.max(difference);
            let is_within = difference <= tolerance;
            if !is_within {
                failures.push(format!("{name} is off by {difference:e}"));
            }
        }
        println!("{} {dtype}: {by_head:?}", golden.model_type());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_family_has_a_golden() {
    let mut found: Vec<String> = Golden::all().iter().map(|golden| golden.model_type().to_owned()).collect();
    found.extend(golden::encoder_decoders());
    found.sort_unstable();
    let mut known: Vec<_> = families().iter().map(|family| family.model_type.to_owned()).collect();
    known.sort_unstable();
    assert_eq!(found, golden::family().map_or(known, |family| vec![family]));
}

#[test]
fn families_on_flex_equal_the_reference_in_f32() {
    check(load_model, DType::F32);
}

#[test]
fn families_on_flex_are_near_the_reference_in_bf16() {
    check(load_model, DType::BF16);
}

#[test]
fn families_on_flex_in_8_bits_have_a_high_cosine_with_the_reference() {
    check_quantized(Quantization::Int8, |_| 0.997);
}

#[test]
fn families_on_flex_in_4_bits_have_a_high_cosine_with_the_reference() {
    for has_mins in [false, true] {
        let grouping = Grouping { bits: Bits::Four, group_size: 32, has_mins };
        // A quantization step is a seventh of the largest weight, and class logits are few and close together.
        check_quantized(Quantization::Groups(grouping), |head| match head {
            Head::Base | Head::Encoder | Head::CausalLm | Head::MaskedLm => 0.85,
            _ => 0.6,
        });
    }
}

/// Asserts the cosine of each head's outputs with quantized weights and the reference's.
fn check_quantized(quantization: Quantization, least: impl Fn(Head) -> f64) {
    let scratch = tempfile::tempdir().unwrap();
    for golden in Golden::all() {
        let mut by_head: BTreeMap<&str, f64> = BTreeMap::new();
        for case in Case::all(&golden) {
            if case.case["name"] != "right_padded" {
                continue;
            }
            let dir = golden.checkpoint(case.case, scratch.path());
            let options = LoadOptions { quantization: Some(quantization), ..LoadOptions::default() };
            let model = load_model(&dir, case.head, &options).unwrap();
            let output = case.run(&*model);
            let (mut products, mut squares) = (0.0, [0.0, 0.0]);
            for name in case.case["outputs"].as_array().unwrap() {
                let name = name.as_str().unwrap();
                let expected = golden.input(&format!("{}.{name}", case.key));
                let mut expected = HostTensor { shape: expected.shape, data: expected.floats };
                case.clear_hidden(name, &mut expected);
                let found = case.found(&output, name);
                for (x, y) in found.data.iter().zip(&expected.data) {
                    let (x, y) = (f64::from(*x), f64::from(*y));
                    products += x * y;
                    squares = [squares[0] + x * x, squares[1] + y * y];
                }
            }
            let cosine = products / (squares[0] * squares[1]).sqrt();
            by_head.insert(case.head.name(), cosine);
            assert!(
                cosine > least(case.head),
                "{} {} {quantization:?}: cosine {cosine}",
                golden.model_type(),
                case.key
            );
        }
        let heads = families().iter().find(|family| family.model_type == golden.model_type()).unwrap().heads.len();
        assert_eq!(by_head.len(), heads, "{}", golden.model_type());
        println!("{} {quantization:?}: {by_head:?}", golden.model_type());
    }
}

/// The largest difference between the logits of sequences read in parts into one cache and of whole sequences.
fn difference_of_cached(model: Arc<dyn Model>, ids: &[Vec<i64>]) -> f32 {
    let whole = |ids: &[i64]| {
        let input_ids = Some(PaddedArray::new(ids, [1, ids.len()]));
        ForwardCall { input_ids, ..ForwardCall::default() }.run(&*model, None).unwrap().logits.unwrap().data
    };
    let expected: Vec<Vec<f32>> = ids.iter().map(|ids| whole(ids)).collect();
    let mut sequences = model.clone().sequences(ids.len() + 1).unwrap();
    let vocab = sequences.vocab_size();
    let mut largest = 0.0f32;
    let mut compare = |found: &[f32], row: usize, at: usize| {
        for (found, expected) in found.iter().zip(&expected[row][at * vocab..][..vocab]) {
            largest = largest.max((found - expected).abs());
        }
    };
    // The prompts, of different lengths, at once; then one token each; then two draft tokens, which are rolled back.
    let first: Vec<Feed<'_>> = ids.iter().enumerate().map(|(row, ids)| Feed::new(row + 1, &ids[..row + 1])).collect();
    let logits = sequences.read(&first, LogitsOf::Last).unwrap();
    for row in 0..ids.len() {
        compare(&logits[row * vocab..][..vocab], row, row);
    }
    for step in 0.. {
        let rows: Vec<usize> = (0..ids.len()).filter(|row| row + 1 + step < ids[*row].len()).collect();
        if rows.is_empty() {
            break;
        }
        let at = |row: usize| row + 1 + step;
        if step % 3 == 2 {
            let feeds: Vec<_> = rows.iter().map(|row| Feed::new(row + 1, &[1, 2])).collect();
            sequences.read(&feeds, LogitsOf::Every).unwrap();
            for row in &rows {
                sequences.truncate(row + 1, at(*row)).unwrap();
            }
            sequences.copy(rows[0] + 1, 0).unwrap();
            sequences.copy(0, rows[0] + 1).unwrap();
        }
        let feeds: Vec<_> = rows.iter().map(|row| Feed::new(row + 1, &ids[*row][at(*row)..][..1])).collect();
        let logits = sequences.read(&feeds, LogitsOf::Every).unwrap();
        for (index, row) in rows.iter().enumerate() {
            compare(&logits[index * vocab..][..vocab], *row, at(*row));
        }
    }
    largest
}

#[test]
fn families_on_flex_compute_the_same_logits_with_a_cache() {
    let scratch = tempfile::tempdir().unwrap();
    for golden in Golden::all().into_iter().filter(|golden| golden.dir.parent().unwrap().ends_with("decoders")) {
        let vocab = golden.input("causal_lm.no_mask.logits").shape[2] as i64;
        let ids: Vec<Vec<i64>> =
            (0..4).map(|row| (0..14 - row).map(|at| (7 + 31 * at + 17 * row * at) % vocab).collect()).collect();
        let overlays = golden.manifest["overlays"].as_object().unwrap().keys();
        let overlays = overlays.filter(|name| *name != "regression").map(|name| json!({"overlay": name}));
        for case in [json!({})].into_iter().chain(overlays) {
            let name = format!("{} {}", golden.model_type(), case["overlay"]);
            // With length-dependent frequencies earlier logits depend on the length of the whole sequence.
            if name.contains("dynamic") || name.contains("longrope") {
                continue;
            }
            let dir = golden.checkpoint(&case, scratch.path());
            let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), ..LoadOptions::default() };
            let model = load_model(&dir, Head::CausalLm, &options).unwrap();
            let difference = difference_of_cached(model, &ids);
            assert!(difference < 1e-4, "{name} is off by {difference:e}");
        }
    }
}

#[test]
fn saved_decoders_equal_their_checkpoints() {
    for golden in Golden::all().into_iter().filter(|golden| golden.dir.parent().unwrap().ends_with("decoders")) {
        let dir = tempfile::tempdir().unwrap();
        let model = load_model(&golden.dir, Head::CausalLm, &LoadOptions::default()).unwrap();
        model.save_pretrained(dir.path()).unwrap();
        let [original, saved] = [&golden.dir, dir.path()].map(|dir| fs::read(dir.join("model.safetensors")).unwrap());
        let (original, saved) =
            (SafeTensors::deserialize(&original).unwrap(), SafeTensors::deserialize(&saved).unwrap());
        for (name, tensor) in saved.iter() {
            let expected = original.tensor(name).unwrap_or_else(|_| panic!("{}: {name}", golden.model_type()));
            assert_eq!(tensor.shape(), expected.shape(), "{} {name}", golden.model_type());
            assert_eq!(tensor.data(), expected.data(), "{} {name}", golden.model_type());
        }
        assert_eq!(original.len() - saved.len(), model.report().unused.len(), "{}", golden.model_type());
    }
}

/// Runs the tests named `families_on_flex...` in separate processes.
#[test]
fn goldens_of_families_hold_under_every_instruction_set() {
    shared::under_every_instruction_set("families_on_flex");
}

#[cfg(feature = "candle")]
#[test]
fn families_on_candle_equal_the_reference_in_f32() {
    check(crate::shared::load_on_candle, DType::F32);
}
