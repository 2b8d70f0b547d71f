use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::pipelines::{Answer, QuestionAnswering, QuestionAnsweringOptions};

use super::parts;
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Score, start and end (exclusive) in characters, and the answer's text.
type PyAnswer = (f64, usize, usize, String);

/// Extractive question answering pipeline: finds the spans of a context that answer a question.
#[gen_stub_pyclass]
#[pyclass(name = "QuestionAnswering", frozen)]
pub struct PyQuestionAnswering {
    inner: QuestionAnswering,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyQuestionAnswering {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, tokenizer: &PyTokenizer) -> PyResult<Self> {
        let (model, tokenizer) = parts(model, tokenizer);
        door::run(py, || Ok(Self { inner: QuestionAnswering::new(model, tokenizer)? }))
    }

    /// For each question and context, the best answers: score, start and end (exclusive) in characters, and text.
    #[pyo3(signature = (examples, *, batch_size, top_k=1, max_answer_len=15, handle_impossible_answer=false,
        align_to_words=true, max_seq_len=None, doc_stride=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn run(
        &self,
        py: Python<'_>,
        examples: Vec<(PyBackedStr, PyBackedStr)>,
        batch_size: usize,
        top_k: usize,
        max_answer_len: usize,
        handle_impossible_answer: bool,
        align_to_words: bool,
        max_seq_len: Option<usize>,
        doc_stride: Option<usize>,
    ) -> PyResult<Vec<Vec<PyAnswer>>> {
        let examples: Vec<(&str, &str)> =
            examples.iter().map(|(question, context)| (&**question, &**context)).collect();
        let options = QuestionAnsweringOptions {
            top_k,
            max_seq_len,
            doc_stride,
            max_answer_len,
            handle_impossible_answer,
            align_to_words,
            batch_size,
        };
        let results = door::run(py, || self.inner.run(&examples, &options))?;
        let tuple = |Answer { score, start, end, answer }| (score, start, end, answer);
        Ok(results.into_iter().map(|answers| answers.into_iter().map(tuple).collect()).collect())
    }
}
