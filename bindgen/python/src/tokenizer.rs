//! The tokenizer of the engine as a Python class.

mod encoding;
mod sequence;
mod template_value;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyBytes;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::Result;
use trustformers::tokenizers::{
    AddedToken, ChatOptions, EncodeOptions, Padding, Tokenizer, unknown_overrides, vocabulary_ids,
};

pub use encoding::{PyEncoding, PyEncodings};
use sequence::Sequence;
use template_value::template_value;

use crate::door;
use crate::json::{Keys, json_object};

/// A tokenizer read from Hugging Face's files. It is immutable; the `with_*` methods return a changed copy.
#[gen_stub_pyclass]
#[pyclass(name = "Tokenizer", frozen)]
pub struct PyTokenizer {
    pub(crate) inner: Tokenizer,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTokenizer {
    /// Loads a tokenizer from a directory, or from a GGUF file if `dir` is a file. `overrides` are settings that take
    /// precedence over `tokenizer_config.json`.
    #[staticmethod]
    fn from_dir(py: Python<'_>, dir: PathBuf, overrides: Keys<'_>) -> PyResult<Self> {
        let overrides = json_object("from_pretrained", &overrides)?;
        door::run(py, || {
            let inner = match dir.is_file() {
                true => trustformers::gguf_tokenizer(&dir, &overrides)?,
                false => Tokenizer::from_dir_with(&dir, &overrides)?,
            };
            Ok(Self { inner })
        })
    }

    /// Loads a tokenizer from a `tokenizer.json`. `overrides` are settings of `tokenizer_config.json`.
    #[staticmethod]
    fn from_file(py: Python<'_>, file: PathBuf, overrides: Keys<'_>) -> PyResult<Self> {
        let overrides = json_object("tokenizer_file", &overrides)?;
        door::run(py, || Ok(Self { inner: Tokenizer::from_file(&file, &overrides)? }))
    }

    /// Loads a tokenizer from the contents of a `tokenizer.json`; errors name it `name`. `overrides` are settings of
    /// `tokenizer_config.json`.
    #[staticmethod]
    fn from_json(py: Python<'_>, name: &str, text: String, overrides: Keys<'_>) -> PyResult<Self> {
        let overrides = json_object(name, &overrides)?;
        door::run(py, || Ok(Self { inner: Tokenizer::from_json(Path::new(name), text, &overrides)? }))
    }

    /// Rebuilds a tokenizer from the output of `to_files`.
    #[staticmethod]
    fn from_files(py: Python<'_>, files: BTreeMap<String, String>) -> PyResult<Self> {
        door::run(py, || Ok(Self { inner: Tokenizer::from_files(files)? }))
    }

    /// Contents of the tokenizer's files, by file name.
    fn to_files(&self, py: Python<'_>) -> PyResult<BTreeMap<String, String>> {
        door::run(py, || self.inner.to_files())
    }

    /// The vocabulary files of a tokenizer whose class reads them and no `tokenizer.json`, by file name.
    fn vocabulary_files<'py>(&self, py: Python<'py>) -> PyResult<Vec<(String, Bound<'py, PyBytes>)>> {
        let files = door::run(py, || self.inner.vocabulary_files())?;
        Ok(files.into_iter().map(|(name, bytes)| (name, PyBytes::new(py, &bytes))).collect())
    }

    /// Writes the tokenizer's files into a directory and returns their paths.
    fn save_pretrained(&self, py: Python<'_>, dir: &str) -> PyResult<Vec<String>> {
        door::run(py, || {
            let paths = self.inner.save_pretrained(Path::new(dir))?;
            Ok(paths.into_iter().map(|path| path.to_string_lossy().into_owned()).collect())
        })
    }

