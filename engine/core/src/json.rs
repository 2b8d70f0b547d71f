use std::borrow::Cow;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{Error, Result};

/// First bytes of a Git LFS pointer file.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const CONSTANTS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// Rejects the contents of a file that is a Git LFS pointer.
///
/// **Errors:** `Io` naming the file and the command that fetches its contents.
pub fn check_lfs_pointer(file: &Path, contents: &[u8]) -> Result<()> {
    if !contents.starts_with(LFS_POINTER) {
        return Ok(());
    }
    let message = "a Git LFS pointer, not the file itself: run `git lfs pull` in the repository, or download the file";
    Err(Error::io(file, std::io::Error::other(message)))
}

/// Reads a JSON file as Python's `json` does: `NaN`, `Infinity` and `-Infinity` become strings. A byte order mark is
/// skipped.
///
/// **Errors:** `Io` if the file is unreadable or a Git LFS pointer, `Config` with line and column if it is not JSON.
pub fn read_json(file: &Path) -> Result<Value> {
    let text = fs::read(file).map_err(|source| Error::io(file, source))?;
    check_lfs_pointer(file, &text)?;
    parse_json(&text).map_err(|error| Error::config(file, format!("not valid JSON: {error}")))
}

/// Parses JSON as [`read_json`] does.
///
/// **Errors:** the parse error of `serde_json`.
pub fn parse_json(text: &[u8]) -> serde_json::Result<Value> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    serde_json::from_slice(text).or_else(|error| match quote_constants(text) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(quoted) => serde_json::from_slice(&quoted),
    })
}

/// Quotes Python's `NaN`, `Infinity` and `-Infinity`, which are not valid JSON.
fn quote_constants(text: &[u8]) -> Cow<'_, [u8]> {
    let mut quoted = Vec::new();
    let (mut copied, mut at, mut is_string) = (0, 0, false);
    while at < text.len() {
        match text[at] {
            b'\\' if is_string => at += 1,
            b'"' => is_string = !is_string,
            _ if !is_string => {
                if let Some(constant) = CONSTANTS.iter().find(|constant| text[at..].starts_with(constant.as_bytes())) {
                    quoted.extend_from_slice(&text[copied..at]);
                    quoted.extend_from_slice(format!("\"{constant}\"").as_bytes());
                    at += constant.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    quoted.extend_from_slice(&text[copied..]);
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn byte_order_marks_and_carriage_returns_are_accepted() {
        assert_eq!(parse_json("\u{feff}{\r\n\"a\": 1\r\n}\r\n".as_bytes()).unwrap(), json!({"a": 1}));
    }

    #[test]
    fn python_constants_become_strings() {
        let text = br#"{"a": NaN, "b": [-Infinity, Infinity], "NaN": "a \"NaN\" \\", "c": 1e9}"#;
        let expected = json!({"a": "NaN", "b": ["-Infinity", "Infinity"], "NaN": "a \"NaN\" \\", "c": 1e9});
        assert_eq!(parse_json(text).unwrap(), expected);
        for wrong in ["{\"a\": NaNa}", "{\"a\": Nan}", "\"NaN", "NaN\\", ""] {
            parse_json(wrong.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn a_git_lfs_pointer_is_reported_as_one() {
        let dir = std::env::temp_dir().join(format!("trustformers-lfs-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("config.json");
        fs::write(&file, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n").unwrap();
        let message = read_json(&file).unwrap_err().to_string();
        assert!(message.contains("config.json") && message.contains("git lfs pull"), "{message}");
        fs::remove_dir_all(dir).unwrap();
    }
}
