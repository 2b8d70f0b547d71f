use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::certificates::Authorities;
use crate::proxy::ProxySettings;

const DEFAULT_ENDPOINT: &str = "https://huggingface.co";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of the hub and the cache from environment variables.
pub struct Environment {
    /// Cache directory; `None` if no variable names one and there is no home directory.
    pub cache_dir: Option<PathBuf>,
    /// URL of the hub.
    pub endpoint: String,
    /// Access token of the user, if any.
    pub token: Option<String>,
    /// Never use the network.
    pub offline: bool,
    /// Whether progress bars may be shown.
    pub progress: bool,
    /// Timeout for connecting and for the start of a response.
    pub metadata_timeout: Duration,
    /// Timeout for a transfer that makes no progress.
    pub download_timeout: Duration,
    /// Delay before a request is retried.
    pub retry_delay: Duration,
    /// Proxy for all requests; `None` connects directly.
    pub proxy: Option<ProxySettings>,
    /// Trusted certificate authorities.
    pub authorities: Authorities,
}

impl Environment {
    /// Reads the variables that `huggingface_hub` and its HTTP client read, and the token file.
    pub fn read() -> Self {
        Self::from_variables(|name| std::env::var(name).ok(), std::env::home_dir())
    }

    /// Default settings with the given cache directory and hub URL: no token, no proxy, no progress bars.
    pub fn isolated(cache_dir: impl Into<PathBuf>, endpoint: impl Into<String>) -> Self {
        let environment = Self::from_variables(|_| None, None);
        Self { cache_dir: Some(cache_dir.into()), endpoint: endpoint.into(), progress: false, ..environment }
    }

    /// Source: `constants.py` and `utils/_auth.py` of `huggingface_hub` 2.4.0.
    fn from_variables(variable: impl Fn(&str) -> Option<String>, home: Option<PathBuf>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_true = |name: &str| variable(name).is_some_and(|value| is_true(&value));
        let path = |name: &str| variable(name).map(|value| expand_home(Path::new(&value), home.as_deref()));
        let seconds = |name: &str| {
            variable(name).and_then(|value| value.parse().ok()).filter(|&seconds| seconds > 0).map(Duration::from_secs)
        };

        let hf_home = path("HF_HOME").or_else(|| {
            let cache_home = path("XDG_CACHE_HOME").or_else(|| Some(home.as_deref()?.join(".cache")))?;
            Some(cache_home.join("huggingface"))
        });
        let cache_dir = path("HF_HUB_CACHE")
            .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| Some(hf_home.as_ref()?.join("hub")));
        let stored_token = || {
            let file = path("HF_TOKEN_PATH").or_else(|| Some(hf_home.as_ref()?.join("token")))?;
            std::fs::read_to_string(file).ok()
        };
        let token = match is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
            true => None,
            false => variable("HF_TOKEN").or_else(|| variable("HUGGING_FACE_HUB_TOKEN")).or_else(stored_token),
        };
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        Self {
            cache_dir,
            proxy: ProxySettings::from_variables(variable, &endpoint),
            authorities: Authorities::from_variables(path),
            endpoint,
            token: token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()),
            offline: variable("HF_HUB_OFFLINE")
                .or_else(|| variable("TRANSFORMERS_OFFLINE"))
                .is_some_and(|value| self::is_true(&value)),
            progress: !is_true("HF_HUB_DISABLE_PROGRESS_BARS"),
            metadata_timeout: seconds("HF_HUB_ETAG_TIMEOUT").unwrap_or(DEFAULT_TIMEOUT),
            download_timeout: seconds("HF_HUB_DOWNLOAD_TIMEOUT").unwrap_or(DEFAULT_TIMEOUT),
            retry_delay: Duration::from_secs(1),
        }
    }
}

/// `path` with a leading `~` replaced by the home directory.
pub(crate) fn expand_user(path: &Path) -> PathBuf {
    expand_home(path, std::env::home_dir().as_deref())
}

fn expand_home(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

fn is_true(value: &str) -> bool {
    ["1", "ON", "YES", "TRUE"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let value = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Environment::from_variables(value, Some("/home/me".into()))
    }

    fn cache_dir(variables: &[(&str, &str)]) -> PathBuf {
        environment(variables).cache_dir.unwrap()
    }

    #[test]
    fn more_specific_cache_variables_win() {
        let mut variables =
            vec![("HF_HUB_CACHE", "/1"), ("HUGGINGFACE_HUB_CACHE", "/2"), ("HF_HOME", "/3"), ("XDG_CACHE_HOME", "/4")];
        for expected in ["/1", "/2", "/3/hub", "/4/huggingface/hub", "/home/me/.cache/huggingface/hub"] {
            assert_eq!(cache_dir(&variables), Path::new(expected));
            if !variables.is_empty() {
                variables.remove(0);
            }
        }
    }

    #[test]
    fn empty_variables_are_unset_and_tildes_expand_to_the_home_directory() {
        assert_eq!(cache_dir(&[("HF_HUB_CACHE", ""), ("HF_HOME", "~/hf")]), Path::new("/home/me/hf/hub"));
        assert_eq!(cache_dir(&[("HF_HUB_CACHE", "~")]), Path::new("/home/me"));
    }

    #[test]
    fn offline_is_read_as_huggingface_hub_reads_it() {
        for (variables, offline) in [
            (&[("HF_HUB_OFFLINE", "1")][..], true),
            (&[("HF_HUB_OFFLINE", "yes")], true),
            (&[("HF_HUB_OFFLINE", "On")], true),
            (&[("TRANSFORMERS_OFFLINE", "true")], true),
            (&[("HF_HUB_OFFLINE", "0"), ("TRANSFORMERS_OFFLINE", "1")], false),
            (&[("HF_HUB_OFFLINE", "2")], false),
            (&[], false),
        ] {
            assert_eq!(environment(variables).offline, offline, "{variables:?}");
        }
    }

    #[test]
    fn tokens_come_from_variables_before_files() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().to_str().unwrap();
        std::fs::write(directory.path().join("token"), "stored\n").unwrap();
        std::fs::write(directory.path().join("other"), "other").unwrap();
        let other = directory.path().join("other");
        let mut variables = vec![
            ("HF_TOKEN", "first "),
            ("HUGGING_FACE_HUB_TOKEN", "second"),
            ("HF_TOKEN_PATH", other.to_str().unwrap()),
            ("HF_HOME", home),
        ];
        for expected in [Some("first"), Some("second"), Some("other"), Some("stored"), None] {
            assert_eq!(environment(&variables).token.as_deref(), expected);
            if !variables.is_empty() {
                variables.remove(0);
            }
        }
        let disabled = [("HF_TOKEN", "first"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")];
        assert_eq!(environment(&disabled).token, None);
    }

    #[test]
    fn without_a_home_directory_there_is_no_default_cache() {
        assert_eq!(Environment::from_variables(|_| None, None).cache_dir, None);
    }
}
