//! A hub on the loopback interface that responds like huggingface.co and misbehaves on demand.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use trustformers_hub::Environment;

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub const TOKEN: &str = "hf_secretsecret";

/// One thing that goes wrong with the next `GET` of a file.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Close the connection after this many bytes of the body.
    CutAfter(usize),
    /// Send the whole file whatever range is requested.
    IgnoreRange,
    /// Ignore the range and cut the connection too.
    IgnoreRangeAndCutAfter(usize),
    /// Respond with a range that begins one byte late.
    ShiftRange,
    /// Announce and send this many bytes too few.
    Shorten(usize),
    /// Send other bytes of the same size.
    Corrupt,
    /// Respond with this status.
    Status(u16),
    /// Send half of the file, then nothing, and keep the connection open.
    Stall,
}

#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub range: Option<String>,
    pub has_token: bool,
    pub body_bytes: usize,
}

struct RepoFile {
    content: Vec<u8>,
    is_lfs: bool,
    etag: String,
}

#[derive(Default)]
pub struct State {
    files: HashMap<String, RepoFile>,
    pub hostile_names: Vec<String>,
    pub faults: HashMap<String, VecDeque<Fault>>,
    pub commit: String,
    /// Status, `x-error-code` and `x-error-message` of every response, for an inaccessible repository.
    pub refusal: Option<(u16, &'static str, &'static str)>,
    pub etag_override: Option<String>,
    pub needs_token: bool,
    /// The client waited longer for a stalled transfer than a test should take.
    pub was_outwaited: bool,
    pub seen: Vec<Seen>,
}

pub struct FakeHub {
    address: String,
    state: Arc<Mutex<State>>,
}

impl FakeHub {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { commit: COMMIT.to_owned(), ..State::default() }));
        let (shared, own_address) = (state.clone(), address.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, address) = (shared.clone(), own_address.clone());
                thread::spawn(move || answer(stream, &state, &address));
            }
        });
        Self { address, state }
    }

    pub fn with_model(files: &[(&str, &[u8])]) -> Self {
        let hub = Self::start();
        for (name, content) in files {
            hub.add(name, content);
        }
        hub
    }

    /// Adds a file to the repository; weights are stored as large files.
    pub fn add(&self, name: &str, content: &[u8]) {
        let is_lfs = name.ends_with(".safetensors");
        let digest: String = Sha256::digest(content).iter().map(|b| format!("{b:02x}")).collect();
        let etag = if is_lfs { digest } else { digest[..40].to_owned() };
        self.state().files.insert(name.to_owned(), RepoFile { content: content.to_owned(), is_lfs, etag });
    }

    pub fn etag(&self, name: &str) -> String {
        self.state().files[name].etag.clone()
    }

    pub fn fail(&self, name: &str, faults: &[Fault]) {
        self.state().faults.insert(name.to_owned(), faults.iter().copied().collect());
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn forget_requests(&self) {
        self.state().seen.clear();
    }

    /// Requests that returned file contents, without redirects.
    pub fn downloads(&self) -> Vec<Seen> {
        let is_download = |seen: &&Seen| seen.method == "GET" && !seen.path.starts_with("/api/") && seen.body_bytes > 0;
        self.state().seen.iter().filter(is_download).cloned().collect()
    }

    pub fn num_requests(&self) -> usize {
        self.state().seen.len()
    }

    pub fn environment(&self, cache_dir: &std::path::Path) -> Environment {
        environment(cache_dir, &self.address)
    }
}

pub fn environment(cache_dir: &std::path::Path, endpoint: &str) -> Environment {
    let mut environment = Environment::isolated(cache_dir, endpoint);
    environment.metadata_timeout = Duration::from_millis(500);
    environment.download_timeout = Duration::from_millis(300);
    environment.retry_delay = Duration::ZERO;
    environment
}