    /// Encodes rows in parallel, as pairs if `text_pairs` is given. A sequence is a text or a list of words.
    #[pyo3(signature = (texts, text_pairs=None, *, add_special_tokens=true, padding="do_not_pad", truncation=None,
        max_length=None, stride=0, return_overflowing_tokens=false, pad_to_multiple_of=None, padding_side=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn encode_batch(
        &self,
        py: Python<'_>,
        texts: Vec<Sequence>,
        text_pairs: Option<Vec<Sequence>>,
        add_special_tokens: bool,
        padding: &str,
        truncation: Option<&str>,
        max_length: Option<usize>,
        stride: usize,
        return_overflowing_tokens: bool,
        pad_to_multiple_of: Option<usize>,
        padding_side: Option<&str>,
    ) -> PyResult<PyEncodings> {
        let is_one = texts.len() == 1;
        let work = || {
            let options = EncodeOptions {
                add_special_tokens,
                padding: padding.parse()?,
                truncation: truncation.map(str::parse).transpose()?,
                max_length,
                stride,
                return_overflowing_tokens,
                pad_to_multiple_of,
                padding_side: padding_side.map(str::parse).transpose()?,
            };
            let words = sequence::Words::new(&texts, text_pairs.as_deref());
            Ok(PyEncodings::new(self.inner.encode_batch(words.rows()?, &options)?))
        };
        // The crate pads several rows on threads; one row without overflow is done before they wake.
        if is_one && !return_overflowing_tokens { door::run_here(py, work) } else { door::run(py, work) }
    }

