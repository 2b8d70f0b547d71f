use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;
use trustformers_core::{Error, Result};
use ureq::config::Config;
use ureq::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG, LOCATION, RANGE, USER_AGENT};
use ureq::http::{Method, Request, Response, StatusCode};
use ureq::{Agent, Body};

use crate::cache::is_commit_hash;
use crate::environment::Environment;
use crate::files::is_safe_name;
use crate::proxy::ProxySettings;
use crate::repo_id::RepoId;
use crate::url::{escaped, origin, redirected};

const MAX_REDIRECTS: usize = 10;
const MAX_INFO_BYTES: u64 = 256 << 20;
const MAX_INFO_TIME: Duration = Duration::from_secs(120);
const NUM_ATTEMPTS: usize = 3;
const LINKED_ETAG: &str = "x-linked-etag";
const LINKED_SIZE: &str = "x-linked-size";

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No response, or one that asks to try again later.
    Transient(String),
    /// An error that a retry would repeat.
    Refused(String),
    /// The repository exists but the revision does not.
    RevisionNotFound(String),
    /// An error of this machine or of a file.
    Local(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Transient(message) | Failure::Refused(message) | Failure::RevisionNotFound(message) => {
                Self::hub(message)
            }
            Failure::Local(error) => error,
        }
    }
}

/// Metadata of a repository revision: its commit and file list.
pub(crate) struct RepoInfo {
    pub(crate) commit: String,
    names: HashSet<String>,
}

impl RepoInfo {
    fn parse(json: &[u8]) -> Result<Self, &'static str> {
        let info: Value = serde_json::from_slice(json).map_err(|_| "invalid JSON")?;
        let commit = info.get("sha").and_then(Value::as_str).filter(|sha| is_commit_hash(sha));
        let siblings = info.get("siblings").and_then(Value::as_array).ok_or("no list of files in \"siblings\"")?;
        let names = siblings.iter().filter_map(|sibling| sibling.get("rfilename")?.as_str());
        // Names that would escape the snapshot directory are ignored.
        let names = names.filter(|name| is_safe_name(name)).map(str::to_owned).collect();
        Ok(Self { commit: commit.ok_or("no commit hash in \"sha\"")?.to_owned(), names })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Sorted names of the files directly in a folder; `prefix` is the folder with a trailing slash, or empty.
    pub(crate) fn names_in(&self, prefix: &str) -> Vec<String> {
        let names = self.names.iter().filter_map(|name| name.strip_prefix(prefix)).filter(|name| !name.contains('/'));
        let mut names: Vec<_> = names.map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    /// The files directly in a directory whose names end with `extension`.
    pub(crate) fn files_in(&self, directory: &str, extension: &str) -> impl Iterator<Item = &str> {
        let is_inside = move |name: &&String| {
            let rest = name.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|file| !file.contains('/') && file.ends_with(extension))
        };
        self.names.iter().filter(is_inside).map(String::as_str)
    }
}

/// ETag and size of a file, queried before the download.
pub(crate) struct FileMetadata {
    pub(crate) etag: String,
    pub(crate) size: u64,
}

/// HTTP client for one repository.
pub(crate) struct Client {
    agent: Agent,
    endpoint: String,
    repo: RepoId,
    token: Option<String>,
    pub(crate) retry_delay: Duration,
}

impl Client {
    pub(crate) fn new(environment: &Environment, repo: RepoId, token: Option<&str>) -> Result<Self> {
        let endpoint = environment.endpoint.trim_end_matches('/').to_owned();
        if !endpoint.starts_with("https://") && !endpoint.starts_with("http://") {
            return Err(Error::hub("HF_ENDPOINT must start with https:// or http://"));
        }
        let token = token.map(str::trim).filter(|token| !token.is_empty()).or(environment.token.as_deref());
        if token.is_some_and(|token| !token.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(Error::input(
                "token",
                "contains characters that are invalid in an access token (value hidden)",
            ));
        }
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(environment.proxy.as_ref().map(ProxySettings::proxy).transpose()?)
            .tls_config(environment.authorities.tls()?)
            .timeout_resolve(Some(environment.metadata_timeout))
            .timeout_connect(Some(environment.metadata_timeout))
            .timeout_recv_response(Some(environment.metadata_timeout))
            .timeout_per_read(Some(environment.download_timeout))
            .timeout_per_write(Some(environment.download_timeout))
            .build();
        let token = token.map(str::to_owned);
        Ok(Self { agent: config.into(), endpoint, repo, token, retry_delay: environment.retry_delay })
    }

