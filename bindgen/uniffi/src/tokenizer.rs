use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use trustformers::hub::Files;
use trustformers::tokenizers::{self, TextInput, vocabulary_ids};
use trustformers::{Error, gguf_tokenizer};

use crate::door;
use crate::error::Result;
use crate::hub::{HubOptions, resolve};

/// Length that rows are padded to.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum Padding {
    /// To the longest row of the batch.
    Longest,
    /// To `max_length`, or to the tokenizer's limit.
    MaxLength,
}

/// Sequence that is truncated when a row is too long.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum Truncation {
    /// The longer sequence until both have the same length, then both.
    LongestFirst,
    /// Only the first sequence.
    OnlyFirst,
    /// Only the second sequence.
    OnlySecond,
    /// None.
    DoNotTruncate,
}

/// A side of a row.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum Side {
    /// Before the first token.
    Left,
    /// After the last token.
    Right,
}

impl From<Truncation> for tokenizers::Truncation {
    fn from(truncation: Truncation) -> Self {
        match truncation {
            Truncation::LongestFirst => Self::LongestFirst,
            Truncation::OnlyFirst => Self::OnlyFirst,
            Truncation::OnlySecond => Self::OnlySecond,
            Truncation::DoNotTruncate => Self::DoNotTruncate,
        }
    }
}

/// Options of a call that encodes.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EncodeOptions {
    /// Whether to add special tokens, such as `[CLS]` and `[SEP]`.
    #[uniffi(default = true)]
    pub add_special_tokens: bool,
    /// Length to pad to; by default rows are not padded.
    #[uniffi(default = None)]
    pub padding: Option<Padding>,
    /// Sequence to truncate; by default the longer one, if `max_length` is set and nothing is padded.
    #[uniffi(default = None)]
    pub truncation: Option<Truncation>,
    /// Length to truncate and pad to; by default the tokenizer's limit, if it has one.
    #[uniffi(default = None)]
    pub max_length: Option<u32>,
    /// Rounds the padded length up to a multiple of this number.
    #[uniffi(default = None)]
    pub pad_to_multiple_of: Option<u32>,
    /// Side to pad on; by default the tokenizer's.
    #[uniffi(default = None)]
    pub padding_side: Option<Side>,
}

impl EncodeOptions {
    fn of_engine(&self) -> tokenizers::EncodeOptions {
        tokenizers::EncodeOptions {
            add_special_tokens: self.add_special_tokens,
            padding: match self.padding {
                None => tokenizers::Padding::DoNotPad,
                Some(Padding::Longest) => tokenizers::Padding::Longest,
                Some(Padding::MaxLength) => tokenizers::Padding::MaxLength,
            },
            truncation: self.truncation.map(Into::into),
            max_length: self.max_length.map(|length| length as usize),
            pad_to_multiple_of: self.pad_to_multiple_of.map(|multiple| multiple as usize),
            padding_side: self.padding_side.map(|side| match side {
                Side::Left => tokenizers::Side::Left,
                Side::Right => tokenizers::Side::Right,
            }),
            ..tokenizers::EncodeOptions::default()
        }
    }
}

/// Two texts for one row.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TextPair {
    /// The first text.
    pub text: String,
    /// The second text.
    pub text_pair: String,
}

/// Part of a text. It counts Unicode characters (code points), not the units of the language's strings.
#[derive(Clone, Copy, Debug, uniffi::Record)]
pub struct Span {
    /// First character.
    pub start: u32,
    /// Character after the last one.
    pub end: u32,
}

/// The tokens of one row.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Encoding {
    /// Token ids.
    pub input_ids: Vec<i64>,
    /// 0 for tokens of the first text, 1 for those of the second.
    pub token_type_ids: Vec<i64>,
    /// 0 for padding, else 1.
    pub attention_mask: Vec<i64>,
    /// 1 for special tokens that encoding added, else 0.
    pub special_tokens_mask: Vec<i64>,
    /// The tokens.
    pub tokens: Vec<String>,
    /// The part of its text that each token stands for.
    pub offsets: Vec<Span>,
}

impl From<&tokenizers::Encoding> for Encoding {
    fn from(row: &tokenizers::Encoding) -> Self {
        let ids = |values: &[u32]| values.iter().map(|value| i64::from(*value)).collect();
        Self {
            input_ids: ids(row.get_ids()),
            token_type_ids: ids(row.get_type_ids()),
            attention_mask: ids(row.get_attention_mask()),
            special_tokens_mask: ids(row.get_special_tokens_mask()),
            tokens: row.get_tokens().to_vec(),
            offsets: row.get_offsets().iter().map(|(start, end)| span(*start, *end)).collect(),
        }
    }
}

pub(crate) fn span(start: usize, end: usize) -> Span {
    let character = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    Span { start: character(start), end: character(end) }
}

/// A message of a conversation.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ChatMessage {
    /// Who wrote it, such as "system", "user" or "assistant".
    pub role: String,
    /// Its text.
    pub content: String,
}

/// Options of a call that renders a conversation.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ChatOptions {
    /// Whether to append the start of an assistant's message.
    #[uniffi(default = false)]
    pub add_generation_prompt: bool,
    /// Whether the text ends within the final message, for the model to continue.
    #[uniffi(default = false)]
    pub continue_final_message: bool,
    /// A template, or the name of one of the tokenizer's; by default the tokenizer's default.
    #[uniffi(default = None)]
    pub chat_template: Option<String>,
    /// More variables of the template as a JSON object, such as `tools` and `documents`.
    #[uniffi(default = None)]
    pub variables: Option<String>,
}

