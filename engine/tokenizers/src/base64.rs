//! Bytes as text in JSON files.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// Reads text with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Encodes bytes as base64.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes base64 up to its padding; `None` if the text is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text.split('=').next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_to_the_last_byte() {
        assert_eq!(decode("AAQAAA==").unwrap(), [0, 4, 0, 0]);
        assert_eq!(decode("/+8=").unwrap(), [255, 239]);
        assert!(decode("a b").is_none());
    }

    #[test]
    fn decoding_restores_encoded_bytes() {
        for length in 0..9 {
            let bytes: Vec<u8> = (0..length).map(|index| 255 - 31 * index).collect();
            assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }
        assert_eq!(encode(&[255, 239]), "/+8=");
    }
}
