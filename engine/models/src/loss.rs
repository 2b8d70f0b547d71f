use trustformers_core::{Error, Result};

use crate::{Head, HostTensor, Model, ModelOutput};

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

/// The loss of a model's logits as in transformers 5.23.0: cross entropy; for a sequence classifier also mean squared
/// error or binary cross entropy, selected by `problem_type` or else by the labels.
///
/// **Errors:** `Input` if the labels do not fit the logits; `Unsupported` for a model without a head.
pub fn loss(model: &dyn Model, output: &ModelOutput, labels: Labels<'_>) -> Result<f32> {
    let Some(logits) = &output.logits else {
        return Err(Error::unsupported("labels for a base model; load the model with a head to compute a loss"));
    };
    match (model.head(), labels) {
        (Head::QuestionAnswering, Labels::Spans { start, end }) => spans(logits, start, end),
        (Head::MaskedLm | Head::TokenClassification, Labels::Classes(classes)) => cross_entropy(logits, classes),
        (Head::CausalLm, Labels::Classes(_)) if model.config()["output_router_logits"] == true => {
            Err(Error::unsupported("the router's auxiliary loss; load the model with output_router_logits=False"))
        }
        (Head::CausalLm, Labels::Classes(classes)) => next_token(logits, classes),
        (Head::SequenceClassification, labels) => {
            sequence_loss(logits, labels, model.settings().problem_type.as_deref())
        }
        (head, _) => {
            let expected =
                if head == Head::QuestionAnswering { "start_positions and end_positions" } else { "integers" };
            Err(Error::input("labels", format!("a model with a {} head takes {expected}", head.name())))
        }
    }
}

fn sequence_loss(logits: &HostTensor, labels: Labels<'_>, problem_type: Option<&str>) -> Result<f32> {
    let num_labels = logits.shape[1];
    let inferred = match labels {
        _ if num_labels == 1 => "regression",
        Labels::Classes(_) => "single_label_classification",
        _ => "multi_label_classification",
    };
    let as_targets = |labels: Labels<'_>| match labels {
        Labels::Classes(classes) => classes.iter().map(|class| *class as f32).collect(),
        Labels::Targets(targets) => targets.to_vec(),
        Labels::Spans { .. } => Vec::new(),
    };
    match (problem_type.unwrap_or(inferred), labels) {
        ("regression", labels) => mean(logits, &as_targets(labels), |x, y| (x - y) * (x - y)),
        ("single_label_classification", Labels::Classes(classes)) => cross_entropy(logits, classes),
        ("single_label_classification", _) => Err(Error::input("labels", "expected integers, one class per sequence")),
        // log(1 + exp(-|x|)) neither overflows nor loses small values.
        ("multi_label_classification", labels) => {
            mean(logits, &as_targets(labels), |x, y| x.max(0.0) - x * y + (-x.abs()).exp().ln_1p())
        }
        (other, _) => Err(Error::unsupported(format!("the problem_type \"{other}\""))),
    }
}

fn mean(logits: &HostTensor, targets: &[f32], of: impl Fn(f64, f64) -> f64) -> Result<f32> {
    if targets.len() != logits.data.len() {
        let message = format!("has {} numbers, expected one per logit of shape {:?}", targets.len(), logits.shape);
        return Err(Error::input("labels", message));
    }
    let pairs = logits.data.iter().zip(targets);
    let sum: f64 = pairs.map(|(x, y)| of(f64::from(*x), f64::from(*y))).sum();
    Ok((sum / targets.len() as f64) as f32)
}

/// Mean cross entropy over the classes that are not ignored. **Shapes:** `logits: [.., classes]`, `classes: [..]`.
fn cross_entropy(logits: &HostTensor, classes: &[i64]) -> Result<f32> {
    let width = logits.shape.last().copied().unwrap_or(0).max(1);
    let rows = logits.data.chunks_exact(width);
    if rows.len() != classes.len() {
        let message =
            format!("has {} classes, expected shape {:?}", classes.len(), &logits.shape[..logits.shape.len() - 1]);
        return Err(Error::input("labels", message));
    }
    let (mut sum, mut count) = (0.0, 0);
    for (row, class) in rows.zip(classes) {
        if *class == IGNORED {
            continue;
        }
        let logit = usize::try_from(*class).ok().and_then(|class| row.get(class));
        let Some(logit) = logit else {
            return Err(Error::input("labels", format!("class {class} is outside 0..{width} and is not {IGNORED}")));
        };
        sum += log_sum_exp(row.iter().copied()) - f64::from(*logit);
        count += 1;
    }
    Ok((sum / f64::from(count)) as f32)
}

