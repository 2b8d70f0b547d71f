//! Which of an encoder-decoder's tables of the vocabulary are one: its token embeddings and the weight of its output layer.

use trustformers_checkpoint::{Checkpoint, Rule, StoredTensor};

/// Names of the tables in checkpoints, after the prefix of the base model.
const SHARED: &str = "shared.weight";
const OF_ENCODER: &str = "encoder.embed_tokens.weight";
const OF_DECODER: &str = "decoder.embed_tokens.weight";
const OF_HEAD: &str = "lm_head.weight";

/// What decides which tables are one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tying {
    /// Whether the family has a table that the encoder and the decoder share.
    pub(crate) shares: bool,
    /// Whether tables are tied that the checkpoint does not hold, or holds twice.
    pub(crate) ties: bool,
    /// Whether the output layer comes first among the tables that a missing shared one is read from.
    pub(crate) ties_head_first: bool,
    /// Whether there is an output layer over the vocabulary.
    pub(crate) has_head: bool,
}

/// Which tables of a model are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    /// Whether the encoder and the decoder have one table.
    pub(crate) is_shared: bool,
    /// Whether the output layer's weight is the table of the decoder.
    pub(crate) ties_head: bool,
}

/// A table in a checkpoint.
struct Table {
    end: &'static str,
    name: String,
    tensor: StoredTensor,
}

impl Table {
    fn of(checkpoint: &Checkpoint, end: &'static str) -> Option<Self> {
        let (name, tensor) = checkpoint.ending_in(end)?;
        Some(Self { end, name: name.to_owned(), tensor: tensor.clone() })
    }

    /// Whether two tables have the same values.
    fn equals(&self, other: &Self) -> bool {
        let (own, other) = (&self.tensor, &other.tensor);
        own.element == other.element && own.shape == other.shape && own.bytes == other.bytes
    }

    /// Writes the table to a checkpoint under the name that ends so.
    fn put(&self, checkpoint: &mut Checkpoint, end: &str) {
        // An output layer lies outside of the base model, whose prefix is optional.
        let name = if end == OF_HEAD { end.to_owned() } else { self.name.replace(self.end, end) };
        checkpoint.insert(name, self.tensor.clone());
    }
}

impl Tying {
    /// The tables of a model without a checkpoint.
    pub(crate) fn unstored(self) -> Tables {
        Tables { is_shared: self.shares && self.ties, ties_head: self.has_head && self.ties }
    }

    /// The tables of a checkpoint, which afterwards has each table that is not tied under its own name.
    ///
    /// **Source:** `PreTrainedModel.tie_weights` of transformers 5.23.0. Where `tie_word_embeddings` is false, its stacks have
    /// random values if only a shared table is stored, as earlier versions did; here they read that table.
    pub(crate) fn resolve(self, checkpoint: &mut Checkpoint) -> Tables {
        let [shared, encoder, decoder, head] =
            [SHARED, OF_ENCODER, OF_DECODER, OF_HEAD].map(|end| Table::of(checkpoint, end));
        let head = head.filter(|_| self.has_head);
        if !self.shares {
            return self.of_two_vocabularies(checkpoint, decoder, head);
        }
        if !self.ties {
            let any = [&shared, &decoder, &encoder].into_iter().flatten().next();
            for (table, end) in [(&encoder, OF_ENCODER), (&decoder, OF_DECODER)] {
                if let (None, Some(any)) = (table, any) {
                    any.put(checkpoint, end);
                }
            }
            return Tables { is_shared: false, ties_head: false };
        }
        let order = if self.ties_head_first { [&head, &decoder, &encoder] } else { [&encoder, &decoder, &head] };
        let Some(source) = shared.as_ref().or_else(|| order.into_iter().flatten().next()) else {
            return self.unstored();
        };
        let [of_encoder, of_decoder, of_head] = [&encoder, &decoder, &head].map(|own| own.as_ref().unwrap_or(source));
        let tables = Tables {
            is_shared: of_encoder.equals(of_decoder),
            ties_head: self.has_head && of_encoder.equals(of_decoder) && of_head.equals(of_decoder),
        };
        match (&shared, tables.is_shared) {
            (Some(shared), true) if shared.equals(of_encoder) => {}
            (stored, true) => {
                stored.iter().for_each(|stored| checkpoint.remove(&stored.name));
                of_encoder.put(checkpoint, SHARED);
            }
            (_, false) => {
                let missing =
                    [(&encoder, OF_ENCODER), (&decoder, OF_DECODER)].into_iter().filter(|(own, _)| own.is_none());
                missing.for_each(|(_, end)| source.put(checkpoint, end));
            }
        }
        if head.is_none() && self.has_head && !tables.ties_head {
            source.put(checkpoint, OF_HEAD);
        }
        tables
    }

    fn of_two_vocabularies(self, checkpoint: &mut Checkpoint, decoder: Option<Table>, head: Option<Table>) -> Tables {
        let ties_head = match (&decoder, &head) {
            (Some(decoder), Some(head)) => decoder.equals(head),
            _ => true,
        };
        if let (None, Some(head), true) = (&decoder, &head, self.ties) {
            let prefix = checkpoint.ending_in(OF_ENCODER).and_then(|(name, _)| name.strip_suffix(OF_ENCODER));
            let name = format!("{}{OF_DECODER}", prefix.unwrap_or_default());
            checkpoint.insert(name, head.tensor.clone());
        }
        Tables { is_shared: false, ties_head: self.has_head && self.ties && ties_head }
    }
}

/// Gives the table of an encoder without a decoder the name of the shared one.
pub(crate) fn name_encoder_table(checkpoint: &mut Checkpoint) {
    if let Some(own) = Table::of(checkpoint, OF_ENCODER) {
        own.put(checkpoint, SHARED);
        checkpoint.remove(&own.name);
    }
}

/// Rules of the token embeddings.
pub(crate) fn rules(tying: Tying, tables: Tables) -> Vec<Rule> {
    match (tying.shares, tables.is_shared) {
        (_, true) => vec![
            Rule::Tied("base.decoder.embed_tokens.weight"),
            Rule::Rename { field: "encoder.embed_tokens", stored: "shared" },
            Rule::Buffer(OF_ENCODER),
        ],
        (true, false) => vec![Rule::Buffer(SHARED)],
        (false, false) => vec![Rule::Unread(SHARED)],
    }
}
