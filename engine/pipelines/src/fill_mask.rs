use std::sync::Arc;

use trustformers_core::{Error, Result};
use trustformers_models::{Head, HostTensor, Model};
use trustformers_tokenizers::{EncodeOptions, Encoding, TextInput, Tokenizer, Truncation};

use crate::scores::{largest, softmax};
use crate::text_model::TextModel;

/// Options of the fill-mask pipeline.
#[derive(Clone, Debug)]
pub struct FillMaskOptions {
    /// Number of predicted tokens per mask.
    pub top_k: usize,
    /// Token ids to choose from; `None` allows the whole vocabulary.
    pub targets: Option<Vec<u32>>,
    /// Tokenizer options.
    pub encode: EncodeOptions,
    /// Number of texts per forward pass.
    pub batch_size: usize,
}

/// A token predicted for a mask.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    /// Probability of the token.
    pub score: f32,
    /// Token id.
    pub token: u32,
    /// Token text.
    pub token_str: String,
    /// The text with the mask replaced by the token; special tokens are included if there are other masks.
    pub sequence: String,
}

/// Target tokens, looked up by their text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Token ids, without duplicates.
    pub ids: Vec<u32>,
    /// Texts that are not a token, each with the first token of its encoding, which is used instead.
    pub replaced: Vec<(String, Option<String>)>,
}

/// Fill-mask pipeline: predicts the tokens at mask positions.
pub struct FillMask {
    model: TextModel,
    mask_token: String,
    mask_id: u32,
}

impl FillMask {
    /// Creates the pipeline from a model and its tokenizer.
    ///
    /// **Errors:** `Input` if the model has no masked language modeling head, or the tokenizer no mask token.
    pub fn new(model: Arc<dyn Model>, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        let model = TextModel::new(model, tokenizer, Head::MaskedLm, "fill-mask")?;
        let tokenizer = &model.tokenizer;
        let mask = tokenizer.special_token("mask_token").zip(tokenizer.special_token_id("mask_token"));
        let Some((mask_token, mask_id)) = mask else {
            return Err(Error::input("tokenizer", "has no mask_token, which fill-mask needs"));
        };
        Ok(Self { mask_token: mask_token.to_owned(), mask_id, model })
    }

    /// Looks up target tokens; a text that is not a token of the vocabulary is replaced by the first token of its
    /// encoding.
    ///
    /// **Errors:** `Input` if none of the texts yields a token.
    pub fn targets(&self, texts: &[&str]) -> Result<Targets> {
        let tokenizer = &self.model.tokenizer;
        let first = EncodeOptions {
            add_special_tokens: false,
            truncation: Some(Truncation::LongestFirst),
            max_length: Some(1),
            ..EncodeOptions::default()
        };
        let mut found = Targets::default();
        for text in texts {
            let id = match tokenizer.token_to_id(text) {
                Some(id) => Some(id),
                None => {
                    let id = tokenizer.encode(*text, &first)?.get_ids().first().copied();
                    found.replaced.push(((*text).to_owned(), id.and_then(|id| tokenizer.id_to_token(id))));
                    id
                }
            };
            found.ids.extend(id);
        }
        found.ids.sort_unstable();
        found.ids.dedup();
        if found.ids.is_empty() {
            return Err(Error::input("targets", "none of the texts is a token or begins with one"));
        }
        Ok(found)
    }

    /// Predicts the best tokens for each mask of each text, best first, in the order of `texts`.
    ///
    /// **Errors:** `Input` if a text has no mask or too many tokens, or if there are fewer tokens than `top_k`.
    pub fn run(&self, texts: &[&str], options: &FillMaskOptions) -> Result<Vec<Vec<Vec<Filling>>>> {
        let rows = self.model.encode(texts.iter().copied().map(TextInput::Single).collect(), &options.encode)?;
        let masks: Vec<Vec<usize>> = rows.encodings().iter().map(|row| self.masks(row)).collect();
        if let Some(text) = masks.iter().position(Vec::is_empty) {
            let message = format!("no mask_token ({}) found in {:?}", self.mask_token, shortened(texts[text]));
            return Err(Error::input("inputs", message));
        }
        let mut results = vec![Vec::new(); texts.len()];
        self.model.for_each_at(rows.encodings(), &masks, options.batch_size, |index, logits| {
            results[index] = self.fillings(&rows.encodings()[index], &masks[index], &logits, options)?;
            Ok(())
        })?;
        Ok(results)
    }

