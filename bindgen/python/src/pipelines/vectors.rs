use std::collections::BTreeMap;
use std::path::PathBuf;

use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::Result;
use trustformers::models::HostTensor;
use trustformers::pipelines::{
    self, EmbedOptions, FeatureExtraction, Prompt, RankingOptions, SentenceSimilarity, TextRanking,
};

use super::{borrowed, encode_options, parts};
use crate::arrays::{FloatArray, to_numpy};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Feature extraction pipeline: the last hidden state of every token of a text.
#[gen_stub_pyclass]
#[pyclass(name = "FeatureExtraction", frozen)]
pub struct PyFeatureExtraction {
    inner: FeatureExtraction,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyFeatureExtraction {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: FeatureExtraction::new(model, tokenizer)? }))
    }

    /// One float32 array of shape (1, seq, hidden) per text.
    #[pyo3(signature = (texts, *, batch_size, truncation=None, max_length=None, add_special_tokens=true))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<PyBackedStr>,
        batch_size: usize,
        truncation: Option<&str>,
        max_length: Option<usize>,
        add_special_tokens: bool,
    ) -> PyResult<Vec<FloatArray<'py>>> {
        let features = door::run(py, || {
            let options = encode_options(truncation, max_length, add_special_tokens)?;
            self.inner.run(&borrowed(&texts), &options, batch_size)
        })?;
        features.into_iter().map(|tensor| to_numpy(py, tensor)).collect()
    }
}

/// Sentence embeddings and their similarity.
#[gen_stub_pyclass]
#[pyclass(name = "SentenceSimilarity", frozen)]
pub struct PySentenceSimilarity {
    inner: SentenceSimilarity,
}

#[gen_stub_pymethods]
#[pymethods]
impl PySentenceSimilarity {
    /// `dir` is the model's directory; its sentence-transformers files define how embeddings are computed.
    #[new]
    #[pyo3(signature = (model, tokenizer, dir))]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer, dir: Option<PathBuf>) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: SentenceSimilarity::new(model, &tokenizer, dir.as_deref())? }))
    }

    /// Sentence embeddings, a float32 array of shape (sentences, width).
    #[pyo3(signature = (sentences, *, batch_size, prompt=None, prompt_name=None, task=None, truncate_dim=None,
        normalize_embeddings=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn embed<'py>(
        &self,
        py: Python<'py>,
        sentences: Vec<PyBackedStr>,
        batch_size: usize,
        prompt: Option<&str>,
        prompt_name: Option<&str>,
        task: Option<&str>,
        truncate_dim: Option<usize>,
        normalize_embeddings: bool,
    ) -> PyResult<FloatArray<'py>> {
        let vectors = door::run(py, || {
            let task = task.map(str::parse).transpose()?;
            let prompt = Prompt { text: prompt, name: prompt_name, task };
            let options = EmbedOptions { prompt, truncate_dim, normalize_embeddings, batch_size };
            self.inner.embed(&borrowed(&sentences), &options)
        })?;
        to_numpy(py, vectors)
    }

    /// Similarities, a float32 array of shape (n, m), of embeddings of shapes (n, width) and (m, width).
    fn similarity<'py>(
        &self,
        py: Python<'py>,
        first: PyReadonlyArray2<'py, f32>,
        second: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<FloatArray<'py>> {
        let [first, second] = [first, second].map(|array| HostTensor {
            shape: array.shape().to_vec(),
            data: array.as_array().iter().copied().collect(),
        });
        let compared = door::run(py, || self.inner.similarity_fn().between(first, second))?;
        to_numpy(py, compared)
    }

    /// Prompts by name; a prompt is prepended to the sentences.
    #[getter]
    fn prompts(&self) -> BTreeMap<String, String> {
        self.inner.prompts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// Name of the prompt that is used if a call names none.
    #[getter]
    fn default_prompt_name(&self) -> Option<&str> {
        self.inner.default_prompt_name()
    }

    /// Name of the similarity function: "cosine", "dot", "euclidean" or "manhattan".
    #[getter]
    fn similarity_fn_name(&self) -> &'static str {
        self.inner.similarity_fn().name()
    }

    /// Maximum number of tokens of a sentence; `None` if there is no limit.
    #[getter]
    fn max_seq_length(&self) -> Option<usize> {
        self.inner.max_seq_length()
    }
}

/// Text ranking pipeline: a cross-model scores pairs of texts.
#[gen_stub_pyclass]
#[pyclass(name = "TextRanking", frozen)]
pub struct PyTextRanking {
    inner: TextRanking,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTextRanking {
    /// `dir` is the model's directory; its sentence-transformers files define how scores are computed.
    #[new]
    #[pyo3(signature = (model, tokenizer, dir))]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer, dir: Option<PathBuf>) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: TextRanking::new(model, &tokenizer, dir.as_deref())? }))
    }

    /// Name of the head that the model in `dir` needs.
    #[staticmethod]
    fn head(py: Python<'_>, dir: PathBuf) -> PyResult<&'static str> {
        door::run_here(py, || Ok(TextRanking::head(&dir)?.name()))
    }

    /// Scores of the pairs, a float32 array of shape (pairs, labels).
    #[pyo3(signature = (pairs, *, batch_size, prompt=None, prompt_name=None, function_to_apply=None))]
    fn predict<'py>(
        &self,
        py: Python<'py>,
        pairs: Vec<(PyBackedStr, PyBackedStr)>,
        batch_size: usize,
        prompt: Option<&str>,
        prompt_name: Option<&str>,
        function_to_apply: Option<&str>,
    ) -> PyResult<FloatArray<'py>> {
        let scores = door::run(py, || {
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(first, second)| (&**first, &**second)).collect();
            self.inner.predict(&pairs, &ranking_options(batch_size, prompt, prompt_name, function_to_apply)?)
        })?;
        to_numpy(py, scores)
    }

    /// Indices of the texts and their scores for the query, best first.
    #[pyo3(signature = (query, texts, *, batch_size, prompt=None, prompt_name=None, function_to_apply=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn rank(
        &self,
        py: Python<'_>,
        query: &str,
        texts: Vec<PyBackedStr>,
        batch_size: usize,
        prompt: Option<&str>,
        prompt_name: Option<&str>,
        function_to_apply: Option<&str>,
    ) -> PyResult<Vec<(usize, f32)>> {
        door::run(py, || {
            let options = ranking_options(batch_size, prompt, prompt_name, function_to_apply)?;
            self.inner.rank(query, &borrowed(&texts), &options)
        })
    }

    /// Prompts by name; a prompt is prepended to the first text of each pair.
    #[getter]
    fn prompts(&self) -> BTreeMap<String, String> {
        self.inner.prompts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// Maximum number of tokens of a pair; `None` if there is no limit.
    #[getter]
    fn max_seq_length(&self) -> Option<usize> {
        self.inner.max_seq_length()
    }
}

fn ranking_options<'a>(
    batch_size: usize,
    prompt: Option<&'a str>,
    prompt_name: Option<&'a str>,
    function_to_apply: Option<&str>,
) -> Result<RankingOptions<'a>> {
    let prompt = Prompt { text: prompt, name: prompt_name, task: None };
    let function_to_apply = function_to_apply.map(str::parse).transpose()?;
    Ok(RankingOptions { prompt, function_to_apply, batch_size })
}

/// The folder of a sentence-transformers repository that holds its transformer: usually "".
#[gen_stub_pyfunction]
#[pyfunction]
pub fn transformer_folder(py: Python<'_>, dir: PathBuf) -> PyResult<PathBuf> {
    door::run_here(py, || pipelines::transformer_folder(&dir))
}
