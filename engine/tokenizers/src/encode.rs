use std::str::FromStr;

use tokenizers::parallelism::MaybeParallelIterator;
use tokenizers::utils::padding::{PaddingParams, PaddingStrategy, pad_encodings};
use tokenizers::utils::truncation::{TruncationParams, TruncationStrategy, truncate_encodings};
use tokenizers::{Encoding, PostProcessor};
use trustformers_core::{Error, Result};

use crate::{BatchEncoding, Side, Tokenizer};

/// One row to encode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextInput<'a> {
    /// One sequence.
    Single(&'a str),
    /// Two sequences in one row.
    Pair(&'a str, &'a str),
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

/// How far rows are padded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// Not at all.
    #[default]
    DoNotPad,
    /// To the longest row of the batch.
    Longest,
    /// To `max_length`, or to the tokenizer's limit.
    MaxLength,
}

impl FromStr for Padding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "do_not_pad" => Ok(Self::DoNotPad),
            "longest" => Ok(Self::Longest),
            "max_length" => Ok(Self::MaxLength),
            _ => Err(Error::input(
                "padding",
                format!("\"{name}\" is not one of True, False, \"longest\", \"max_length\", \"do_not_pad\""),
            )),
        }
    }
}

/// Which sequence loses tokens when a row is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// None does.
    DoNotTruncate,
    /// The longer one, until both are of one length, then both.
    LongestFirst,
    /// The first.
    OnlyFirst,
    /// The second.
    OnlySecond,
}

impl FromStr for Truncation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "do_not_truncate" => Ok(Self::DoNotTruncate),
            "longest_first" => Ok(Self::LongestFirst),
            "only_first" => Ok(Self::OnlyFirst),
            "only_second" => Ok(Self::OnlySecond),
            _ => Err(Error::input(
                "truncation",
                format!(
                    "\"{name}\" is not one of True, False, \"longest_first\", \"only_first\", \"only_second\", \
                     \"do_not_truncate\""
                ),
            )),
        }
    }
}

/// How a call encodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Whether to add the tokens of the post-processor, such as `[CLS]` and `[SEP]`.
    pub add_special_tokens: bool,
    /// How far to pad.
    pub padding: Padding,
    /// What to truncate; `None` truncates `LongestFirst` if `max_length` is set and nothing is padded.
    pub truncation: Option<Truncation>,
    /// The length to truncate and pad to; `None` takes the tokenizer's limit, and without one does neither.
    pub max_length: Option<usize>,
    /// Makes the padded length a multiple of this.
    pub pad_to_multiple_of: Option<usize>,
    /// Where padding goes; `None` asks the tokenizer.
    pub padding_side: Option<Side>,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            add_special_tokens: true,
            padding: Padding::DoNotPad,
            truncation: None,
            max_length: None,
            pad_to_multiple_of: None,
            padding_side: None,
        }
    }
}

impl Tokenizer {
    /// Encodes one row.
    ///
    /// **Errors:** `Input` for options that contradict each other, ask for padding without a `pad_token`, or leave no
    /// room for the special tokens; `Tokenizer` if the pipeline refuses the text.
    pub fn encode<'a>(&self, input: impl Into<TextInput<'a>>, options: &EncodeOptions) -> Result<Encoding> {
        let plan = Plan::new(self, options)?;
        let mut row = [self.encode_row(input.into(), &plan)?];
        plan.pad(&mut row)?;
        let [row] = row;
        Ok(row)
    }

    /// Encodes rows in parallel and pads them together.
    ///
    /// **Errors:** as `encode`.
    pub fn encode_batch(&self, inputs: Vec<TextInput<'_>>, options: &EncodeOptions) -> Result<BatchEncoding> {
        let plan = Plan::new(self, options)?;
        let is_parallel = inputs.len() > 1;
        let mut rows = inputs
            .into_maybe_par_iter_cond(is_parallel)
            .map(|input| self.encode_row(input, &plan))
            .collect::<Result<Vec<_>>>()?;
        plan.pad(&mut rows)?;
        Ok(BatchEncoding::new(rows))
    }

    fn encode_row(&self, input: TextInput<'_>, plan: &Plan) -> Result<Encoding> {
        let sequence = |text: &str| self.backend.tokenizer.encode_char_offsets(text, false).map_err(Error::tokenizer);
        let (mut first, mut second) = match input {
            TextInput::Single(text) => (sequence(text)?, None),
            TextInput::Pair(text, text_pair) => (sequence(text)?, Some(sequence(text_pair)?)),
        };
        if let Some(second) = &mut second {
            second.set_type_ids(vec![1; second.len()]);
        }
        if let Some(truncation) = &plan.truncation {
            (first, second) = self.truncate(first, second, truncation, plan.add_special_tokens)?;
        }
        self.backend.post_processor.process(first, second, plan.add_special_tokens).map_err(Error::tokenizer)
    }

    fn truncate(
        &self,
        first: Encoding,
        second: Option<Encoding>,
        truncation: &TruncationParams,
        add_special_tokens: bool,
    ) -> Result<(Encoding, Option<Encoding>)> {
        let special = if add_special_tokens { self.num_special_tokens_to_add(second.is_some()) } else { 0 };
        let Some(room) = truncation.max_length.checked_sub(special) else {
            return Err(Error::input(
                "max_length",
                format!("{} is less than the {special} special tokens that encoding adds", truncation.max_length),
            ));
        };
        let params = TruncationParams { max_length: room, ..truncation.clone() };
        let (mut first, mut second) = truncate_encodings(first, second, &params).map_err(|error| {
            let length = truncation.max_length;
            Error::input("truncation", format!("cannot truncate to max_length={length}: {error}"))
        })?;
        first.take_overflowing();
        if let Some(second) = &mut second {
            second.take_overflowing();
        }
        Ok((first, second))
    }
}

