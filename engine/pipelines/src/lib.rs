//! Tasks from text to result: preprocess, run, postprocess.

mod feature_extraction;
mod pooling;
mod sentence_similarity;
mod token_vectors;

pub use feature_extraction::FeatureExtraction;
pub use pooling::Pooling;
pub use sentence_similarity::SentenceSimilarity;
