//! Forward calls with padded arrays: what is rejected, and what the outputs hold.

use std::path::Path;
use std::sync::Arc;

use trustformers_core::DType;
use trustformers_models::{
    Dtype, ForwardCall, Head, IGNORED, Labels, LoadOptions, Model, PackedBatch, PaddedArray, SequenceInput,
};

use crate::shared::load_model;

const MASK: [i64; 8] = [1, 1, 1, 0, 0, 1, 1, 1];

fn load(golden: &str, head: Head) -> Arc<dyn Model> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens").join(golden);
    let options = LoadOptions { dtype: Dtype::Exactly(DType::F32), ..LoadOptions::default() };
    load_model(&dir, head, &options).unwrap()
}

fn array(values: &[i64]) -> PaddedArray<'_, i64, 2> {
    PaddedArray::new(values, [2, values.len() / 2])
}

fn call(mask: &[i64]) -> ForwardCall<'_> {
    let input_ids = Some(array(&[5, 6, 7, 8, 9, 10, 11, 12]));
    ForwardCall { input_ids, attention_mask: Some(array(mask)), ..ForwardCall::default() }
}

#[test]
fn rejects_arrays_that_do_not_fit_each_other() {
    let model = load("decoders/llama", Head::CausalLm);
    let ids = call(&MASK);
    let labels = [[IGNORED, 6, 7, IGNORED], [IGNORED, IGNORED, 11, 12]].concat();
    let after_masked = [[IGNORED, 6, 7, IGNORED], [IGNORED, 10, 11, 12]].concat();
    let embeds = [0.0; 2 * 4 * 3];
    for (call, named) in [
        (ForwardCall { attention_mask: Some(array(&[1; 6])), ..ids }, "attention_mask: has shape (2, 3), expected"),
        (ForwardCall { position_ids: Some(array(&[0; 2])), ..ids }, "position_ids: has shape (2, 1), expected"),
        (ForwardCall { input_ids: None, ..ids }, "input_ids: missing"),
        (ForwardCall { input_ids: Some(array(&[])), ..ids }, "the batch is empty: shape (2, 0)"),
        (ForwardCall { inputs_embeds: Some(PaddedArray::new(&embeds, [2, 4, 3])), ..ids }, "not both"),
        (
            ForwardCall { input_ids: None, inputs_embeds: Some(PaddedArray::new(&embeds, [2, 4, 3])), ..ids },
            "width 3, expected shape (2, 4, ",
        ),
        (
            ForwardCall {
                attention_mask: Some(array(&[1, 1, 1, 1, 1, 0, 0, 1])),
                labels: Some(Labels::Classes(&after_masked)),
                ..ids
            },
            "row 1, column 2, which follows a masked token",
        ),
        (
            ForwardCall { labels: Some(Labels::Classes(&labels)), logits_to_keep: Some(2), ..ids },
            "logits_to_keep: the loss of labels needs",
        ),
        (ForwardCall { token_type_ids: Some(array(&[0; 8])), ..ids }, "token_type_ids"),
    ] {
        let error = call.run(&*model, None).unwrap_err().to_string();
        assert!(error.contains(named), "{error} does not say {named}");
    }
    let output = ForwardCall { labels: Some(Labels::Classes(&labels)), ..ids }.run(&*model, None).unwrap();
    assert!(output.loss.unwrap().is_finite());
}

#[test]
fn kept_logits_are_those_of_the_last_columns() {
    for (golden, head) in [("decoders/llama", Head::CausalLm), ("encoders/roberta", Head::MaskedLm)] {
        let model = load(golden, head);
        for mask in [MASK, [1; 8]] {
            let all = call(&mask).run(&*model, None).unwrap().logits.unwrap();
            let width = all.shape[2];
            let kept = ForwardCall { logits_to_keep: Some(2), ..call(&mask) };
            let kept = kept.run(&*model, None).unwrap().logits.unwrap();
            assert_eq!(kept.shape, [2, 2, width]);
            let last = |row: usize| &all.data[(row * 4 + 2) * width..(row * 4 + 4) * width];
            let expected = [last(0), last(1)].concat();
            let difference = kept.data.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(difference < 1e-5, "{golden}: off by {difference:e}");
            let is_zero = kept.data[width..2 * width].iter().all(|logit| *logit == 0.0);
            assert_eq!(is_zero, mask == MASK, "{golden}");
        }
    }
}