    pub(crate) fn repo(&self) -> &RepoId {
        &self.repo
    }

    /// Retries a request that fails with [`Failure::Transient`].
    pub(crate) fn retried<T>(&self, request: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
        let mut result = request();
        for _ in 1..NUM_ATTEMPTS {
            match result {
                Err(Failure::Transient(_)) => std::thread::sleep(self.retry_delay),
                _ => break,
            }
            result = request();
        }
        result
    }

    /// Resolves `revision` to a commit and its file list.
    pub(crate) fn repo_info(&self, revision: &str) -> Result<RepoInfo, Failure> {
        let url = format!("{}/api/models/{}/revision/{}", self.endpoint, self.repo, escaped(revision, ""));
        let mut response = self.send(Method::GET, &url, 0)?;
        self.check_status(&response, &format!("revision \"{revision}\""))?;
        let body = response.body_mut().with_config().limit(MAX_INFO_BYTES).read_to_vec();
        let body = body.map_err(|error| self.unreachable(error))?;
        RepoInfo::parse(&body).map_err(|what| {
            let Self { endpoint, repo, .. } = self;
            Failure::Refused(format!("{endpoint} returned {what} for {repo}; is it a Hugging Face hub?"))
        })
    }

    /// Queries the ETag and size of a file.
    pub(crate) fn file_metadata(&self, commit: &str, name: &str) -> Result<FileMetadata, Failure> {
        let url = self.file_url(commit, name);
        let response = self.send(Method::HEAD, &url, 0)?;
        if !response.status().is_redirection() {
            self.check_status(&response, &format!("file \"{name}\""))?;
        }
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let etag = header(LINKED_ETAG).or_else(|| header(ETAG.as_str())).map(normalized_etag);
        let size = header(LINKED_SIZE)
            .or_else(|| header(CONTENT_LENGTH.as_str()).filter(|_| response.status().is_success()))
            .and_then(|size| size.parse().ok());
        match (etag, size) {
            (Some(etag), Some(size)) if is_blob_name(etag) => Ok(FileMetadata { etag: etag.to_owned(), size }),
            _ => Err(Failure::Refused(format!(
                "{} returned no usable ETag and size for \"{name}\" of {}; is it a Hugging Face hub?",
                self.endpoint, self.repo
            ))),
        }
    }

    /// Opens a file for reading from byte `start`.
    pub(crate) fn open_file(&self, commit: &str, name: &str, start: u64) -> Result<Response<Body>, Failure> {
        let response = self.send(Method::GET, &self.file_url(commit, name), start)?;
        if response.status() != StatusCode::RANGE_NOT_SATISFIABLE {
            self.check_status(&response, &format!("file \"{name}\""))?;
        }
        Ok(response)
    }

    fn file_url(&self, commit: &str, name: &str) -> String {
        format!("{}/{}/resolve/{commit}/{}", self.endpoint, self.repo, escaped(name, "/"))
    }

    /// Sends a request and follows redirects; `HEAD` stops at a redirect to large-file storage, which carries the ETag.
    ///
    /// The token is sent to the hub's own origin only.
    fn send(&self, method: Method, url: &str, start: u64) -> Result<Response<Body>, Failure> {
        let mut url = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = Request::builder()
                .method(&method)
                .uri(&url)
                .header(USER_AGENT, concat!("trustformers/", env!("CARGO_PKG_VERSION")))
                .header(ACCEPT_ENCODING, "identity");
            if let Some(token) = self.token.as_ref().filter(|_| origin(&url) == origin(&self.endpoint)) {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            if start > 0 {
                request = request.header(RANGE, format!("bytes={start}-"));
            }
            let request = request.body(()).map_err(|_| self.unreachable("it redirects to an invalid address"))?;
            let is_info = method == Method::GET && url.starts_with(&format!("{}/api/", self.endpoint));
            let request = self.agent.configure_request(request);
            let request = request.timeout_recv_body(is_info.then_some(MAX_INFO_TIME)).build();
            let response = self.agent.run(request).map_err(|error| self.failed(error))?;
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let Some(location) = location.filter(|_| response.status().is_redirection()) else {
                return Ok(response);
            };
            if method == Method::HEAD && !location.starts_with('/') && response.headers().contains_key(LINKED_ETAG) {
                return Ok(response);
            }
            url = redirected(&url, location)
                .ok_or_else(|| self.unreachable("it redirects to an invalid or unencrypted address"))?;
        }
        Err(self.unreachable("too many redirects"))
    }

