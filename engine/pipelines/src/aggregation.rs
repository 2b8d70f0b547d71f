use std::str::FromStr;

use trustformers_core::{Error, Result};

use crate::scores::argmax;

/// How tokens are grouped into entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AggregationStrategy {
    /// Every token is an entity.
    #[default]
    None,
    /// Adjacent tokens with the same label form an entity.
    Simple,
    /// Like `Simple`, on whole words with the label of their first token.
    First,
    /// Like `Simple`, on whole words with the label of the highest mean score.
    Average,
    /// Like `Simple`, on whole words with the label of the highest score.
    Max,
}

impl FromStr for AggregationStrategy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "none" => Ok(Self::None),
            "simple" => Ok(Self::Simple),
            "first" => Ok(Self::First),
            "average" => Ok(Self::Average),
            "max" => Ok(Self::Max),
            _ => Err(Error::input(
                "aggregation_strategy",
                format!("\"{name}\" is not one of \"none\", \"simple\", \"first\", \"average\", \"max\""),
            )),
        }
    }
}

/// A labeled part of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// The label; for a group without its `B-` or `I-` prefix.
    pub label: String,
    /// Probability of the label.
    pub score: f32,
    /// Text of the tokens.
    pub word: String,
    /// Index of the token in its row; `None` for a group of tokens.
    pub index: Option<usize>,
    /// Start character.
    pub start: usize,
    /// End character (exclusive).
    pub end: usize,
}

/// A token and the probabilities of its labels.
#[derive(Clone, Debug)]
pub(crate) struct ScoredToken {
    pub scores: Vec<f32>,
    pub word: String,
    pub index: usize,
    pub start: usize,
    pub end: usize,
    /// Whether the token continues the word of the previous token.
    pub is_subword: bool,
}

/// Groups tokens into entities.
pub(crate) struct Aggregation<'a> {
    pub strategy: AggregationStrategy,
    pub labels: &'a [String],
    /// Joins tokens into text.
    pub join: &'a dyn Fn(Vec<String>) -> Result<String>,
}

impl Aggregation<'_> {
    pub(crate) fn entities(&self, tokens: Vec<ScoredToken>) -> Result<Vec<Entity>> {
        match self.strategy {
            AggregationStrategy::None => Ok(tokens.into_iter().map(|token| self.token(token)).collect()),
            AggregationStrategy::Simple => self.groups(tokens.into_iter().map(|token| self.token(token)).collect()),
            _ => {
                let words = tokens.chunk_by(|_, next| next.is_subword);
                self.groups(words.map(|word| self.word(word)).collect::<Result<_>>()?)
            }
        }
    }

    fn token(&self, token: ScoredToken) -> Entity {
        let best = argmax(&token.scores);
        Entity {
            label: self.labels[best].clone(),
            score: token.scores[best],
            word: token.word,
            index: Some(token.index),
            start: token.start,
            end: token.end,
        }
    }

    fn word(&self, tokens: &[ScoredToken]) -> Result<Entity> {
        let (first, last) = (&tokens[0], &tokens[tokens.len() - 1]);
        let scores = match self.strategy {
            AggregationStrategy::Average => {
                let means = (0..self.labels.len()).map(|label| mean(tokens.iter().map(|token| token.scores[label])));
                means.collect()
            }
            AggregationStrategy::Max => {
                let best: Vec<f32> = tokens.iter().map(|token| token.scores[argmax(&token.scores)]).collect();
                tokens[argmax(&best)].scores.clone()
            }
            _ => first.scores.clone(),
        };
        let best = argmax(&scores);
        Ok(Entity {
            label: self.labels[best].clone(),
            score: scores[best],
            word: (self.join)(tokens.iter().map(|token| token.word.clone()).collect())?,
            index: None,
            start: first.start,
            end: last.end,
        })
    }

    /// Merges adjacent entities with the same label; a label with the prefix `B-` starts a new entity.
    fn groups(&self, entities: Vec<Entity>) -> Result<Vec<Entity>> {
        let continues = |last: &Entity, next: &Entity| {
            let (begins, tag) = tag_of(&next.label);
            !begins && tag == tag_of(&last.label).1
        };
        entities.chunk_by(continues).map(|group| self.group(group)).collect()
    }

    fn group(&self, entities: &[Entity]) -> Result<Entity> {
        let (first, last) = (&entities[0], &entities[entities.len() - 1]);
        Ok(Entity {
            label: first.label.split_once('-').map_or(first.label.as_str(), |(_, tag)| tag).to_owned(),
            score: mean(entities.iter().map(|entity| entity.score)),
            word: (self.join)(entities.iter().map(|entity| entity.word.clone()).collect())?,
            index: None,
            start: first.start,
            end: last.end,
        })
    }
}