    /// Renders conversations with a chat template: each text comes with the character spans that the template marks as
    /// generated. `conversations` is a list of lists of messages, `variables` a dict.
    #[pyo3(signature = (conversations, variables, *, template=None, continue_final_message=None))]
    fn render_chats(
        &self,
        py: Python<'_>,
        conversations: Vec<Bound<'_, PyAny>>,
        variables: BTreeMap<String, Bound<'_, PyAny>>,
        template: Option<String>,
        continue_final_message: Option<String>,
    ) -> PyResult<Vec<(String, Spans)>> {
        let conversations = conversations.iter().map(template_value).collect::<PyResult<Vec<_>>>()?;
        let named = |(name, value): (String, Bound<'_, PyAny>)| Ok((name, template_value(&value)?));
        let variables = variables.into_iter().map(named).collect::<PyResult<Vec<_>>>()?;
        let options = ChatOptions { template, variables, continue_final_message };
        door::run(py, || {
            let chats = self.inner.render_chats(conversations, &options)?;
            Ok(chats.into_iter().map(|chat| (chat.text, chat.generated)).collect())
        })
    }

    /// Chat templates by name.
    fn chat_templates(&self) -> Vec<(&str, &str)> {
        self.inner.chat_templates()
    }

    /// A copy of the tokenizer with other chat templates, given by name.
    fn with_chat_templates(&self, templates: Vec<(String, String)>) -> Self {
        Self { inner: self.inner.clone().with_chat_templates(templates) }
    }

    /// Resolves the chat template of a call: `asked` by name or as a template itself, else "tool_use" if there are
    /// tools, else "default".
    #[pyo3(signature = (asked, *, has_tools))]
    fn chat_template(&self, py: Python<'_>, asked: Option<&str>, has_tools: bool) -> PyResult<String> {
        door::run(py, || self.inner.chat_template(asked, has_tools))
    }

    /// Decodes a sequence of token ids into text.
    #[pyo3(signature = (ids, *, skip_special_tokens=false, clean_up_tokenization_spaces=None))]
    fn decode(
        &self,
        py: Python<'_>,
        ids: Vec<i64>,
        skip_special_tokens: bool,
        clean_up_tokenization_spaces: Option<bool>,
    ) -> PyResult<String> {
        door::run(py, || self.inner.decode(&vocabulary_ids(&ids)?, skip_special_tokens, clean_up_tokenization_spaces))
    }

    /// Decodes sequences of token ids into texts, in parallel.
    #[pyo3(signature = (rows, *, skip_special_tokens=false, clean_up_tokenization_spaces=None))]
    fn decode_batch(
        &self,
        py: Python<'_>,
        rows: Vec<Vec<i64>>,
        skip_special_tokens: bool,
        clean_up_tokenization_spaces: Option<bool>,
    ) -> PyResult<Vec<String>> {
        door::run(py, || {
            let rows = rows.iter().map(|ids| vocabulary_ids(ids)).collect::<Result<_>>()?;
            self.inner.decode_batch(rows, skip_special_tokens, clean_up_tokenization_spaces)
        })
    }

    /// The ids of tokens; tokens outside the vocabulary get the id of `unk_token`, or None without one.
    fn convert_tokens_to_ids(&self, py: Python<'_>, tokens: Vec<PyBackedStr>) -> PyResult<Vec<Option<u32>>> {
        door::run(py, || Ok(tokens.iter().map(|token| self.inner.convert_token_to_id(token)).collect()))
    }

    /// The tokens of ids; None for ids outside the vocabulary.
    #[pyo3(signature = (ids, *, skip_special_tokens=false))]
    fn convert_ids_to_tokens(
        &self,
        py: Python<'_>,
        ids: Vec<i64>,
        skip_special_tokens: bool,
    ) -> PyResult<Vec<Option<String>>> {
        door::run(py, || Ok(self.inner.convert_ids_to_tokens(&vocabulary_ids(&ids)?, skip_special_tokens)))
    }

    /// Joins tokens into the text that they represent.
    fn convert_tokens_to_string(&self, py: Python<'_>, tokens: Vec<String>) -> PyResult<String> {
        door::run(py, || self.inner.convert_tokens_to_string(tokens))
    }

    /// Every token and its id, added tokens included.
    fn vocab(&self, py: Python<'_>) -> PyResult<HashMap<String, u32>> {
        door::run(py, || Ok(self.inner.vocab()))
    }

    /// Added tokens by id, each as `(content, single_word, lstrip, rstrip, normalized, special)`.
    fn added_tokens(&self, py: Python<'_>) -> PyResult<Vec<(u32, TokenFields)>> {
        door::run(py, || Ok(self.inner.added_tokens().into_iter().map(|(id, token)| (id, fields(token))).collect()))
    }

    /// A copy of the tokenizer with more tokens, and how many of them were new or changed.
    #[pyo3(signature = (tokens, *, special))]
    fn with_added_tokens(
        &self,
        py: Python<'_>,
        tokens: Vec<TokenFields>,
        special: bool,
    ) -> PyResult<(PyTokenizer, usize)> {
        door::run(py, || {
            let tokens = tokens.into_iter().map(token).collect();
            let (inner, count) = self.inner.clone().with_added_tokens(tokens, special)?;
            Ok((PyTokenizer { inner }, count))
        })
    }

    /// A copy of the tokenizer with other extra special tokens, which have no named attribute.
    fn with_extra_special_tokens(&self, tokens: Vec<String>) -> Self {
        Self { inner: self.inner.clone().with_extra_special_tokens(tokens) }
    }

    /// The size of the vocabulary without added tokens.
    #[getter]
    fn vocab_size(&self, py: Python<'_>) -> PyResult<usize> {
        door::run(py, || Ok(self.inner.vocab_size()))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        door::run(py, || Ok(self.inner.vocab_size_with_added_tokens()))
    }

    /// How many special tokens encoding adds to one sequence, or to a pair.
    #[pyo3(signature = (*, pair=false))]
    fn num_special_tokens_to_add(&self, pair: bool) -> usize {
        self.inner.num_special_tokens_to_add(pair)
    }

    /// The tokenizer class that the files name, without `Fast`.
    #[getter]
    fn tokenizer_class(&self) -> &str {
        self.inner.tokenizer_class()
    }

    /// The language of source texts; None for a tokenizer whose rows do not name a language.
    #[getter]
    fn src_lang(&self) -> Option<&str> {
        self.inner.src_lang()
    }

    /// The language of target texts.
    #[getter]
    fn tgt_lang(&self) -> Option<&str> {
        self.inner.tgt_lang()
    }

    /// The language that rows name.
    #[getter]
    fn current_language(&self) -> Option<&str> {
        self.inner.current_language()
    }

    /// A copy of the tokenizer whose source texts are in the language `code`.
    fn with_src_lang(&self, py: Python<'_>, code: &str) -> PyResult<Self> {
        door::run_here(py, || Ok(Self { inner: self.inner.clone().with_src_lang(code)? }))
    }

    /// A copy of the tokenizer whose target texts are in the language `code`.
    #[pyo3(signature = (code))]
    fn with_tgt_lang(&self, py: Python<'_>, code: Option<&str>) -> PyResult<Self> {
        door::run_here(py, || Ok(Self { inner: self.inner.clone().with_tgt_lang(code)? }))
    }

    /// A copy of the tokenizer whose rows name the language `code`.
    fn for_language(&self, py: Python<'_>, code: &str) -> PyResult<Self> {
        door::run_here(py, || Ok(Self { inner: self.inner.clone().for_language(code)? }))
    }

    /// A copy of the tokenizer that encodes target texts.
    fn for_targets(&self, py: Python<'_>) -> PyResult<Self> {
        door::run_here(py, || Ok(Self { inner: self.inner.for_targets()? }))
    }

    /// The codes of the known languages and the ids of their tokens.
    fn language_ids(&self) -> Vec<(&str, u32)> {
        self.inner.language_ids()
    }

    /// The id of a language's token; errors name `argument`.
    fn language_id(&self, py: Python<'_>, argument: &str, code: &str) -> PyResult<u32> {
        door::run_here(py, || self.inner.language_id(argument, code))
    }

    /// The token of a language.
    fn language_token(&self, py: Python<'_>, code: &str) -> PyResult<String> {
        door::run_here(py, || self.inner.language_token(code))
    }

    /// The tokenization model: `BPE`, `WordPiece`, `WordLevel`, `Unigram`, or `Lookup` for pieces of one file whose ids
    /// are those of another.
    #[getter]
    fn model_kind(&self) -> &'static str {
        self.inner.model_kind()
    }

