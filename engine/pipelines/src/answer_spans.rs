use crate::scores::descending;

/// A span of tokens from `start` to `end` (inclusive), and the probability that it is the answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
    pub score: f32,
}

/// The answer candidates of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RowSpans {
    /// The candidates, best first.
    pub spans: Vec<Span>,
    /// Probability that there is no answer.
    pub null_score: f32,
    /// Whether there are fewer spans than requested.
    pub is_short: bool,
}

/// Finds the best `count` spans of at most `max_answer_len` tokens.
///
/// The probabilities of starts and ends are normalized over the tokens that `may_answer`; the first token of a row
/// stands for no answer.
///
/// **Shapes:** `logits: [seq, 2]`.
pub(crate) fn best_spans(logits: &[f32], may_answer: &[bool], count: usize, max_answer_len: usize) -> RowSpans {
    let [starts, ends] = [0, 1].map(|column| probabilities(logits, column, may_answer));
    let null_score = starts.first().zip(ends.first()).map_or(0.0, |(start, end)| start * end);
    let answers = |token: &usize| *token > 0 && may_answer[*token];
    let mut spans = Vec::new();
    for start in (0..starts.len()).filter(answers) {
        let last = start.saturating_add(max_answer_len).min(ends.len());
        let span = |end| Span { start, end, score: starts[start] * ends[end] };
        spans.extend((start..last).filter(answers).map(span));
    }
    let is_short = spans.len() < count;
    let order = |a: &Span, b: &Span| descending(a.score, b.score).then((a.start, a.end).cmp(&(b.start, b.end)));
    if 0 < count && count < spans.len() {
        spans.select_nth_unstable_by(count - 1, order);
        spans.truncate(count);
    }
    spans.sort_unstable_by(order);
    RowSpans { spans, null_score, is_short }
}

fn probabilities(logits: &[f32], column: usize, may_answer: &[bool]) -> Vec<f32> {
    let logits = || logits.chunks_exact(2).zip(may_answer).map(|(logits, may)| may.then_some(logits[column]));
    let most = logits().flatten().fold(f32::NEG_INFINITY, f32::max);
    let mut scores: Vec<f32> = logits().map(|logit| logit.map_or(0.0, |logit| (logit - most).exp())).collect();
    let sum: f32 = scores.iter().sum();
    if sum != 0.0 {
        scores.iter_mut().for_each(|score| *score /= sum);
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `best_spans` on logits whose exponentials are the given starts and ends.
    fn found(starts: [f32; 5], ends: [f32; 5], may_answer: [bool; 5], count: usize, length: usize) -> RowSpans {
        let logits: Vec<f32> = starts.iter().zip(&ends).flat_map(|(start, end)| [start.ln(), end.ln()]).collect();
        best_spans(&logits, &may_answer, count, length)
    }

    fn bounds(found: &RowSpans) -> Vec<(usize, usize)> {
        found.spans.iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn an_answer_does_not_end_before_it_starts() {
        let found = found([1.0, 1.0, 1.0, 8.0, 1.0], [1.0, 8.0, 2.0, 1.0, 1.0], [true; 5], 3, 9);
        assert_eq!(bounds(&found), [(1, 1), (3, 3), (3, 4)]);
        assert!((found.spans[0].score - 8.0 / 12.0 / 13.0).abs() < 1e-6);
        assert!((found.null_score - 1.0 / 12.0 / 13.0).abs() < 1e-6);
        assert!(!found.is_short);
    }

    #[test]
    fn answers_are_at_most_max_answer_len_tokens() {
        let found = found([1.0, 9.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 9.0], [true; 5], 99, 3);
        assert_eq!(bounds(&found).len(), 9);
        assert!(bounds(&found).iter().all(|(start, end)| end - start < 3), "{found:?}");
        assert!(found.is_short);
    }

    #[test]
    fn tokens_outside_the_context_have_no_probability() {
        let found = found([1.0, 9.0, 1.0, 9.0, 1.0], [1.0; 5], [true, false, true, false, true], 99, 9);
        assert_eq!(bounds(&found), [(2, 2), (2, 4), (4, 4)]);
        assert!((found.spans[0].score - 1.0 / 9.0).abs() < 1e-6);
    }

    #[test]
    fn a_row_without_context_has_only_the_null_answer() {
        let found = found([1.0; 5], [1.0; 5], [true, false, false, false, false], 3, 9);
        assert_eq!(found, RowSpans { spans: Vec::new(), null_score: 1.0, is_short: true });
        assert_eq!(best_spans(&[0.0, 0.0], &[false], 3, 9).null_score, 0.0);
    }
}
