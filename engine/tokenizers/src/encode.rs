use std::str::FromStr;
use std::sync::atomic::AtomicUsize;

use tokenizers::parallelism::MaybeParallelIterator;
use tokenizers::utils::padding::{PaddingParams, PaddingStrategy, pad_encodings};
use tokenizers::{Encoding, InputSequence, PostProcessor};
use trustformers_core::{Error, Result};

use crate::truncate::{Shortening, Truncation};
use crate::{BatchEncoding, MAX_TOKENS, Side, Tokenizer};

/// Input of one row: a sequence or a pair of sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextInput<'a> {
    /// One sequence.
    Single(&'a str),
    /// Two sequences in one row.
    Pair(&'a str, &'a str),
    /// One sequence that is already split into words; offsets count within each word.
    Words(&'a [&'a str]),
    /// Two sequences in one row, both already split into words.
    WordPair(&'a [&'a str], &'a [&'a str]),
}

impl<'a> From<&'a str> for TextInput<'a> {
    fn from(text: &'a str) -> Self {
        Self::Single(text)
    }
}

impl<'a> From<(&'a str, &'a str)> for TextInput<'a> {
    fn from((text, text_pair): (&'a str, &'a str)) -> Self {
        Self::Pair(text, text_pair)
    }
}

impl<'a> TextInput<'a> {
    fn sequences(self) -> (InputSequence<'a>, Option<InputSequence<'a>>) {
        match self {
            Self::Single(text) => (text.into(), None),
            Self::Pair(text, text_pair) => (text.into(), Some(text_pair.into())),
            Self::Words(words) => (words.into(), None),
            Self::WordPair(words, word_pair) => (words.into(), Some(word_pair.into())),
        }
    }
}

/// Length that rows are padded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// No padding.
    #[default]
    DoNotPad,
    /// To the longest row of the batch.
    Longest,
    /// To `max_length`, or to the tokenizer's limit.
    MaxLength,
}

impl Padding {
    /// The strategy's name, which `from_str` parses.
    pub fn name(self) -> &'static str {
        match self {
            Self::DoNotPad => "do_not_pad",
            Self::Longest => "longest",
            Self::MaxLength => "max_length",
        }
    }
}

impl FromStr for Padding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::Longest, Self::MaxLength, Self::DoNotPad];
        all.into_iter().find(|padding| padding.name() == name).ok_or_else(|| {
            let names = all.map(|padding| format!("\"{}\"", padding.name()));
            Error::input("padding", format!("\"{name}\" is not one of True, False, {}", names.join(", ")))
        })
    }
}

/// Options of a call that encodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Whether to add the tokens of the post-processor, such as `[CLS]` and `[SEP]`.
    pub add_special_tokens: bool,
    /// Length to pad to.
    pub padding: Padding,
    /// Sequence to truncate; `None` truncates `LongestFirst` if `max_length` is set and nothing is padded.
    pub truncation: Option<Truncation>,
    /// Length to truncate and pad to; `None` uses the tokenizer's limit, or neither truncates nor pads if it has none.
    pub max_length: Option<usize>,
    /// Whether truncated tokens are returned as further rows.
    pub return_overflowing_tokens: bool,
    /// Number of tokens that an overflowing row shares with the previous one; must be smaller than the room that
    /// `max_length` leaves for a sequence, even if overflowing tokens are dropped.
    pub stride: usize,
    /// Rounds the padded length up to a multiple of this number.
    pub pad_to_multiple_of: Option<usize>,
    /// Side to pad on; `None` uses the tokenizer's setting.
    pub padding_side: Option<Side>,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            add_special_tokens: true,
            padding: Padding::DoNotPad,
            truncation: None,
            max_length: None,
            return_overflowing_tokens: false,
            stride: 0,
            pad_to_multiple_of: None,
            padding_side: None,
        }
    }
}

impl Tokenizer {
    /// Encodes one row; overflowing parts, if requested, are in the encoding's `get_overflowing`.
    ///
    /// **Errors:** `Input` for options that contradict each other, require a missing `pad_token`, or leave no room for
    /// the special tokens; `Tokenizer` if the pipeline refuses the text.
    pub fn encode<'a>(&self, input: impl Into<TextInput<'a>>, options: &EncodeOptions) -> Result<Encoding> {
        let plan = Plan::new(self, options)?;
        let mut row = [self.encode_row(input.into(), &plan)?];
        plan.pad(&mut row)?;
        let [row] = row;
        Ok(row)
    }

    /// Encodes rows in parallel and pads them together. Overflowing rows, if requested, follow their first row.
    ///
    /// **Errors:** as `encode`.
    pub fn encode_batch(&self, inputs: Vec<TextInput<'_>>, options: &EncodeOptions) -> Result<BatchEncoding> {
        let plan = Plan::new(self, options)?;
        let is_parallel = inputs.len() > 1;
        let rows = inputs
            .into_maybe_par_iter_cond(is_parallel)
            .map(|input| self.encode_row(input, &plan))
            .collect::<Result<Vec<_>>>()?;
        let mut batch = match options.return_overflowing_tokens {
            true => BatchEncoding::with_overflowing(rows),
            false => BatchEncoding::new(rows),
        };
        plan.pad(batch.encodings_mut())?;
        Ok(batch)
    }

    fn encode_row(&self, input: TextInput<'_>, plan: &Plan) -> Result<Encoding> {
        let encode = |sequence: InputSequence<'_>| {
            self.backend.tokenizer.encode_char_offsets(sequence, false).map_err(Error::tokenizer)
        };
        let (first, second) = input.sequences();
        let mut first = encode(first)?;
        let mut second = second.map(encode).transpose()?;
        if let Some(second) = &mut second {
            second.set_type_ids(vec![1; second.len()]);
        }
        if let Some(shortening) = &plan.shortening {
            let special = if plan.add_special_tokens { self.num_special_tokens_to_add(second.is_some()) } else { 0 };
            shortening.apply(&mut first, second.as_mut(), special)?;
        }
        let overflows = |sequence: &Encoding| !sequence.get_overflowing().is_empty();
        if let Some(assembly) = &self.around.assembly
            && !overflows(&first)
            && !second.as_ref().is_some_and(overflows)
        {
            return Ok(assembly.row(first, second, plan.add_special_tokens));
        }
        self.around.post_processor.process(first, second, plan.add_special_tokens).map_err(Error::tokenizer)
    }
}