/// At about a hundred bytes each, more than a machine has memory for; allocating that much would end the process.
const MAX_PADDED_TOKENS: usize = 1 << 26;

/// Options with every default decided.
struct Plan {
    add_special_tokens: bool,
    truncation: Option<TruncationParams>,
    padding: Option<PaddingParams>,
}

impl Plan {
    fn new(tokenizer: &Tokenizer, options: &EncodeOptions) -> Result<Self> {
        let truncation = options.truncation.unwrap_or(match (options.max_length, options.padding) {
            (Some(_), Padding::DoNotPad) => Truncation::LongestFirst,
            _ => Truncation::DoNotTruncate,
        });
        let strategy = match truncation {
            Truncation::DoNotTruncate => None,
            Truncation::LongestFirst => Some(TruncationStrategy::LongestFirst),
            Truncation::OnlyFirst => Some(TruncationStrategy::OnlyFirst),
            Truncation::OnlySecond => Some(TruncationStrategy::OnlySecond),
        };
        let max_length = options.max_length.or(tokenizer.model_max_length());
        let direction = tokenizer.truncation_side().into();
        let truncation = strategy.zip(max_length).map(|(strategy, max_length)| TruncationParams {
            direction,
            max_length,
            strategy,
            stride: 0,
        });
        let strategy = match options.padding {
            Padding::DoNotPad => None,
            Padding::Longest => Some(PaddingStrategy::BatchLongest),
            Padding::MaxLength => max_length.map(PaddingStrategy::Fixed),
        };
        let padding = strategy.map(|strategy| padding_params(tokenizer, options, strategy)).transpose()?;
        if let (Some(truncation), Some(multiple), true) = (&truncation, options.pad_to_multiple_of, padding.is_some())
            && truncation.max_length % multiple != 0
        {
            return Err(Error::input(
                "pad_to_multiple_of",
                format!("max_length={} is not a multiple of {multiple}", truncation.max_length),
            ));
        }
        Ok(Self { add_special_tokens: options.add_special_tokens, truncation, padding })
    }

    fn pad(&self, rows: &mut [Encoding]) -> Result<()> {
        let Some(params) = &self.padding else { return Ok(()) };
        let longest = match params.strategy {
            PaddingStrategy::Fixed(length) => length,
            PaddingStrategy::BatchLongest => rows.iter().map(Encoding::len).max().unwrap_or(0),
        };
        let padded = longest.checked_next_multiple_of(params.pad_to_multiple_of.unwrap_or(1));
        let tokens = padded.and_then(|length| length.checked_mul(rows.len()));
        if tokens.is_none_or(|tokens| tokens > MAX_PADDED_TOKENS) {
            let message = format!(
                "{} rows would each be padded to {}, more than {MAX_PADDED_TOKENS} tokens together",
                rows.len(),
                padded.map_or("more than memory can count".to_owned(), |length| format!("{length} tokens"))
            );
            return Err(Error::input("padding", message));
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
