//! Reads the parts of a SentencePiece model that a tokenizer is built from.
//! Field numbers and defaults: `sentencepiece_model.proto` of sentencepiece 0.2.

use std::collections::HashMap;

/// Maximum length of pieces whose merges are derived: the search takes quadratic time in the length.
pub(crate) const LONGEST_MERGED_PIECE: usize = 512;

/// Type of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

#[derive(Debug)]
pub(crate) struct Piece {
    pub text: String,
    pub score: f32,
    pub kind: PieceKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Unigram,
    Bpe,
    Word,
    Char,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub pieces: Vec<Piece>,
    pub algorithm: Algorithm,
    pub byte_fallback: bool,
    pub unk_id: i64,
    pub bos_id: i64,
    pub eos_id: i64,
    pub unk_piece: String,
    pub bos_piece: String,
    pub eos_piece: String,
    pub charsmap: Vec<u8>,
    /// Whether a space is added before the text.
    pub add_dummy_prefix: bool,
    /// Whether spaces around the text, and all but one of several, are removed.
    pub remove_extra_whitespaces: bool,
}

impl Model {
    /// Reads a serialized model.
    ///
    /// **Errors:** a description of what is wrong with the bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut model = Self {
            pieces: Vec::new(),
            algorithm: Algorithm::Unigram,
            byte_fallback: false,
            unk_id: 0,
            bos_id: 1,
            eos_id: 2,
            unk_piece: "<unk>".to_owned(),
            bos_piece: "<s>".to_owned(),
            eos_piece: "</s>".to_owned(),
            charsmap: Vec::new(),
            add_dummy_prefix: true,
            remove_extra_whitespaces: true,
        };
        let (mut has_trainer, mut has_normalizer) = (false, false);
        for field in Fields(bytes) {
            match field? {
                (1, Field::Bytes(piece)) => model.pieces.push(read_piece(piece)?),
                (2, Field::Bytes(trainer)) => {
                    has_trainer = true;
                    model.read_trainer(trainer)?;
                }
                (3, Field::Bytes(normalizer)) => {
                    has_normalizer = true;
                    model.read_normalizer(normalizer)?;
                }
                _ => {}
            }
        }
        if model.pieces.is_empty() {
            return Err("it contains no pieces".to_owned());
        }
        if !(has_trainer && has_normalizer) {
            return Err("it ends before its trainer_spec and normalizer_spec".to_owned());
        }
        Ok(model)
    }

    fn read_trainer(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in Fields(bytes) {
            match field? {
                (3, Field::Number(number)) => {
                    self.algorithm = match number {
                        1 => Algorithm::Unigram,
                        2 => Algorithm::Bpe,
                        3 => Algorithm::Word,
                        4 => Algorithm::Char,
                        other => return Err(format!("its model_type is {other}, expected 1 to 4")),
                    }
                }
                (35, Field::Number(number)) => self.byte_fallback = number != 0,
                // Negative numbers are encoded as 64-bit two's complement.
                (40, Field::Number(number)) => self.unk_id = number.cast_signed(),
                (41, Field::Number(number)) => self.bos_id = number.cast_signed(),
                (42, Field::Number(number)) => self.eos_id = number.cast_signed(),
                (45, Field::Bytes(piece)) => self.unk_piece = read_text(piece)?,
                (46, Field::Bytes(piece)) => self.bos_piece = read_text(piece)?,
                (47, Field::Bytes(piece)) => self.eos_piece = read_text(piece)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in Fields(bytes) {
            match field? {
                (2, Field::Bytes(charsmap)) => self.charsmap = charsmap.to_vec(),
                (3, Field::Number(flag)) => self.add_dummy_prefix = flag != 0,
                (4, Field::Number(flag)) => self.remove_extra_whitespaces = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

fn read_piece(bytes: &[u8]) -> Result<Piece, String> {
    let mut piece = Piece { text: String::new(), score: 0.0, kind: PieceKind::Normal };
    for field in Fields(bytes) {
        match field? {
            (1, Field::Bytes(text)) => piece.text = read_text(text)?,
            (2, Field::Fixed(bits)) => piece.score = f32::from_bits(bits),
            (3, Field::Number(kind)) => {
                piece.kind = match kind {
                    2 => PieceKind::Unknown,
                    3 => PieceKind::Control,
                    4 => PieceKind::UserDefined,
                    5 => PieceKind::Unused,
                    6 => PieceKind::Byte,
                    _ => PieceKind::Normal,
                }
            }
            _ => {}
        }
    }
    if piece.text.is_empty() {
        return Err("a piece is empty".to_owned());
    }
    if !piece.score.is_finite() {
        return Err(format!("the score of {:?} is {}", piece.text, piece.score));
    }
    Ok(piece)
}

fn read_text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())
}

/// The pairs that pieces can be merged from, in the order of the pieces' ids.
pub(crate) fn merges(ids: &HashMap<&str, u32>) -> Vec<(String, String)> {
    let mut found: Vec<(u32, usize, usize, u32, u32, &str, &str)> = Vec::new();
    for (piece, &id) in ids.iter().filter(|(piece, _)| piece.len() <= LONGEST_MERGED_PIECE) {
        for (index, _) in piece.char_indices().skip(1) {
            let (left, right) = piece.split_at(index);
            if let (Some(&left_id), Some(&right_id)) = (ids.get(left), ids.get(right)) {
                found.push((id, left.chars().count(), right.chars().count(), left_id, right_id, left, right));
            }
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(.., left, right)| (left.to_owned(), right.to_owned())).collect()
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed(u32),
    Other,
}

/// Iterates over the fields of a protocol buffers message, by number.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("it ends in the middle of a field")?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number is longer than 64 bits".to_owned())
    }

    fn field(&mut self) -> Result<(u64, Field<'a>), String> {
        let key = self.number()?;
        let field = match key & 7 {
            0 => Field::Number(self.number()?),
            1 => {
                self.take(8)?;
                Field::Other
            }
            2 => {
                let count = usize::try_from(self.number()?).map_err(|error| error.to_string())?;
                Field::Bytes(self.take(count)?)
            }
            5 => {
                let bytes = self.take(4)?;
                Field::Fixed(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            }
            kind => return Err(format!("a field is of kind {kind}; this is not a SentencePiece model")),
        };
        Ok((key >> 3, field))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: &[u8] = &[0x0a, 10, 0x0a, 1, b'a', 0x15, 0, 0, 0x80, 0xbf, 0x18, 4, 0x12, 2, 0x18, 2, 0x1a, 0];

    #[test]
    fn a_piece_has_text_score_and_kind() {
        let model = Model::read(PIECE).unwrap();
        let piece = &model.pieces[0];
        assert_eq!((piece.text.as_str(), piece.score, piece.kind), ("a", -1.0, PieceKind::UserDefined));
        assert_eq!((model.algorithm, model.unk_id, model.eos_piece.as_str()), (Algorithm::Bpe, 0, "</s>"));
    }

    #[test]
    fn truncated_and_changed_bytes_never_panic() {
        for end in 0..PIECE.len() {
            assert!(Model::read(&PIECE[..end]).is_err());
        }
        for index in 0..PIECE.len() {
            for byte in 0..=255 {
                let mut bytes = PIECE.to_vec();
                bytes[index] = byte;
                drop(Model::read(&bytes));
            }
        }
    }

    #[test]
    fn an_endless_number_is_an_error() {
        assert!(Model::read(&[0xff; 32]).unwrap_err().contains("64 bits"));
    }
}