/// Cross entropy of each token's logits and the next token. **Shapes:** `logits: [batch, seq, vocab]`.
fn next_token(logits: &HostTensor, tokens: &[i64]) -> Result<f32> {
    let [batch, seq, _] = logits.shape[..] else {
        return Err(Error::internal(format!("logits of tokens have the shape {:?}", logits.shape)));
    };
    if tokens.len() != batch * seq {
        return Err(Error::input("labels", format!("has {} tokens, expected shape ({batch}, {seq})", tokens.len())));
    }
    let next_tokens = tokens.chunks_exact(seq).flat_map(|row| row[1..].iter().copied().chain([IGNORED]));
    cross_entropy(logits, &next_tokens.collect::<Vec<_>>())
}

/// Mean cross entropy of start and end positions. **Shapes:** `logits: [batch, seq, 2]`.
fn spans(logits: &HostTensor, start: &[i64], end: &[i64]) -> Result<f32> {
    let [batch, seq, 2] = logits.shape[..] else {
        return Err(Error::internal(format!("logits of spans have the shape {:?}", logits.shape)));
    };
    let side = |name: &str, positions: &[i64], side: usize| -> Result<f64> {
        if positions.len() != batch {
            return Err(Error::input(name, format!("has {} positions for {batch} sequences", positions.len())));
        }
        let (mut sum, mut count) = (0.0, 0);
        for (row, position) in logits.data.chunks_exact(2 * seq).zip(positions) {
            let position = usize::try_from(*position).unwrap_or(0);
            if position < seq {
                let all = row.iter().skip(side).step_by(2).copied();
                sum += log_sum_exp(all) - f64::from(row[2 * position + side]);
                count += 1;
            }
        }
        Ok(sum / f64::from(count))
    };
    Ok(((side("start_positions", start, 0)? + side("end_positions", end, 1)?) / 2.0) as f32)
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
        let loss = cross_entropy(&logits, &[1, IGNORED, 0]).unwrap();
        assert!((loss - 2f32.ln()).abs() < 1e-6, "{loss}");
        assert!(cross_entropy(&logits, &[IGNORED; 3]).unwrap().is_nan());
        assert!(cross_entropy(&logits, &[0, 2, 0]).unwrap_err().to_string().contains("class 2 is outside 0..2"));
        assert!(cross_entropy(&logits, &[0, 1]).is_err());
    }

    #[test]
    fn label_type_selects_the_loss_without_problem_type() {
        let logits = tensor(&[1, 2], &[1.0, -1.0]);
        let single = sequence_loss(&logits, Labels::Classes(&[0]), None).unwrap();
        assert!((single - (1.0 + (-2f32).exp()).ln()).abs() < 1e-6, "{single}");
        let multi = sequence_loss(&logits, Labels::Targets(&[1.0, 0.0]), None).unwrap();
        assert!((multi - (1.0 + (-1f32).exp()).ln()).abs() < 1e-6, "{multi}");
        let squared = sequence_loss(&logits, Labels::Targets(&[0.0, 0.0]), Some("regression")).unwrap();
        assert!((squared - 1.0).abs() < 1e-6, "{squared}");
        assert!(sequence_loss(&logits, Labels::Targets(&[1.0]), Some("regression")).is_err());
    }

    #[test]
    fn answers_beyond_the_end_are_ignored() {
        let logits = tensor(&[2, 2, 2], &[0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0]);
        let loss = spans(&logits, &[0, 7], &[1, 2]).unwrap();
        assert!((loss - 2f32.ln()).abs() < 1e-6, "{loss}");
    }
}
