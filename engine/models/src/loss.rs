use std::borrow::Cow;

use trustformers_core::{Error, Result};

use crate::forward::packed_batch::PackedBatch;
use crate::forward::padded_array::PaddedArray;
use crate::{Head, HostTensor, Model};

/// Target labels of a loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Labels<'a> {
    /// A class for every token or sequence; -100 is ignored.
    Classes(&'a [i64]),
    /// A float for every logit of every sequence.
    Targets(&'a [f32]),
    /// Start and end position of every sequence's answer; positions at or beyond the sequence's end are ignored.
    Spans {
        /// Start position of each answer.
        start: &'a [i64],
        /// End position of each answer.
        end: &'a [i64],
    },
}

/// The class that the loss ignores.
pub const IGNORED: i64 = -100;

/// A loss whose labels fit the model and the batch, as in transformers 5.23.0.
#[derive(Debug, PartialEq)]
pub(crate) enum Loss<'a> {
    /// Mean cross entropy with a class per row of logits; [`IGNORED`] rows do not count.
    CrossEntropy(Cow<'a, [i64]>),
    /// Mean squared error with a target per logit.
    Regression(Vec<f32>),
    /// Mean binary cross entropy with a target per logit.
    MultiLabel(Vec<f32>),
    /// Mean cross entropy of start and end positions.
    Spans([&'a [i64]; 2]),
}

impl<'a> Loss<'a> {
    /// The loss of a model's head for `labels`; `problem_type`, or else the type of the labels,
    /// selects a sequence classifier's loss.
    ///
    /// `mask`, `[batch, past + seq]`, is zero at padding: the next token of left padding is no target.
    ///
    /// **Errors:** `Input` if the labels do not fit the logits of a batch of shape `[batch, seq]`; `Unsupported` for a
    /// model without a head.
    pub(crate) fn new(
        model: &dyn Model,
        labels: Labels<'a>,
        [batch, seq]: [usize; 2],
        mask: Option<PaddedArray<'_, i64, 2>>,
    ) -> Result<Self> {
        let (head, num_outputs) = (model.head(), model.description().num_outputs);
        match (head, labels) {
            (Head::Base | Head::Encoder, _) => {
                Err(Error::unsupported("labels for a base model; load the model with a head to compute a loss"))
            }
            (Head::QuestionAnswering, Labels::Spans { start, end }) => spans(start, end, batch),
            (Head::MaskedLm | Head::Seq2SeqLm | Head::TokenClassification, Labels::Classes(classes)) => {
                cross_entropy(classes, &[batch, seq], num_outputs)
            }
            (Head::CausalLm, Labels::Classes(tokens)) => next_token(tokens, [batch, seq], num_outputs, mask),
            (Head::SequenceClassification, labels) => {
                of_sequences(labels, [batch, num_outputs], model.settings().problem_type.as_deref())
            }
            _ => {
                let expected =
                    if head == Head::QuestionAnswering { "start_positions and end_positions" } else { "integers" };
                Err(Error::input("labels", format!("a model with a {} head takes {expected}", head.name())))
            }
        }
    }

    /// The loss of logits of the batch. **Shapes:** `[batch, seq, outputs]`, or `[batch, outputs]` of a sequence
    /// classifier.
    pub(crate) fn of(&self, logits: &HostTensor) -> f32 {
        let width = logits.shape.last().copied().unwrap_or(0).max(1);
        match self {
            Self::CrossEntropy(classes) => mean_cross_entropy(logits.data.chunks_exact(width), classes),
            Self::Regression(targets) => mean(logits, targets, |x, y| (x - y) * (x - y)),
            // log(1 + exp(-|x|)) neither overflows nor loses small values.
            Self::MultiLabel(targets) => mean(logits, targets, |x, y| x.max(0.0) - x * y + (-x.abs()).exp().ln_1p()),
            Self::Spans(sides) => {
                let seq = logits.shape.get(1).copied().unwrap_or(0);
                let [start, end] = [0, 1].map(|side| mean_of_side(logits, seq, sides[side], side));
                ((start + end) / 2.0) as f32
            }
        }
    }
}

impl Loss<'_> {
    /// The class of each row of a packed batch, -100 where none counts, if the head classifies tokens.
    pub(crate) fn classes_of_rows(&self, batch: &PackedBatch<'_>, head: Head) -> Option<Vec<i64>> {
        match self {
            Self::CrossEntropy(classes) if head.classifies_tokens() => Some(batch.rows_of_tokens(classes, IGNORED)),
            _ => None,
        }
    }

    /// Gradient of the logits, times `factor`. **Shapes:** as [`Loss::of`].
    pub(crate) fn gradient(&self, logits: &HostTensor, factor: f32) -> HostTensor {
        let HostTensor { shape, data } = logits;
        let width = shape.last().copied().unwrap_or(0).max(1);
        let mut found = HostTensor { shape: shape.clone(), data: vec![0.0; data.len()] };
        let factor = f64::from(factor);
        match self {
            Self::CrossEntropy(classes) => {
                let count = classes.iter().filter(|class| **class != IGNORED).count();
                let rows = data.chunks_exact(width).zip(found.data.chunks_exact_mut(width));
                for ((row, found), class) in rows.zip(&**classes).filter(|(_, class)| **class != IGNORED) {
                    let values = row.iter().copied();
                    cross_entropy_gradient(values, *class as usize, factor / count as f64, found.iter_mut());
                }
            }
            Self::Regression(targets) => fill(&mut found, logits, targets, |x, y| 2.0 * (x - y) * factor),
            Self::MultiLabel(targets) => {
                fill(&mut found, logits, targets, |x, y| (1.0 / (1.0 + (-x).exp()) - y) * factor)
            }
            Self::Spans(sides) => {
                let seq = shape.get(1).copied().unwrap_or(0);
                for (side, positions) in sides.iter().enumerate() {
                    let inside = |position: &i64| usize::try_from(*position).unwrap_or(0);
                    let count = positions.iter().filter(|position| inside(position) < seq).count();
                    let len = (2 * seq).max(1);
                    let rows = data.chunks_exact(len).zip(found.data.chunks_exact_mut(len));
                    for ((row, found), position) in rows.zip(*positions) {
                        let position = inside(position);
                        if position < seq {
                            let values = row.iter().skip(side).step_by(2).copied();
                            let found = found.iter_mut().skip(side).step_by(2);
                            cross_entropy_gradient(values, position, factor / (2 * count) as f64, found);
                        }
                    }
                }
            }
        }
        found
    }
}

/// Writes the gradient of the cross entropy of a class, times `factor`.
fn cross_entropy_gradient<'a>(
    values: impl Iterator<Item = f32> + Clone,
    class: usize,
    factor: f64,
    found: impl Iterator<Item = &'a mut f32>,
) {
    let log = log_sum_exp(values.clone());
    for ((at, value), found) in values.enumerate().zip(found) {
        let target = if at == class { 1.0 } else { 0.0 };
        *found = (((f64::from(value) - log).exp() - target) * factor) as f32;
    }
}

/// Writes the gradient of a mean over logits.
fn fill(found: &mut HostTensor, logits: &HostTensor, targets: &[f32], of: impl Fn(f64, f64) -> f64) {
    for ((found, x), y) in found.data.iter_mut().zip(&logits.data).zip(targets) {
        *found = (of(f64::from(*x), f64::from(*y)) / targets.len() as f64) as f32;
    }
}

fn of_sequences<'a>(labels: Labels<'a>, shape: [usize; 2], problem_type: Option<&str>) -> Result<Loss<'a>> {
    let [batch, num_labels] = shape;
    let inferred = match labels {
        _ if num_labels == 1 => "regression",
        Labels::Classes(_) => "single_label_classification",
        _ => "multi_label_classification",
    };
    let targets = |labels: Labels<'_>| {
        let targets: Vec<f32> = match labels {
            Labels::Classes(classes) => classes.iter().map(|class| *class as f32).collect(),
            Labels::Targets(targets) => targets.to_vec(),
            Labels::Spans { .. } => Vec::new(),
        };
        if targets.len() == batch * num_labels {
            return Ok(targets);
        }
        let message = format!("has {} numbers, expected one per logit of shape {shape:?}", targets.len());
        Err(Error::input("labels", message))
    };
    match (problem_type.unwrap_or(inferred), labels) {
        ("regression", labels) => targets(labels).map(Loss::Regression),
        ("single_label_classification", Labels::Classes(classes)) => cross_entropy(classes, &[batch], num_labels),
        ("single_label_classification", _) => Err(Error::input("labels", "expected integers, one class per sequence")),
        ("multi_label_classification", labels) => targets(labels).map(Loss::MultiLabel),
        (other, _) => Err(Error::unsupported(format!("the problem_type \"{other}\""))),
    }
}