    fn masks(&self, row: &Encoding) -> Vec<usize> {
        let ids = row.get_ids().iter().enumerate();
        ids.filter(|(_, id)| **id == self.mask_id).map(|(position, _)| position).collect()
    }

    fn fillings(
        &self,
        row: &Encoding,
        masks: &[usize],
        logits: &HostTensor,
        options: &FillMaskOptions,
    ) -> Result<Vec<Vec<Filling>>> {
        let width = logits.shape[1];
        let choices = masks.iter().zip(logits.data.chunks_exact(width));
        choices
            .map(|(position, logits)| {
                let chosen = choose(&softmax(logits), options)?;
                let filling = |(token, score)| self.filling(row, *position, masks.len() == 1, token, score);
                chosen.into_iter().map(filling).collect()
            })
            .collect()
    }

    fn filling(&self, row: &Encoding, position: usize, is_only_mask: bool, token: u32, score: f32) -> Result<Filling> {
        let tokenizer = &self.model.tokenizer;
        let mut ids = row.get_ids().to_vec();
        ids[position] = token;
        if let Some(pad) = tokenizer.special_token_id("pad_token") {
            ids.retain(|id| *id != pad);
        }
        // Other masks are special tokens too and must stay visible.
        let sequence = tokenizer.decode(&ids, is_only_mask, None)?;
        Ok(Filling { score, token, token_str: tokenizer.decode(&[token], false, None)?, sequence })
    }
}

fn choose(scores: &[f32], options: &FillMaskOptions) -> Result<Vec<(u32, f32)>> {
    let Some(targets) = &options.targets else {
        if options.top_k > scores.len() {
            let message = format!("{} is more than the {} tokens of the vocabulary", options.top_k, scores.len());
            return Err(Error::input("top_k", message));
        }
        let best = largest(scores, options.top_k);
        return Ok(best.into_iter().map(|token| (token as u32, scores[token])).collect());
    };
    let score = |token: &u32| {
        scores.get(*token as usize).copied().ok_or_else(|| {
            let message = format!("token {token} is outside the model's vocabulary of {} tokens", scores.len());
            Error::input("targets", message)
        })
    };
    let among = targets.iter().map(score).collect::<Result<Vec<_>>>()?;
    let best = largest(&among, options.top_k.min(among.len()));
    Ok(best.into_iter().map(|index| (targets[index], among[index])).collect())
}

fn shortened(text: &str) -> String {
    let mut shortened: String = text.chars().take(60).collect();
    if shortened.len() < text.len() {
        shortened.push('…');
    }
    shortened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(top_k: usize, targets: Option<Vec<u32>>) -> Result<Vec<(u32, f32)>> {
        let options = FillMaskOptions { top_k, targets, encode: EncodeOptions::default(), batch_size: 1 };
        choose(&[0.1, 0.4, 0.2, 0.3], &options)
    }

    #[test]
    fn targets_limit_the_selected_tokens() {
        assert_eq!(chosen(2, None).unwrap(), [(1, 0.4), (3, 0.3)]);
        assert_eq!(chosen(5, Some(vec![0, 3])).unwrap(), [(3, 0.3), (0, 0.1)]);
        assert_eq!(chosen(1, Some(vec![0, 3])).unwrap(), [(3, 0.3)]);
    }

    #[test]
    fn out_of_range_top_k_and_targets_are_refused() {
        assert!(chosen(5, None).unwrap_err().to_string().starts_with("top_k: 5 is more than the 4"));
        assert!(chosen(1, Some(vec![9])).unwrap_err().to_string().starts_with("targets: token 9"));
    }
}