/// Encoding options with all defaults resolved.
struct Plan {
    add_special_tokens: bool,
    shortening: Option<Shortening>,
    padding: Option<PaddingParams>,
}

impl Plan {
    fn new(tokenizer: &Tokenizer, options: &EncodeOptions) -> Result<Self> {
        let truncation = options.truncation.unwrap_or(match (options.max_length, options.padding) {
            (Some(_), Padding::DoNotPad) => Truncation::LongestFirst,
            _ => Truncation::DoNotTruncate,
        });
        let max_length = options.max_length.or(tokenizer.model_max_length());
        let shortening = match max_length {
            Some(max_length) if truncation != Truncation::DoNotTruncate => Some(Shortening {
                truncation,
                max_length,
                direction: tokenizer.truncation_side().into(),
                stride: options.stride,
                keeps_overflow: options.return_overflowing_tokens,
                overflow: AtomicUsize::new(0),
            }),
            _ => None,
        };
        if let Some(shortening) = &shortening {
            // As in the reference, special tokens count here even where they are not added.
            shortening.check_stride(tokenizer.num_special_tokens_to_add(false))?;
        }
        let strategy = match options.padding {
            Padding::DoNotPad => None,
            Padding::Longest => Some(PaddingStrategy::BatchLongest),
            Padding::MaxLength => max_length.map(PaddingStrategy::Fixed),
        };
        let padding = strategy.map(|strategy| padding_params(tokenizer, options, strategy)).transpose()?;
        if let (Some(shortening), Some(multiple), true) = (&shortening, options.pad_to_multiple_of, padding.is_some())
            && shortening.max_length % multiple != 0
        {
            return Err(Error::input(
                "pad_to_multiple_of",
                format!("max_length={} is not a multiple of {multiple}", shortening.max_length),
            ));
        }
        Ok(Self { add_special_tokens: options.add_special_tokens, shortening, padding })
    }

    fn pad(&self, rows: &mut [Encoding]) -> Result<()> {
        let Some(params) = &self.padding else { return Ok(()) };
        let longest = match params.strategy {
            PaddingStrategy::Fixed(length) => length,
            PaddingStrategy::BatchLongest => rows.iter().map(Encoding::len).max().unwrap_or(0),
        };
        let padded = longest.checked_next_multiple_of(params.pad_to_multiple_of.unwrap_or(1));
        let tokens = padded.and_then(|length| length.checked_mul(rows.len()));
        if tokens.is_none_or(|tokens| tokens > MAX_TOKENS) {
            let message = format!(
                "{} rows would each be padded to {}, more than {MAX_TOKENS} tokens in total",
                rows.len(),
                padded.map_or("more than memory can count".to_owned(), |length| format!("{length} tokens"))
            );
            return Err(Error::input("padding", message));
        }
        if let [row] = rows {
            let PaddingParams { pad_id, pad_type_id, pad_token, direction, .. } = params;
            row.pad(padded.unwrap_or(longest), *pad_id, *pad_type_id, pad_token, *direction);
            return Ok(());
        }
        pad_encodings(rows, params).map_err(Error::tokenizer)
    }
}

fn padding_params(tokenizer: &Tokenizer, options: &EncodeOptions, strategy: PaddingStrategy) -> Result<PaddingParams> {
    if options.pad_to_multiple_of == Some(0) {
        return Err(Error::input("pad_to_multiple_of", "0 is not a length; pass at least 1"));
    }
    let Some(pad_token) = tokenizer.special_token("pad_token") else {
        return Err(Error::input(
            "padding",
            "the tokenizer has no pad_token; choose one, for example tokenizer.pad_token = tokenizer.eos_token",
        ));
    };
    let Some(pad_id) = tokenizer.special_token_id("pad_token") else {
        return Err(Error::input("padding", format!("the pad_token \"{pad_token}\" is not in the vocabulary")));
    };
    Ok(PaddingParams {
        strategy,
        direction: options.padding_side.unwrap_or(tokenizer.padding_side()).into(),
        pad_to_multiple_of: options.pad_to_multiple_of,
        pad_id,
        pad_type_id: 0,
        pad_token: pad_token.to_owned(),
    })
}