/// A tokenizer read from Hugging Face's files.
#[derive(uniffi::Object)]
pub struct Tokenizer {
    pub(crate) inner: Arc<tokenizers::Tokenizer>,
}

#[uniffi::export]
impl Tokenizer {
    /// Loads a tokenizer from a directory, a GGUF file or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: HubOptions) -> Result<Arc<Self>> {
        // The model's configuration can name the tokenizer's class.
        let path = door::run_here(|| resolve(&name_or_path, &[Files::Tokenizer, Files::Config], &options))?;
        Self::open(&path)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: HubOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// Encodes a text.
    #[uniffi::method(default(options))]
    pub fn encode(&self, text: String, options: EncodeOptions) -> Result<Encoding> {
        door::run_here(|| Ok((&self.inner.encode(&*text, &options.of_engine())?).into()))
    }

    /// Encodes two texts in one row.
    #[uniffi::method(default(options))]
    pub fn encode_pair(&self, text: String, text_pair: String, options: EncodeOptions) -> Result<Encoding> {
        door::run_here(|| Ok((&self.inner.encode((&*text, &*text_pair), &options.of_engine())?).into()))
    }

    /// Encodes texts in parallel, a row each, and pads the rows together.
    #[uniffi::method(default(options))]
    pub fn encode_batch(&self, texts: Vec<String>, options: EncodeOptions) -> Result<Vec<Encoding>> {
        self.batch(texts.iter().map(|text| TextInput::Single(text)).collect(), &options)
    }

    /// Encodes pairs of texts in parallel, a row each, and pads the rows together.
    #[uniffi::method(default(options))]
    pub fn encode_pairs(&self, pairs: Vec<TextPair>, options: EncodeOptions) -> Result<Vec<Encoding>> {
        self.batch(pairs.iter().map(TextPair::input).collect(), &options)
    }

    /// Decodes token ids into text.
    #[uniffi::method(default(skip_special_tokens = false))]
    pub fn decode(&self, token_ids: Vec<i64>, skip_special_tokens: bool) -> Result<String> {
        door::run_here(|| self.inner.decode(&vocabulary_ids(&token_ids)?, skip_special_tokens, None))
    }

    /// Renders a conversation with a chat template.
    #[uniffi::method(default(options))]
    pub fn apply_chat_template(&self, messages: Vec<ChatMessage>, options: ChatOptions) -> Result<String> {
        door::run(|| {
            let message = |message: &ChatMessage| json!({"role": message.role, "content": message.content});
            let conversations = json!([messages.iter().map(message).collect::<Vec<_>>()]).to_string();
            let options = options.of_engine()?;
            let mut rendered = self.inner.render_json_chats(&conversations, &options)?;
            Ok(rendered.pop().ok_or_else(|| Error::internal("a conversation without a text"))?.text)
        })
    }

    /// The id of a token; `None` for a token outside the vocabulary.
    pub fn token_to_id(&self, token: String) -> Option<i64> {
        self.inner.token_to_id(&token).map(i64::from)
    }

    /// The token of an id; `None` for an id outside the vocabulary.
    pub fn id_to_token(&self, id: i64) -> Option<String> {
        self.inner.id_to_token(u32::try_from(id).ok()?)
    }

    /// The size of the vocabulary, added tokens included.
    pub fn vocab_size(&self) -> u64 {
        self.inner.vocab_size_with_added_tokens() as u64
    }

    /// Maximum sequence length in tokens; `None` if there is no limit.
    pub fn model_max_length(&self) -> Option<u64> {
        self.inner.model_max_length().map(|length| length as u64)
    }
}

impl Tokenizer {
    /// Loads a tokenizer from a directory or a GGUF file.
    pub(crate) fn open(path: &Path) -> Result<Arc<Self>> {
        let inner = door::run(|| match path.is_file() {
            true => gguf_tokenizer(path, &Map::new()),
            false => tokenizers::Tokenizer::from_dir(path),
        })?;
        Ok(Arc::new(Self { inner: Arc::new(inner) }))
    }

    fn batch(&self, rows: Vec<TextInput<'_>>, options: &EncodeOptions) -> Result<Vec<Encoding>> {
        door::run(|| {
            let encoded = self.inner.encode_batch(rows, &options.of_engine())?;
            Ok(encoded.encodings().iter().map(Encoding::from).collect())
        })
    }
}

impl TextPair {
    pub(crate) fn input(&self) -> TextInput<'_> {
        TextInput::Pair(&self.text, &self.text_pair)
    }
}

impl ChatOptions {
    fn of_engine(self) -> trustformers::Result<tokenizers::ChatOptions> {
        let Self { add_generation_prompt, continue_final_message, chat_template, variables } = self;
        if add_generation_prompt && continue_final_message {
            return Err(Error::input("continue_final_message", "contradicts add_generation_prompt"));
        }
        let continued = continue_final_message.then(|| "content".to_owned());
        let variables = variables.as_deref().unwrap_or("{}");
        let mut options = tokenizers::ChatOptions::from_json(variables, chat_template, continued)?;
        let prompt = tokenizers::TemplateValue::from(Value::Bool(add_generation_prompt));
        options.variables.push(("add_generation_prompt".to_owned(), prompt));
        Ok(options)
    }
}