/// Cross entropy of a class for each row of `[.., num_classes]`, where `shape` is the rows'.
fn cross_entropy<'a>(classes: &'a [i64], shape: &[usize], num_classes: usize) -> Result<Loss<'a>> {
    if classes.len() != shape.iter().product::<usize>() {
        let message = format!("has {} classes, expected shape {shape:?}", classes.len());
        return Err(Error::input("labels", message));
    }
    check_classes(classes, num_classes)?;
    Ok(Loss::CrossEntropy(Cow::Borrowed(classes)))
}

/// **Errors:** `Input` naming a class that is neither below `num_classes` nor [`IGNORED`].
pub(crate) fn check_classes(classes: &[i64], num_classes: usize) -> Result<()> {
    let is_wrong =
        |class: &&i64| **class != IGNORED && !usize::try_from(**class).is_ok_and(|class| class < num_classes);
    match classes.iter().find(is_wrong) {
        None => Ok(()),
        Some(class) => {
            let last = num_classes.saturating_sub(1);
            let message = format!("class {class} is outside 0..={last} and is not {IGNORED}");
            Err(Error::input("labels", message))
        }
    }
}

/// Cross entropy of each token's logits with the next token, except of left padding with the first token.
fn next_token<'a>(
    tokens: &[i64],
    [batch, seq]: [usize; 2],
    vocab_size: usize,
    mask: Option<PaddedArray<'_, i64, 2>>,
) -> Result<Loss<'a>> {
    if tokens.len() != batch * seq {
        return Err(Error::input("labels", format!("has {} tokens, expected shape ({batch}, {seq})", tokens.len())));
    }
    let next_tokens = tokens.chunks_exact(seq).flat_map(|row| row[1..].iter().copied().chain([IGNORED]));
    let mut next_tokens: Vec<_> = next_tokens.collect();
    if let Some(mask) = mask {
        for (row, next_tokens) in next_tokens.chunks_exact_mut(seq).enumerate() {
            let seen = mask.last_of_row(row, seq).windows(2);
            let firsts = next_tokens.iter_mut().zip(seen).filter(|(_, seen)| seen[0] == 0 && seen[1] != 0);
            firsts.for_each(|(next, _)| *next = IGNORED);
        }
    }
    check_classes(&next_tokens, vocab_size)?;
    Ok(Loss::CrossEntropy(Cow::Owned(next_tokens)))
}

