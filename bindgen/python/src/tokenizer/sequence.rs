use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;
use pyo3_stub_gen::{PyStubType, TypeInfo};
use trustformers::tokenizers::TextInput;
use trustformers::{Error, Result};

/// A sequence to encode: a text or a list of words.
pub(crate) enum Sequence {
    Text(PyBackedStr),
    Words(Vec<PyBackedStr>),
}

// A derived implementation hides the error of a string that has no UTF-8 form among those of all variants.
impl<'a, 'py> FromPyObject<'a, 'py> for Sequence {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match object.is_instance_of::<PyString>() {
            true => Ok(Self::Text(object.extract()?)),
            false => Ok(Self::Words(object.extract()?)),
        }
    }
}

impl PyStubType for Sequence {
    fn type_output() -> TypeInfo {
        String::type_output() | Vec::<String>::type_output()
    }
}

/// Rows to encode, with the slices of words that the rows borrow.
pub(crate) struct Words<'a> {
    texts: &'a [Sequence],
    text_pairs: Option<&'a [Sequence]>,
    words: Vec<Vec<&'a str>>,
    word_pairs: Vec<Vec<&'a str>>,
}

impl<'a> Words<'a> {
    pub fn new(texts: &'a [Sequence], text_pairs: Option<&'a [Sequence]>) -> Self {
        Self { texts, text_pairs, words: words(texts), word_pairs: words(text_pairs.unwrap_or_default()) }
    }

    /// The rows to encode, as pairs if `text_pairs` was given.
    ///
    /// **Errors:** `Input` if the numbers of sequences differ, or a text is paired with a list of words.
    pub fn rows(&self) -> Result<Vec<TextInput<'_>>> {
        let mut words = self.words.iter();
        let mut next_words = || words.next().map_or(&[][..], Vec::as_slice);
        let Some(text_pairs) = self.text_pairs else {
            let row = |text: &'a Sequence| match text {
                Sequence::Text(text) => TextInput::Single(text),
                Sequence::Words(_) => TextInput::Words(next_words()),
            };
            return Ok(self.texts.iter().map(row).collect());
        };
        if self.texts.len() != text_pairs.len() {
            return Err(Error::input(
                "text_pair",
                format!(
                    "found {} sequences for {} in text; the numbers must be equal",
                    text_pairs.len(),
                    self.texts.len()
                ),
            ));
        }
        let mut word_pairs = self.word_pairs.iter();
        let mut next_word_pair = || word_pairs.next().map_or(&[][..], Vec::as_slice);
        let row = |(text, text_pair): (&'a Sequence, &'a Sequence)| match (text, text_pair) {
            (Sequence::Text(text), Sequence::Text(text_pair)) => Ok(TextInput::Pair(text, text_pair)),
            (Sequence::Words(_), Sequence::Words(_)) => Ok(TextInput::WordPair(next_words(), next_word_pair())),
            _ => Err(Error::input("text_pair", "one sequence is a text and the other a list of words")),
        };
        self.texts.iter().zip(text_pairs).map(row).collect()
    }
}

fn words(sequences: &[Sequence]) -> Vec<Vec<&str>> {
    let words = |sequence| match sequence {
        &Sequence::Text(_) => None,
        Sequence::Words(words) => Some(words.iter().map(|word| &**word).collect()),
    };
    sequences.iter().filter_map(words).collect()
}
