use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokenizers::Encoding;
use tokenizers::utils::truncation::TruncationDirection;
use trustformers_core::{Error, Result};

use crate::MAX_TOKENS;

/// Strategy that selects the sequence to truncate when a row is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// No truncation.
    DoNotTruncate,
    /// Truncate the longer sequence until both have the same length, then both.
    LongestFirst,
    /// Truncate only the first sequence.
    OnlyFirst,
    /// Truncate only the second sequence.
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

/// Truncation settings of a call.
#[derive(Debug)]
pub(crate) struct Shortening {
    pub truncation: Truncation,
    pub max_length: usize,
    pub direction: TruncationDirection,
    /// Number of tokens that an overflowing row shares with the previous one.
    pub stride: usize,
    /// Whether overflowing tokens are kept.
    pub keeps_overflow: bool,
    /// Number of tokens in all overflowing rows of the call.
    pub overflow: AtomicUsize,
}

impl Shortening {
    /// Truncates a row to `max_length`, minus the `special` tokens to be added later.
    ///
    /// **Errors:** `Input` if there is no room, or the strategy's sequence is missing or too short.
    pub fn apply(&self, first: &mut Encoding, second: Option<&mut Encoding>, special: usize) -> Result<()> {
        let Some(room) = self.max_length.checked_sub(special) else {
            return Err(Error::input(
                "max_length",
                format!("{} is less than the {special} special tokens that encoding adds", self.max_length),
            ));
        };
        let lengths = (first.len(), second.as_ref().map(|second| second.len()));
        if lengths.0 + lengths.1.unwrap_or(0) <= room {
            return Ok(());
        }
        let (first_room, second_room) = self.rooms(lengths, room)?;
        let parts = self.parts(lengths.0, first_room)? * self.parts(lengths.1.unwrap_or(0), second_room)?;
        self.count((parts - 1).saturating_mul(self.max_length))?;
        self.shorten(first, first_room);
        if let Some(second) = second {
            self.shorten(second, second_room);
        }
        Ok(())
    }

    fn shorten(&self, sequence: &mut Encoding, room: usize) {
        if self.keeps_overflow {
            sequence.truncate(room, self.stride, self.direction);
        } else {
            sequence.truncate(room, 0, self.direction);
            sequence.take_overflowing();
        }
    }

    /// Number of tokens that each sequence keeps.
    fn rooms(&self, (first, second): (usize, Option<usize>), room: usize) -> Result<(usize, usize)> {
        let refused = |message: String| {
            let length = self.max_length;
            Error::input("truncation", format!("cannot truncate to max_length={length}: {message}"))
        };
        let other = second.unwrap_or(0);
        let left_for = |this: usize, name: &str| {
            room.checked_sub(first + other - this).filter(|&left| left > 0).ok_or_else(|| {
                refused(format!("without the {name} sequence there would still be more than the {room} tokens allowed"))
            })
        };
        match (self.truncation, second) {
            (_, _) if room == 0 => Ok((0, 0)),
            (Truncation::DoNotTruncate, _) => Ok((first, other)),
            (Truncation::LongestFirst, None) => Ok((room, 0)),
            (Truncation::LongestFirst, Some(second)) => {
                let (short, long) = (first.min(second), first.max(second));
                // The longer sequence is truncated first; if that is not enough, both get half of the room.
                let (short, long) = match room.checked_sub(short) {
                    Some(left) if left >= short => (short, left.min(long)),
                    _ => (room / 2, room / 2 + room % 2),
                };
                Ok(if first > second { (long, short) } else { (short, long) })
            }
            (Truncation::OnlyFirst, _) => Ok((left_for(first, "first")?, other)),
            (Truncation::OnlySecond, None) => Err(refused("\"only_second\" needs a second sequence".into())),
            (Truncation::OnlySecond, Some(second)) => Ok((first, left_for(second, "second")?)),
        }
    }

    /// Number of parts that truncation splits a sequence into.
    fn parts(&self, length: usize, room: usize) -> Result<usize> {
        if length <= room {
            return Ok(1);
        }
        if room == 0 {
            return Ok(if self.keeps_overflow { 2 } else { 1 });
        }
        if self.stride >= room {
            return Err(self.stride_is_too_long(room));
        }
        Ok(if self.keeps_overflow { (length - self.stride).div_ceil(room - self.stride) } else { 1 })
    }

    /// Refuses a stride that does not fit into `max_length`, whether or not anything is truncated.
    ///
    /// **Errors:** `Input` naming the stride.
    pub fn check_stride(&self, special: usize) -> Result<()> {
        match self.max_length.checked_sub(special) {
            Some(room) if self.stride > room => Err(self.stride_is_too_long(room)),
            _ => Ok(()),
        }
    }

    fn stride_is_too_long(&self, room: usize) -> Error {
        let Self { stride, max_length, .. } = self;
        let message =
            format!("{stride} is not less than the {room} tokens that max_length={max_length} leaves for the sequence");
        Error::input("stride", message)
    }

    fn count(&self, tokens: usize) -> Result<()> {
        let before = self.overflow.fetch_add(tokens.min(MAX_TOKENS), Ordering::Relaxed);
        if before.saturating_add(tokens) <= MAX_TOKENS {
            return Ok(());
        }
        // A saturated counter cannot wrap around.
        self.overflow.store(MAX_TOKENS, Ordering::Relaxed);
        let message = format!("the overflowing rows would have more than {MAX_TOKENS} tokens in total");
        Err(Error::input("return_overflowing_tokens", message))
    }
}
