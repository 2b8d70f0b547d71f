use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{DecoderWrapper, PreTokenizerWrapper, TokenizerImpl};

use crate::model::Model;

/// The stages that turn a text into tokens, without the post-processor.
pub(crate) type Pipeline =
    TokenizerImpl<Model, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;
