use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::tokenizers::{BatchEncoding, Encoding, Field};

use crate::door;

/// The encoded rows of a batch. The methods that return arrays need numpy.
#[gen_stub_pyclass]
#[pyclass(name = "Encodings", frozen)]
pub struct PyEncodings {
    batch: Arc<BatchEncoding>,
}

impl PyEncodings {
    pub(crate) fn new(batch: BatchEncoding) -> Self {
        Self { batch: Arc::new(batch) }
    }
}

#[gen_stub_pymethods]
#[pymethods]
impl PyEncodings {
    /// Restores encodings from the output of `to_bytes`.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: PyBackedBytes) -> PyResult<Self> {
        door::run(py, || Ok(Self::new(BatchEncoding::from_json(&data)?)))
    }

    /// Serializes the encodings for pickling.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = door::run(py, || self.batch.to_json())?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn __len__(&self) -> usize {
        self.batch.len()
    }

    /// The number of tokens of the longest row.
    fn longest(&self) -> usize {
        self.batch.longest()
    }

    /// The number of tokens of each row.
    fn lengths(&self) -> Vec<usize> {
        self.batch.encodings().iter().map(Encoding::len).collect()
    }

    /// Index of the input that each row comes from; None unless overflowing tokens were requested.
    fn sample_mapping(&self) -> Option<Vec<usize>> {
        self.batch.sample_mapping().map(<[usize]>::to_vec)
    }

    /// Index of the input that each row comes from, as an array of shape [batch]; None unless overflowing tokens were
    /// requested.
    fn sample_mapping_array<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<i64>>> {
        let mapping = self.batch.sample_mapping()?;
        Some(PyArray1::from_iter(py, mapping.iter().map(|&sample| sample as i64)))
    }

    /// The number of tokens of each row as an array of shape [batch].
    fn lengths_array<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_iter(py, self.batch.encodings().iter().map(|encoding| encoding.len() as i64))
    }

    /// For each row, 1 for tokens inside its character spans, else 0.
    fn tokens_of_spans(&self, py: Python<'_>, spans: Vec<Vec<(usize, usize)>>) -> PyResult<Vec<Vec<u32>>> {
        door::run(py, || self.batch.tokens_of_spans(&spans))
    }

    /// The encoding of the row with this index.
    fn row(&self, index: usize) -> PyResult<PyEncoding> {
        if index < self.batch.len() {
            return Ok(PyEncoding { batch: self.batch.clone(), row: index });
        }
        Err(PyIndexError::new_err(format!("row {index} of a batch of {}", self.batch.len())))
    }

    /// `input_ids`, `token_type_ids`, `attention_mask` or `special_tokens_mask` of every row.
    fn lists(&self, py: Python<'_>, field: &str) -> PyResult<Vec<Vec<u32>>> {
        door::run(py, || {
            let field: Field = field.parse()?;
            Ok(self.batch.encodings().iter().map(|encoding| field.of(encoding).to_vec()).collect())
        })
    }

    /// `input_ids`, `token_type_ids`, `attention_mask` or `special_tokens_mask` as an array of shape [batch, seq].
    fn array<'py>(&self, py: Python<'py>, field: &str) -> PyResult<Bound<'py, PyArray2<i64>>> {
        let (values, seq) = door::run(py, || Ok((self.batch.values(field.parse()?)?, self.batch.seq()?)))?;
        PyArray1::from_vec(py, values).reshape([self.batch.len(), seq])
    }

    /// Start and end character of every token of every row.
    fn offsets(&self) -> Vec<Vec<(usize, usize)>> {
        self.batch.encodings().iter().map(|encoding| encoding.get_offsets().to_vec()).collect()
    }

    /// Start and end character of every token as an array of shape [batch, seq, 2].
    fn offsets_array<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<i64>>> {
        let (values, seq) = door::run(py, || Ok((self.batch.offsets()?, self.batch.seq()?)))?;
        PyArray1::from_vec(py, values).reshape([self.batch.len(), seq, 2])
    }
}