fn answer(mut stream: TcpStream, shared_state: &Mutex<State>, address: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(request_line) = lines.next() else { return };
    let headers: HashMap<String, String> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": ").map(|(key, value)| (key.to_lowercase(), value.to_owned())))
        .collect();
    let mut words = request_line.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let has_token = headers.get("authorization").is_some_and(|value| *value == format!("Bearer {TOKEN}"));
    let range = headers.get("range").cloned();

    let mut state = shared_state.lock().unwrap();
    let seen = Seen { method: method.clone(), path: path.clone(), range: range.clone(), has_token, body_bytes: 0 };
    state.seen.push(seen);
    let seen_index = state.seen.len() - 1;
    let commit = state.commit.clone();
    let is_storage = path.starts_with("/storage/");
    let refusal = match state.refusal {
        None if state.needs_token && !has_token && !is_storage => Some((401, "RepoNotFound", "")),
        refusal => refusal,
    };
    if let Some((status, code, message)) = refusal {
        let headers = format!("x-error-code: {code}\r\nx-error-message: {message}\r\ncontent-length: 0\r\n");
        respond(&mut stream, status, &headers, b"");
        return;
    }

    if let Some(rest) = path.strip_prefix("/api/models/") {
        let revision = rest.split_once("/revision/").unwrap().1;
        if revision != "main" && revision != commit && revision != "refs%2Fpr%2F1" {
            respond(&mut stream, 404, "x-error-code: RevisionNotFound\r\ncontent-length: 0\r\n", b"");
            return;
        }
        let names = state.files.keys().chain(&state.hostile_names);
        let siblings: Vec<_> = names.map(|name| serde_json::json!({ "rfilename": name })).collect();
        let body = serde_json::json!({ "sha": commit, "siblings": siblings }).to_string();
        respond(&mut stream, 200, &format!("content-length: {}\r\n", body.len()), body.as_bytes());
        return;
    }

    let name = match path.strip_prefix("/storage/") {
        Some(name) => name.to_owned(),
        None => path.split_once(&format!("/resolve/{commit}/")).map_or(String::new(), |(_, name)| name.to_owned()),
    };
    let Some(file) = state.files.get(&name) else {
        respond(&mut stream, 404, "x-error-code: EntryNotFound\r\ncontent-length: 0\r\n", b"");
        return;
    };
    let (mut content, etag) = (file.content.clone(), state.etag_override.clone().unwrap_or(file.etag.clone()));
    if file.is_lfs && !is_storage {
        // Another name of the loopback interface counts as another host.
        let storage = address.replace("127.0.0.1", "localhost");
        let headers = format!(
            "location: {storage}/storage/{name}\r\nx-repo-commit: {commit}\r\nx-linked-etag: \"{etag}\"\r\n\
             x-linked-size: {}\r\netag: \"other\"\r\ncontent-length: 0\r\n",
            content.len()
        );
        respond(&mut stream, 302, &headers, b"");
        return;
    }
    let identity = format!("x-repo-commit: {commit}\r\netag: W/\"{etag}\"\r\n");
    if method == "HEAD" {
        respond(&mut stream, 200, &format!("{identity}content-length: {}\r\n", content.len()), b"");
        return;
    }

    let fault = state.faults.get_mut(&name).and_then(VecDeque::pop_front);
    let mut start: usize = range.map_or(0, |range| range["bytes=".len()..range.len() - 1].parse().unwrap());
    match fault {
        Some(Fault::Status(status)) => {
            respond(&mut stream, status, "content-length: 0\r\n", b"");
            return;
        }
        Some(Fault::IgnoreRange | Fault::IgnoreRangeAndCutAfter(_)) => start = 0,
        Some(Fault::ShiftRange) => start += 1,
        Some(Fault::Shorten(count)) => content.truncate(content.len() - count),
        Some(Fault::Corrupt) => content[0] ^= 1,
        _ => {}
    }
    if start > 0 && start >= content.len() {
        respond(&mut stream, 416, "content-length: 0\r\n", b"");
        return;
    }
    let body = &content[start..];
    let sent = match fault {
        Some(Fault::CutAfter(count) | Fault::IgnoreRangeAndCutAfter(count)) => &body[..count.min(body.len())],
        Some(Fault::Stall) => &body[..body.len() / 2],
        _ => body,
    };
    state.seen[seen_index].body_bytes = sent.len();
    drop(state);
    let length = format!("{identity}content-length: {}\r\n", body.len());
    match start {
        0 => respond(&mut stream, 200, &length, sent),
        _ => {
            let range = format!("content-range: bytes {start}-{}/{}\r\n", content.len() - 1, content.len());
            respond(&mut stream, 206, &format!("{length}{range}"), sent);
        }
    }
    if matches!(fault, Some(Fault::Stall)) {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let was_outwaited = stream.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        shared_state.lock().unwrap().was_outwaited |= was_outwaited;
    }
}

fn respond(stream: &mut TcpStream, status: u16, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status} Status\r\nconnection: close\r\n{headers}\r\n");
    // The client may have disconnected.
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok();
}
