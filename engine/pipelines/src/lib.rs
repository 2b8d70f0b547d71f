//! Task pipelines from text to results: preprocessing, forward pass, postprocessing.

mod aggregation;
mod answer_spans;
mod characters;
mod feature_extraction;
mod fill_mask;
mod question_answering;
mod scores;
mod sentence_similarity;
mod sentence_transformers;
mod text_classification;
mod text_generation;
mod text_model;
mod text_ranking;
mod token_classification;
mod zero_shot_classification;

pub use aggregation::{AggregationStrategy, Entity};
pub use feature_extraction::FeatureExtraction;
pub use fill_mask::{FillMask, FillMaskOptions, Filling, Targets};
pub use question_answering::{Answer, QuestionAnswering, QuestionAnsweringOptions};
pub use sentence_similarity::{EmbedOptions, SentenceSimilarity};
pub use sentence_transformers::{ModuleActivation, Prompt, PromptTask, SimilarityFunction, transformer_folder};
pub use text_classification::{LabelScore, ScoreFunction, TextClassification, TextClassificationOptions};
pub use text_generation::{
    GenerationPrompt, GenerationResult, LastMessage, ResultOptions, ReturnType, default_keys, generation_results,
    kept_prompt_len, keys_with_prefix, rows_as_alone,
};
pub use text_ranking::{RankingOptions, TextRanking};
pub use token_classification::{Sentence, TokenClassification, TokenClassificationOptions};
pub use zero_shot_classification::{HypothesisScore, ZeroShotClassification};
