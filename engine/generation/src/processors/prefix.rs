use trustformers_core::{Error, Result};

/// Returns the tokens that may follow, given the index of the prompt and the tokens so far.
pub type PrefixAllowedTokens<'a> = dyn FnMut(usize, &[i64]) -> Result<Vec<i64>> + Send + 'a;

/// Restricts each beam of a prompt to the tokens that are allowed after it.
///
/// If every allowed token of every beam is impossible, the allowed tokens get a logit of 0.
pub(super) fn constrain<'a>(
    prompt: usize,
    beams: &[&[i64]],
    logits: impl Iterator<Item = &'a mut [f32]>,
    allowed: &mut PrefixAllowedTokens<'_>,
) -> Result<()> {
    let mut constrained = Vec::with_capacity(beams.len());
    let mut is_possible = false;
    for (tokens, logits) in beams.iter().zip(logits) {
        let mut kept = Vec::new();
        for token in allowed(prompt, tokens)? {
            match usize::try_from(token).ok().and_then(|index| Some((index, *logits.get(index)?))) {
                Some(item) => kept.push(item),
                None => {
                    let message = format!("{token} is outside the vocabulary of {} tokens", logits.len());
                    return Err(Error::input("prefix_allowed_tokens_fn", message));
                }
            }
        }
        if kept.is_empty() {
            return Err(Error::input("prefix_allowed_tokens_fn", format!("allows no token after prompt {prompt}")));
        }
        is_possible |= kept.iter().any(|(_, logit)| *logit != f32::NEG_INFINITY);
        logits.fill(f32::NEG_INFINITY);
        constrained.push((logits, kept));
    }
    for (logits, kept) in constrained {
        for (index, logit) in kept {
            logits[index] = if is_possible { logit } else { 0.0 };
        }
    }
    Ok(())
}

/// Restricts the sequences of a padded batch, `num_beams` for each prompt, to the tokens that are allowed after them.
///
/// **Shapes:** `ids`: `[rows, seq]`; `logits`: `[rows, vocab]`.
///
/// **Errors:** `Input` if the rows are not a multiple of `num_beams`, or if no token is allowed.
pub fn constrain_rows(
    ids: &[i64],
    logits: &mut [f32],
    (num_rows, num_beams): (usize, usize),
    allowed: &mut PrefixAllowedTokens<'_>,
) -> Result<()> {
    if num_beams == 0 || !num_rows.is_multiple_of(num_beams) {
        return Err(Error::input("num_beams", format!("is {num_beams}, which does not divide {num_rows} sequences")));
    }
    let (seq, vocab) = (ids.len() / num_rows.max(1), logits.len() / num_rows.max(1));
    if vocab == 0 {
        return Ok(());
    }
    let beams: Vec<&[i64]> = (0..num_rows).map(|row| &ids[row * seq..][..seq]).collect();
    for (prompt, (beams, logits)) in
        beams.chunks_exact(num_beams).zip(logits.chunks_exact_mut(num_beams * vocab)).enumerate()
    {
        constrain(prompt, beams, logits.chunks_exact_mut(vocab), allowed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: f32 = f32::NEG_INFINITY;

    fn constrained(beams: &[&[i64]], mut logits: Vec<f32>) -> Vec<f32> {
        let mut allowed = |prompt: usize, tokens: &[i64]| Ok(vec![tokens[prompt], 2]);
        constrain(1, beams, logits.chunks_exact_mut(3), &mut allowed).unwrap();
        logits
    }

    #[test]
    fn only_allowed_tokens_remain() {
        assert_eq!(constrained(&[&[5, 1]], vec![5.0, 1.0, NONE]), [NONE, 1.0, NONE]);
    }

    #[test]
    fn impossible_beams_stay_impossible_unless_all_are() {
        let beams: [&[i64]; 2] = [&[5, 1], &[5, 0]];
        assert_eq!(constrained(&beams, vec![1.0, NONE, NONE, 3.0, 2.0, NONE]), [NONE, NONE, NONE, 3.0, NONE, NONE]);
        assert_eq!(constrained(&beams, vec![1.0, NONE, NONE, NONE, 2.0, NONE]), [NONE, 0.0, 0.0, 0.0, NONE, 0.0]);
    }

    #[test]
    fn rows_are_grouped_by_prompt() {
        let mut allowed = |prompt: usize, tokens: &[i64]| Ok(vec![tokens[0] + prompt as i64]);
        let mut logits = [1.0; 8];
        constrain_rows(&[0, 1, 0, 0], &mut logits, (4, 2), &mut allowed).unwrap();
        assert_eq!(logits, [1.0, NONE, NONE, 1.0, NONE, 1.0, NONE, 1.0]);
        assert!(constrain_rows(&[0], &mut [1.0], (1, 2), &mut allowed).is_err());
    }

    #[test]
    fn no_token_and_tokens_outside_the_vocabulary_are_refused() {
        for tokens in [vec![], vec![3], vec![-1]] {
            let mut allowed = |_: usize, _: &[i64]| Ok(tokens.clone());
            let error = constrain(0, &[&[1]], [1.0; 3].chunks_exact_mut(3), &mut allowed).unwrap_err();
            assert!(error.to_string().starts_with("prefix_allowed_tokens_fn"), "{error}");
        }
    }
}
