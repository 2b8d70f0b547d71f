//! Settings and modules of sentence-transformers repositories, read like sentence-transformers 6.2 does.

mod activation;
mod pooling;
mod prompts;
mod repository;
mod rows;
mod similarity;
mod step;

pub use activation::ModuleActivation;
pub use prompts::{Prompt, PromptTask};
pub use similarity::SimilarityFunction;

pub(crate) use pooling::Pooling;
pub use repository::transformer_folder;
pub(crate) use repository::{ModelType, Repository};
pub(crate) use rows::Rows;
pub(crate) use step::{Feature, Step, check, run};