#[test]
fn labels_have_masked_tokens_computed_only_if_the_loss_reads_them() {
    let hidden = |head, mask: &[i64], labels: &[i64]| {
        let labels = Some(Labels::Classes(labels));
        let output =
            ForwardCall { labels, hidden_states: true, ..call(mask) }.run(&*load("encoders/roberta", head), None);
        let output = output.unwrap();
        assert!(output.loss.unwrap().is_finite());
        let state = output.hidden_states.into_iter().next_back().unwrap();
        let width = state.shape[2];
        state.data[3 * width..4 * width].iter().any(|value| *value != 0.0)
    };
    let after = [[IGNORED, 6, 7, IGNORED], [IGNORED, IGNORED, 11, 12]].concat();
    let at = [[IGNORED, 6, 7, 8], [IGNORED, IGNORED, 11, 12]].concat();
    assert!(!hidden(Head::MaskedLm, &MASK, &after));
    assert!(hidden(Head::MaskedLm, &MASK, &at));
    assert!(!hidden(Head::SequenceClassification, &MASK, &[0, 1]));
    assert!(hidden(Head::SequenceClassification, &[[0; 4], [1; 4]].concat(), &[0, 1]));
}

/// As `GenericForSequenceClassification` of transformers 5.23.0 does, which reads the first token if all are padding.
#[test]
fn a_classifier_reads_each_sequence_at_its_own_last_token() {
    let model = load("decoders/llama", Head::SequenceClassification);
    let pad = model.settings().pad_token_id.unwrap();
    let logits = |ids: &[i64], mask: &[i64]| {
        let seq = ids.len() / 2;
        let array = |values| Some(PaddedArray::new(values, [2, seq]));
        let call = ForwardCall { input_ids: array(ids), attention_mask: array(mask), ..ForwardCall::default() };
        call.run(&*model, None).unwrap().logits.unwrap()
    };
    let expected = logits(&[5, 6, 7, pad, 8, 9], &[1; 6]);
    let found = logits(&[5, 6, 7, 9, 8, 7], &[1, 1, 1, 0, 0, 0]);
    let width = expected.shape[1];
    assert_eq!((&found.shape, &found.data[..width]), (&expected.shape, &expected.data[..width]));
    assert_eq!(found.data[width..], vec![0.0; width]);
    let found = logits(&[9, 8, 7, 5, 6, 7], &[0, 0, 0, 1, 1, 1]);
    assert_eq!((&found.data[..width], &found.data[width..]), (&vec![0.0; width][..], &expected.data[..width]));
    let found = logits(&[pad, pad, pad, 5, 6, 7], &[1; 6]);
    let first = logits(&[pad, 5, 5, 5, 6, 7], &[1, 0, 0, 1, 1, 1]);
    let difference = found.data.iter().zip(&first.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-5, "off by {difference:e}");
}

/// The outputs of sequences packed without padding equal those of the padded batch.
#[test]
fn packed_sequences_give_the_rows_of_a_padded_batch() {
    for golden in ["base_model", "encoders/mpnet", "decoders/llama"] {
        let model = load(golden, Head::Base);
        let rows: [&[i64]; 2] = [&[5, 6, 7], &[8, 9, 10, 11, 12]];
        let sequences = rows.map(|ids| SequenceInput { input_ids: ids, ..SequenceInput::default() });
        let batch = PackedBatch::new(&model.packing(), &sequences).unwrap();
        let output = model.forward(&batch, Default::default()).unwrap();
        let packed: Vec<f32> =
            batch.sequences(&output.last_hidden_state, [3, 5]).flat_map(|sequence| sequence.data).collect();
        let padded = ForwardCall {
            input_ids: Some(array(&[5, 6, 7, 1, 1, 8, 9, 10, 11, 12])),
            attention_mask: Some(array(&[1, 1, 1, 0, 0, 1, 1, 1, 1, 1])),
            ..ForwardCall::default()
        };
        let padded = padded.run(&*model, None).unwrap().last_hidden_state.unwrap();
        let width = padded.shape[2];
        let expected = [&padded.data[..3 * width], &padded.data[5 * width..]].concat();
        assert_eq!(packed, expected, "{golden}");
    }
}
