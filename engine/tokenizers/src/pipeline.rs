/// The stages that turn a text into tokens, without the post-processor.
pub(crate) type Pipeline = tokenizers::Tokenizer;