    fn failed(&self, error: ureq::Error) -> Failure {
        let text = error.to_string();
        if !text.contains("UnknownIssuer") {
            return self.unreachable(text);
        }
        let Self { endpoint, repo, .. } = self;
        Failure::Refused(format!(
            "the certificate of {endpoint} cannot be verified for {repo}: unknown issuer ({text}); if a proxy in your \
             network signs certificates, set SSL_CERT_FILE to the file of its CA certificate"
        ))
    }

    fn unreachable(&self, reason: impl std::fmt::Display) -> Failure {
        Failure::Transient(format!("{} cannot be reached for {}: {reason}", self.endpoint, self.repo))
    }

    /// Turns an unsuccessful response into a failure; `what` names the requested resource.
    fn check_status(&self, response: &Response<Body>, what: &str) -> Result<(), Failure> {
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let Self { endpoint, repo, .. } = self;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        let token_advice = match self.token {
            Some(_) => "the token that was sent gives no access to it",
            None => "give a token (token=..., HF_TOKEN, or `hf auth login`)",
        };
        Err(match (header("x-error-code"), status.as_u16()) {
            ("RevisionNotFound", _) => Failure::RevisionNotFound(format!("{repo} at {endpoint} has no {what}")),
            ("EntryNotFound", _) => Failure::Refused(format!("{repo} at {endpoint} has no {what}")),
            ("GatedRepo", _) => {
                Failure::Refused(format!("{repo} is gated: ask for access at {endpoint}/{repo}, then {token_advice}"))
            }
            (_, 401) if header("x-error-message").starts_with("Invalid credentials") => {
                Failure::Refused(format!("{endpoint} does not accept the token that was sent for {repo}"))
            }
            ("RepoNotFound", _) | (_, 401 | 404) => Failure::Refused(format!(
                "there is no model repository {repo} at {endpoint}; check the name, and if the repository is private \
                 or gated, {token_advice}"
            )),
            (_, 403) => Failure::Refused(format!("{endpoint} forbids access to {what} of {repo}; {token_advice}")),
            (_, 408 | 429 | 500..) => {
                Failure::Transient(format!("{endpoint} returned {status} for {what} of {repo}; try again later"))
            }
            _ => Failure::Refused(format!("{endpoint} returned {status} for {what} of {repo}")),
        })
    }
}

/// Source: `_normalize_etag` of `huggingface_hub` 2.4.0.
fn normalized_etag(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

fn is_blob_name(etag: &str) -> bool {
    (1..=128).contains(&etag.len())
        && !etag.starts_with('.')
        && etag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_lists_drop_names_that_escape_the_snapshot() {
        let json = format!(r#"{{"sha": "{:040}", "siblings": [{{"rfilename": "../x"}}, {{"rfilename": "y"}}]}}"#, 0);
        let info = RepoInfo::parse(json.as_bytes()).unwrap();
        assert!(info.has("y") && !info.has("../x"));
    }

    #[test]
    fn etags_are_normalized_and_cannot_be_paths() {
        for etag in ["\"abc-1\"", "W/\"abc-1\"", "abc-1"] {
            assert_eq!(normalized_etag(etag), "abc-1");
        }
        for etag in ["", "..", "../x", "a/b", "a\\b", ".hidden", "a b"] {
            assert!(!is_blob_name(etag), "{etag}");
        }
    }
}
