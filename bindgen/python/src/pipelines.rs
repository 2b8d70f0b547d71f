//! The pipelines as Python classes.

mod classification;
mod fill_mask;
mod question_answering;
mod text_generation;
mod token_classification;
mod vectors;

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use trustformers::Result;
use trustformers::models::Model;
use trustformers::tokenizers::{EncodeOptions, TextInput, Tokenizer};

use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<classification::PyTextClassification>()?;
    module.add_class::<classification::PyZeroShotClassification>()?;
    module.add_class::<fill_mask::PyFillMask>()?;
    module.add_class::<question_answering::PyQuestionAnswering>()?;
    module.add_class::<text_generation::PyStatedSettings>()?;
    module.add_class::<token_classification::PyTokenClassification>()?;
    module.add_class::<vectors::PyFeatureExtraction>()?;
    module.add_class::<vectors::PySentenceSimilarity>()?;
    module.add_class::<vectors::PyTextRanking>()?;
    module.add_function(wrap_pyfunction!(text_generation::continues_last_message, module)?)?;
    module.add_function(wrap_pyfunction!(text_generation::generation_results, module)?)?;
    module.add_function(wrap_pyfunction!(vectors::transformer_folder, module)?)
}

fn parts(model: &PyModel, tokenizer: &PyTokenizer) -> (Arc<dyn Model>, Arc<Tokenizer>) {
    (model.inner.clone(), Arc::new(tokenizer.inner.clone()))
}

fn borrowed(texts: &[PyBackedStr]) -> Vec<&str> {
    texts.iter().map(|text| &**text).collect()
}

/// Pairs each text with its entry of `text_pairs`, if there is one.
fn text_inputs<'a>(texts: &'a [PyBackedStr], text_pairs: &'a [Option<PyBackedStr>]) -> Vec<TextInput<'a>> {
    let row = |(index, text): (usize, &'a PyBackedStr)| match text_pairs.get(index) {
        Some(Some(text_pair)) => TextInput::Pair(text, text_pair),
        _ => TextInput::Single(text),
    };
    texts.iter().enumerate().map(row).collect()
}

/// Tokenizer options of a pipeline call, without padding: the engine pads batches itself.
fn encode_options(truncation: Option<&str>, max_length: Option<usize>, special: bool) -> Result<EncodeOptions> {
    let truncation = truncation.map(str::parse).transpose()?;
    Ok(EncodeOptions { add_special_tokens: special, truncation, max_length, ..EncodeOptions::default() })
}