/// One encoded row.
#[gen_stub_pyclass]
#[pyclass(name = "Encoding", frozen)]
pub struct PyEncoding {
    batch: Arc<BatchEncoding>,
    row: usize,
}

impl PyEncoding {
    fn row(&self) -> &Encoding {
        &self.batch.encodings()[self.row]
    }
}

#[gen_stub_pymethods]
#[pymethods]
impl PyEncoding {
    fn __len__(&self) -> usize {
        self.row().len()
    }

    fn __repr__(&self) -> String {
        format!("Encoding(num_tokens={}, n_sequences={})", self.row().len(), self.row().n_sequences())
    }

    /// Token ids.
    #[getter]
    fn ids(&self) -> Vec<u32> {
        self.row().get_ids().to_vec()
    }

    /// Token type ids: 0 for the first sequence, 1 for the second.
    #[getter]
    fn type_ids(&self) -> Vec<u32> {
        self.row().get_type_ids().to_vec()
    }

    /// The tokens as text.
    #[getter]
    fn tokens(&self) -> Vec<String> {
        self.row().get_tokens().to_vec()
    }

    /// Start and end character of every token in its sequence.
    #[getter]
    fn offsets(&self) -> Vec<(usize, usize)> {
        self.row().get_offsets().to_vec()
    }

    /// Attention mask: 0 for padding, else 1.
    #[getter]
    fn attention_mask(&self) -> Vec<u32> {
        self.row().get_attention_mask().to_vec()
    }

    /// 1 for special tokens that encoding added, else 0.
    #[getter]
    fn special_tokens_mask(&self) -> Vec<u32> {
        self.row().get_special_tokens_mask().to_vec()
    }

    /// Index of the word that each token belongs to; None for special tokens.
    #[getter]
    fn word_ids(&self) -> Vec<Option<u32>> {
        self.row().get_word_ids().to_vec()
    }

    /// Index of the sequence that each token belongs to; None for special tokens.
    #[getter]
    fn sequence_ids(&self) -> Vec<Option<usize>> {
        self.row().get_sequence_ids()
    }

    /// Number of sequences in the row: 2 for a pair.
    #[getter]
    fn n_sequences(&self) -> usize {
        self.row().n_sequences()
    }

    /// Index of the sequence that a token belongs to.
    fn token_to_sequence(&self, token_index: usize) -> Option<usize> {
        self.row().token_to_sequence(token_index)
    }

    /// Index of the word that a token belongs to.
    fn token_to_word(&self, token_index: usize) -> Option<u32> {
        self.row().token_to_word(token_index).map(|(_, word)| word)
    }

    /// Start and end character of a token.
    fn token_to_chars(&self, token_index: usize) -> Option<(usize, usize)> {
        self.row().token_to_chars(token_index).map(|(_, span)| span)
    }

    /// Start and end token of a word.
    #[pyo3(signature = (word_index, sequence_index=0))]
    fn word_to_tokens(&self, word_index: u32, sequence_index: usize) -> Option<(usize, usize)> {
        self.row().word_to_tokens(word_index, sequence_index)
    }

    /// Start and end character of a word.
    #[pyo3(signature = (word_index, sequence_index=0))]
    fn word_to_chars(&self, word_index: u32, sequence_index: usize) -> Option<(usize, usize)> {
        self.row().word_to_chars(word_index, sequence_index)
    }

    /// Index of the token that covers a character.
    #[pyo3(signature = (char_index, sequence_index=0))]
    fn char_to_token(&self, char_index: usize, sequence_index: usize) -> Option<usize> {
        self.row().char_to_token(char_index, sequence_index)
    }

    /// Index of the word that covers a character.
    #[pyo3(signature = (char_index, sequence_index=0))]
    fn char_to_word(&self, char_index: usize, sequence_index: usize) -> Option<u32> {
        self.row().char_to_word(char_index, sequence_index)
    }
}