fn spans<'a>(start: &'a [i64], end: &'a [i64], batch: usize) -> Result<Loss<'a>> {
    for (name, positions) in [("start_positions", start), ("end_positions", end)] {
        if positions.len() != batch {
            return Err(Error::input(name, format!("has {} positions for {batch} sequences", positions.len())));
        }
    }
    Ok(Loss::Spans([start, end]))
}

fn mean(logits: &HostTensor, targets: &[f32], of: impl Fn(f64, f64) -> f64) -> f32 {
    let pairs = logits.data.iter().zip(targets);
    let sum: f64 = pairs.map(|(x, y)| of(f64::from(*x), f64::from(*y))).sum();
    (sum / targets.len() as f64) as f32
}

fn mean_cross_entropy<'a>(rows: impl Iterator<Item = &'a [f32]>, classes: &[i64]) -> f32 {
    let (mut sum, mut count) = (0.0, 0);
    for (row, class) in rows.zip(classes).filter(|(_, class)| **class != IGNORED) {
        sum += log_sum_exp(row.iter().copied()) - f64::from(row[*class as usize]);
        count += 1;
    }
    (sum / f64::from(count)) as f32
}

/// Mean cross entropy of one side's positions. **Shapes:** `logits: [batch, seq, 2]`.
fn mean_of_side(logits: &HostTensor, seq: usize, positions: &[i64], side: usize) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for (row, position) in logits.data.chunks_exact((2 * seq).max(1)).zip(positions) {
        let position = usize::try_from(*position).unwrap_or(0);
        if position < seq {
            let all = row.iter().skip(side).step_by(2).copied();
            sum += log_sum_exp(all) - f64::from(row[2 * position + side]);
            count += 1;
        }
    }
    sum / f64::from(count)
}

fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f64 {
    let largest = values.clone().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = values.map(|value| f64::from(value - largest).exp()).sum();
    f64::from(largest) + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], data: &[f32]) -> HostTensor {
        HostTensor { shape: shape.to_vec(), data: data.to_vec() }
    }

    #[test]
    fn ignored_classes_do_not_count() {
        let logits = tensor(&[1, 3, 2], &[0.0, 0.0, 5.0, -5.0, 9.0, 9.0]);
        let loss = |classes: &[i64]| cross_entropy(classes, &[1, 3], 2).map(|loss| loss.of(&logits));
        let found = loss(&[1, IGNORED, 0]).unwrap();
        assert!((found - 2f32.ln()).abs() < 1e-6, "{found}");
        assert!(loss(&[IGNORED; 3]).unwrap().is_nan());
        assert!(loss(&[0, 2, 0]).unwrap_err().to_string().contains("class 2 is outside 0..=1 and"));
        assert!(loss(&[0, 1]).is_err());
    }

    #[test]
    fn label_type_selects_the_loss_without_problem_type() {
        let logits = tensor(&[1, 2], &[1.0, -1.0]);
        let loss = |labels, kind| of_sequences(labels, [1, 2], kind).map(|loss| loss.of(&logits));
        let single = loss(Labels::Classes(&[0]), None).unwrap();
        assert!((single - (1.0 + (-2f32).exp()).ln()).abs() < 1e-6, "{single}");
        let multi = loss(Labels::Targets(&[1.0, 0.0]), None).unwrap();
        assert!((multi - (1.0 + (-1f32).exp()).ln()).abs() < 1e-6, "{multi}");
        let squared = loss(Labels::Targets(&[0.0, 0.0]), Some("regression")).unwrap();
        assert!((squared - 1.0).abs() < 1e-6, "{squared}");
        assert!(loss(Labels::Targets(&[1.0]), Some("regression")).is_err());
    }

    #[test]
    fn gradients_are_differences_of_the_loss() {
        const STEP: f32 = 1e-2;
        let data = [0.5, -1.0, 0.25, 2.0, -0.5, 1.5, 0.0, -2.0];
        let targets = || vec![1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.5, 1.0];
        for (loss, shape) in [
            (Loss::CrossEntropy(vec![1, IGNORED, 0, 1].into()), &[2, 2, 2][..]),
            (Loss::Regression(targets()), &[8, 1]),
            (Loss::MultiLabel(targets()), &[4, 2]),
            (Loss::Spans([&[0, 7], &[1, 0]]), &[2, 2, 2]),
        ] {
            let found = loss.gradient(&tensor(shape, &data), 3.0);
            for at in 0..data.len() {
                let moved = |step: f32| {
                    let mut moved = data;
                    moved[at] += step;
                    loss.of(&tensor(shape, &moved))
                };
                let expected = 3.0 * (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                assert!((found.data[at] - expected).abs() < 1e-3, "{loss:?} {at}: {} {expected}", found.data[at]);
            }
        }
    }

    #[test]
    fn answers_beyond_the_end_are_ignored() {
        let logits = tensor(&[2, 2, 2], &[0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0]);
        let loss = spans(&[0, 7], &[1, 2], 2).unwrap().of(&logits);
        assert!((loss - 2f32.ln()).abs() < 1e-6, "{loss}");
    }
}
