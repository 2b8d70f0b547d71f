use std::fmt;
use std::path::{Path, PathBuf};

use trustformers_core::{Error, Result};

use crate::files::is_safe_name;

/// Maximum length of each part of an id.
const MAX_PART_LENGTH: usize = 96;

/// Id of a model repository, `name` or `namespace/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepoId(String);

impl RepoId {
    /// Source: `validate_repo_id` of `huggingface_hub` 2.4.0.
    fn parse(text: &str) -> Option<Self> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_part = |part: &str| {
            part.len() <= MAX_PART_LENGTH
                && part.starts_with(is_word)
                && part.ends_with(is_word)
                && part.chars().all(|c| is_word(c) || c == '-' || c == '.')
        };
        let is_valid = text.split('/').count() <= 2
            && text.split('/').all(is_part)
            && !text.contains("--")
            && !text.contains("..")
            && !text.ends_with(".git");
        is_valid.then(|| Self(text.to_owned()))
    }

    /// Name of the repository's directory in the cache.
    pub(crate) fn folder_name(&self) -> String {
        format!("models--{}", self.0.replace('/', "--"))
    }
}

impl fmt::Display for RepoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where to look for a model.
#[derive(Debug, PartialEq)]
pub(crate) enum Location {
    Directory(PathBuf),
    Repo(RepoId),
}

/// Parses a model name or path; an existing directory wins over a repository of the same name.
pub(crate) fn locate(name_or_path: &str) -> Result<Location> {
    let path = Path::new(name_or_path);
    if path.is_dir() {
        return Ok(Location::Directory(path.to_owned()));
    }
    if path.exists() {
        let message = format!("\"{name_or_path}\" is a file, expected the directory that holds the model's files");
        return Err(Error::hub(message));
    }
    if is_path_like(name_or_path) {
        return Err(Error::hub(format!("there is no directory \"{name_or_path}\"")));
    }
    RepoId::parse(name_or_path).map(Location::Repo).ok_or_else(|| {
        Error::hub(format!(
            "\"{name_or_path}\" is neither a directory nor a repository id; an id is \"name\" or \"namespace/name\" \
             of ASCII letters, digits, '-', '_' and '.', at most {MAX_PART_LENGTH} characters each, without \"--\" \
             or \"..\", not starting or ending with '-' or '.', and not ending with \".git\""
        ))
    })
}

fn is_path_like(text: &str) -> bool {
    let has_drive = text.as_bytes().get(1) == Some(&b':') && text.starts_with(|c: char| c.is_ascii_alphabetic());
    matches!(text, "." | ".." | "~")
        || ["/", "./", "../", "~/"].iter().any(|prefix| text.starts_with(prefix))
        || text.ends_with('/')
        || text.contains('\\')
        || has_drive
        || text.matches('/').count() > 1
}

/// Rejects an invalid branch, tag or commit name, above all a path that escapes the cache.
pub(crate) fn check_revision(revision: &str) -> Result<()> {
    // Rules of git-check-ref-format(1), and what a path on any system requires.
    let is_valid = is_safe_name(revision)
        && !revision.contains("..")
        && !revision.contains("@{")
        && !revision.contains(['~', '^', '?', '*', '[', ' ', '"', '<', '>', '|'])
        && revision.split('/').all(|part| !part.starts_with('.') && !part.ends_with('.') && part.len() <= 200);
    if is_valid {
        return Ok(());
    }
    Err(Error::input("revision", format!("\"{revision}\" cannot be the name of a branch, a tag or a commit hash")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str) -> String {
        locate(name).expect_err(name).to_string()
    }

    #[test]
    fn directories_are_returned_as_given() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        assert_eq!(locate(path).unwrap(), Location::Directory(path.into()));
        let with_slash = format!("{path}/");
        let Location::Directory(found) = locate(&with_slash).unwrap() else { panic!("not a directory") };
        assert_eq!(found.as_os_str(), with_slash.as_str());
    }

    #[test]
    fn missing_paths_are_not_mistaken_for_repositories() {
        for name in ["./x", "../x", "/x", "a/b/c", "C:\\x", "C:/x", "a\\b", "org/name/", "~/model"] {
            assert!(message(name).contains("there is no directory"), "{name}");
        }
    }

    #[test]
    fn a_file_is_not_a_model_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(message(file.path().to_str().unwrap()).contains("is a file"));
    }

    #[test]
    fn ids_that_the_hub_refuses_are_refused() {
        let too_long = "a".repeat(97);
        let names = [
            "a b", "a--b", "a..b", "-a", "a-", ".a", "a.", "org/-x", "org/x.", "x.git", "café", "", "a\0b", "ab:c",
            &too_long,
        ];
        for name in names {
            assert!(message(name).contains("neither a directory nor a repository id"), "{name:?}");
        }
    }

    #[test]
    fn ids_that_the_hub_accepts_are_accepted() {
        let longest = "a".repeat(96);
        for name in ["gpt2", "org/name", "Foo-BAR_foo.bar123", "123", "_x/y_", &longest] {
            assert_eq!(locate(name).unwrap(), Location::Repo(RepoId(name.to_owned())), "{name}");
        }
    }

    #[test]
    fn revisions_cannot_escape_the_cache() {
        for revision in ["", "..", "../x", "a/../b", "/x", "a//b", "a\\b", "C:x", "a b", ".x", "a/.x", "x.", "a\nb"] {
            assert!(check_revision(revision).is_err(), "{revision:?}");
        }
        for revision in ["main", "v1.0", "refs/pr/3", "feature/a-b_c", "0123456789012345678901234567890123456789"] {
            check_revision(revision).unwrap();
        }
    }
}