    /// Maximum sequence length in tokens; None if there is no limit.
    #[getter]
    fn model_max_length(&self) -> Option<usize> {
        self.inner.model_max_length()
    }

    /// A copy of the tokenizer with another `model_max_length`.
    #[pyo3(signature = (model_max_length))]
    fn with_model_max_length(&self, model_max_length: Option<usize>) -> Self {
        Self { inner: self.inner.clone().with_model_max_length(model_max_length) }
    }

    /// The side that padding is added to: `left` or `right`.
    #[getter]
    fn padding_side(&self) -> &'static str {
        self.inner.padding_side().name()
    }

    /// A copy of the tokenizer that pads on the given side.
    fn with_padding_side(&self, py: Python<'_>, side: &str) -> PyResult<Self> {
        door::run(py, || Ok(Self { inner: self.inner.clone().with_padding_side(side.parse()?) }))
    }

    /// The side that truncation removes tokens from: `left` or `right`.
    #[getter]
    fn truncation_side(&self) -> &'static str {
        self.inner.truncation_side().name()
    }

    /// A copy of the tokenizer that truncates on the given side.
    fn with_truncation_side(&self, py: Python<'_>, side: &str) -> PyResult<Self> {
        door::run(py, || Ok(Self { inner: self.inner.clone().with_truncation_side(side.parse()?) }))
    }

    /// Names of the model inputs.
    #[getter]
    fn model_input_names(&self) -> Vec<String> {
        self.inner.model_input_names().to_vec()
    }

    /// Whether decoding removes spaces before punctuation by default.
    #[getter]
    fn clean_up_tokenization_spaces(&self) -> bool {
        self.inner.clean_up_tokenization_spaces()
    }

    /// Attribute names and contents of the named special tokens, in order.
    fn special_tokens_map(&self) -> Vec<(&str, &str)> {
        self.inner.special_tokens_map()
    }

    /// Special tokens without a named attribute.
    fn extra_special_tokens(&self) -> Vec<&str> {
        self.inner.extra_special_tokens()
    }

    /// All special tokens, without duplicates.
    fn all_special_tokens(&self) -> Vec<&str> {
        self.inner.all_special_tokens()
    }

    /// A copy of the tokenizer with `token` as the special token `attribute`; None removes the special token.
    #[pyo3(signature = (attribute, token))]
    fn with_special_token(&self, attribute: &str, token: Option<&str>) -> Self {
        Self { inner: self.inner.clone().with_special_token(attribute, token) }
    }
}

/// Checks the name of a padding strategy.
#[gen_stub_pyfunction]
#[pyfunction]
pub fn check_padding(py: Python<'_>, name: &str) -> PyResult<()> {
    door::run_here(py, || name.parse::<Padding>().map(drop))
}

/// The keys of `tokenizer_config.json` that no caller may override, in alphabetical order.
#[gen_stub_pyfunction]
#[pyfunction]
pub fn unknown_tokenizer_keys(keys: Vec<String>) -> Vec<String> {
    unknown_overrides(keys.iter().map(String::as_str)).into_iter().map(str::to_owned).collect()
}

type Spans = Vec<(usize, usize)>;

type TokenFields = (String, bool, bool, bool, bool, bool);

fn fields(token: AddedToken) -> TokenFields {
    (token.content, token.single_word, token.lstrip, token.rstrip, token.normalized, token.special)
}

fn token((content, single_word, lstrip, rstrip, normalized, special): TokenFields) -> AddedToken {
    AddedToken { content, single_word, lstrip, rstrip, normalized, special }
}