/// Keeps the longest of overlapping entities; of equally long ones, the one with the higher score.
pub(crate) fn without_overlaps(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.sort_by_key(|entity| entity.start);
    let mut kept: Vec<Entity> = Vec::new();
    for entity in entities {
        let length = |entity: &Entity| entity.end.saturating_sub(entity.start);
        match kept.last_mut() {
            Some(last) if entity.start < last.end => {
                let is_longer = length(&entity) > length(last);
                if is_longer || (length(&entity) == length(last) && entity.score > last.score) {
                    *last = entity;
                }
            }
            _ => kept.push(entity),
        }
    }
    kept
}

/// Whether a label starts an entity, and the label without its prefix.
fn tag_of(label: &str) -> (bool, &str) {
    match label.strip_prefix("B-") {
        Some(tag) => (true, tag),
        None => (false, label.strip_prefix("I-").unwrap_or(label)),
    }
}

/// Mean of the scores that are not NaN.
fn mean(scores: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) =
        scores.filter(|score| !score.is_nan()).fold((0.0, 0.0), |(sum, count), score| (sum + score, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [&str; 3] = ["O", "B-X", "I-X"];

    fn token(word: &str, start: usize, scores: [f32; 3], is_subword: bool) -> ScoredToken {
        let end = start + word.trim_start_matches('#').len();
        ScoredToken { scores: scores.to_vec(), word: word.to_owned(), index: start + 1, start, end, is_subword }
    }

    fn entities(strategy: AggregationStrategy, tokens: &[ScoredToken]) -> Vec<(String, f32, String)> {
        let labels = LABELS.map(str::to_owned);
        let join = |words: Vec<String>| Ok(words.join(" ").replace(" ##", ""));
        let aggregation = Aggregation { strategy, labels: &labels, join: &join };
        let found = aggregation.entities(tokens.to_vec()).unwrap();
        found.into_iter().map(|entity| (entity.label, entity.score, entity.word)).collect()
    }

    fn entity(label: &str, score: f32, word: &str) -> (String, f32, String) {
        (label.to_owned(), score, word.to_owned())
    }

    fn tokens() -> Vec<ScoredToken> {
        vec![
            token("mi", 0, [0.0, 0.5, 0.25], false),
            token("##cro", 2, [0.75, 0.0, 0.25], true),
            token("soft", 6, [0.0, 0.0, 0.75], false),
            token("is", 11, [0.5, 0.25, 0.0], false),
        ]
    }

    #[test]
    fn every_token_is_an_entity_without_a_strategy() {
        let expected =
            [entity("B-X", 0.5, "mi"), entity("O", 0.75, "##cro"), entity("I-X", 0.75, "soft"), entity("O", 0.5, "is")];
        assert_eq!(entities(AggregationStrategy::None, &tokens()), expected);
    }

    #[test]
    fn simple_groups_split_words_that_disagree() {
        let expected =
            [entity("X", 0.5, "mi"), entity("O", 0.75, "##cro"), entity("X", 0.75, "soft"), entity("O", 0.5, "is")];
        assert_eq!(entities(AggregationStrategy::Simple, &tokens()), expected);
    }

    #[test]
    fn words_take_the_first_average_or_max_label() {
        let first = [entity("X", 0.625, "micro soft"), entity("O", 0.5, "is")];
        assert_eq!(entities(AggregationStrategy::First, &tokens()), first);
        let average = [entity("O", 0.375, "micro"), entity("X", 0.75, "soft"), entity("O", 0.5, "is")];
        assert_eq!(entities(AggregationStrategy::Average, &tokens()), average);
        let max = [entity("O", 0.75, "micro"), entity("X", 0.75, "soft"), entity("O", 0.5, "is")];
        assert_eq!(entities(AggregationStrategy::Max, &tokens()), max);
    }

    #[test]
    fn a_begin_label_starts_another_entity() {
        let tokens = [token("a", 0, [0.0, 1.0, 0.0], false), token("b", 2, [0.0, 1.0, 0.0], false)];
        let expected = [entity("X", 1.0, "a"), entity("X", 1.0, "b")];
        assert_eq!(entities(AggregationStrategy::Simple, &tokens), expected);
    }

    #[test]
    fn overlaps_keep_the_longest_or_highest_scored_entity() {
        let at =
            |start, end, score| Entity { label: "X".to_owned(), score, word: String::new(), index: None, start, end };
        let kept = without_overlaps(vec![at(9, 12, 0.5), at(0, 4, 0.5), at(2, 8, 0.1), at(9, 12, 0.6), at(8, 9, 0.2)]);
        assert_eq!(kept, [at(2, 8, 0.1), at(8, 9, 0.2), at(9, 12, 0.6)]);
    }

    #[test]
    fn labels_without_a_prefix_are_their_own_tags() {
        assert_eq!(tag_of("B-PER"), (true, "PER"));
        assert_eq!(tag_of("I-PER"), (false, "PER"));
        assert_eq!(tag_of("LABEL_0"), (false, "LABEL_0"));
    }
}
