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
    fn no_token_and_tokens_outside_the_vocabulary_are_refused() {
        for tokens in [vec![], vec![3], vec![-1]] {
            let mut allowed = |_: usize, _: &[i64]| Ok(tokens.clone());
            let error = constrain(0, &[&[1]], [1.0; 3].chunks_exact_mut(3), &mut allowed).unwrap_err();
            assert!(error.to_string().starts_with("prefix_allowed_tokens_fn"), "{error}");
        }
    }
}
