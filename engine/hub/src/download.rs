use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use trustformers_core::{Error, Result};
use ureq::http::StatusCode;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap};

use crate::cache::{RepoCache, create_parent, file_size};
use crate::client::{Client, Failure, FileMetadata};
use crate::progress::{Progress, Reports};

/// Consecutive failures without progress after which a transfer is given up.
const MAX_FAILURES: usize = 5;
const BUFFER_BYTES: usize = 256 << 10;

/// Downloads a file into the cache unless it is there with its full size.
pub(crate) fn fetch_file(
    client: &Client,
    cache: &RepoCache,
    commit: &str,
    name: &str,
    reports: Reports<'_>,
) -> Result<(), Failure> {
    let metadata = client.retried(|| client.file_metadata(commit, name))?;
    let blob = cache.blob(&metadata.etag);
    let _lock = cache.lock(&metadata.etag)?;
    if cache.holds(commit, name, metadata.size)? {
        return Ok(());
    }
    if file_size(&blob)? != Some(metadata.size) {
        let partial = cache.partial_blob(&metadata.etag);
        create_parent(&partial)?;
        Transfer { client, commit, name, metadata: &metadata, partial: &partial, reports }.run()?;
        match fs::rename(&partial, &blob) {
            Err(source) if file_size(&blob)? != Some(metadata.size) => return Err(Error::io(&blob, source).into()),
            _ => {}
        }
    }
    Ok(cache.link(commit, name, &metadata.etag)?)
}

struct Transfer<'a> {
    client: &'a Client,
    commit: &'a str,
    name: &'a str,
    metadata: &'a FileMetadata,
    partial: &'a Path,
    reports: Reports<'a>,
}

impl Transfer<'_> {
    fn run(&self) -> Result<(), Failure> {
        let bar = if self.reports.bar { progress_bar(self.name, self.metadata.size) } else { ProgressBar::hidden() };
        let result = self.receive_all(&bar).and_then(|()| self.check_digest());
        match result {
            Ok(()) => bar.finish(),
            Err(_) => bar.abandon(),
        }
        result
    }

    /// Resumes the partial file until it is complete.
    fn receive_all(&self, bar: &ProgressBar) -> Result<(), Failure> {
        let size = self.metadata.size;
        let open = File::options().create(true).write(true).truncate(false).open(self.partial);
        let mut file = open.map_err(|source| self.local(source))?;
        let mut received = file.metadata().map_err(|source| self.local(source))?.len();
        if received > size {
            self.restart(&mut file, &mut received)?;
        }
        let mut furthest = received;
        let mut num_failures = 0;
        while received < size {
            let failure = match self.receive(&mut file, &mut received, bar) {
                Ok(()) => "the connection ended early".to_owned(),
                Err(Failure::Transient(reason)) => reason,
                Err(failure) => return Err(failure),
            };
            if received >= size {
                break;
            }
            num_failures = if received > furthest { 1 } else { num_failures + 1 };
            furthest = furthest.max(received);
            if num_failures == MAX_FAILURES {
                return Err(Failure::Transient(format!(
                    "the download of \"{}\" of {} stopped at {received} of {size} bytes: {failure}; call again to \
                     resume it",
                    self.name,
                    self.client.repo()
                )));
            }
            std::thread::sleep(self.client.retry_delay);
        }
        Ok(())
    }

    /// Reads one response to its end.
    ///
    /// Bytes are written at their offset, not appended: without working locks, two processes that download the same
    /// file write the same bytes to the same offsets.
    fn receive(&self, file: &mut File, received: &mut u64, bar: &ProgressBar) -> Result<(), Failure> {
        let size = self.metadata.size;
        let response = self.client.open_file(self.commit, self.name, *received)?;
        let status = response.status();
        let range = content_range(response.headers());
        if status == StatusCode::RANGE_NOT_SATISFIABLE
            || status == StatusCode::PARTIAL_CONTENT && range.as_ref().is_none_or(|range| range.start != *received)
        {
            self.restart(file, received)?;
            return Err(Failure::Transient("the server returned another range of the file".to_owned()));
        }
        let announced = match range.filter(|_| status == StatusCode::PARTIAL_CONTENT) {
            Some(range) => range.total,
            None => {
                self.restart(file, received)?;
                let length = response.headers().get(CONTENT_LENGTH);
                length.and_then(|length| length.to_str().ok()?.parse().ok())
            }
        };
        if let Some(announced) = announced.filter(|announced| *announced != size) {
            return Err(self.wrong_size(announced));
        }

        file.seek(SeekFrom::Start(*received)).map_err(|source| self.local(source))?;
        bar.set_position(*received);
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match body.read(&mut buffer) {
                Ok(0) if announced.is_none() && *received < size => return Err(self.wrong_size(*received)),
                Ok(0) => return Ok(()),
                Ok(count) => {
                    *received += count as u64;
                    if *received > size {
                        return Err(self.wrong_size(*received));
                    }
                    file.write_all(&buffer[..count]).map_err(|source| self.local(source))?;
                    bar.set_position(*received);
                    self.report(*received)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::Transient(error.to_string())),
            }
        }
    }

    /// Tells the listener of the bytes received, which may cancel the download.
    fn report(&self, received_bytes: u64) -> Result<(), Failure> {
        let total_bytes = self.metadata.size;
        if self.reports.tell(&Progress { file: self.name, received_bytes, total_bytes }).is_continue() {
            return Ok(());
        }
        Err(Failure::Refused(format!(
            "the download of \"{}\" of {} was cancelled at {received_bytes} of {total_bytes} bytes; call again to resume it",
            self.name,
            self.client.repo()
        )))
    }

    fn restart(&self, file: &mut File, received: &mut u64) -> Result<(), Failure> {
        *received = 0;
        file.set_len(0).map_err(|source| self.local(source))
    }

    /// Verifies the file against its ETag if that is a SHA-256 digest, as for large files.
    fn check_digest(&self) -> Result<(), Failure> {
        let FileMetadata { etag, size } = self.metadata;
        if etag.len() != 64 || !etag.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(());
        }
        let mut hasher = Sha256::new();
        let mut file = File::open(self.partial).map_err(|source| self.local(source))?;
        io::copy(&mut file, &mut hasher).map_err(|source| self.local(source))?;
        let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if digest.eq_ignore_ascii_case(etag) {
            return Ok(());
        }
        let found = file_size(self.partial)?.unwrap_or(0);
        Err(self.discarded(&format!("has {found} bytes with SHA-256 {digest}, expected {size} bytes with {etag}")))
    }

    fn wrong_size(&self, found: u64) -> Failure {
        self.discarded(&format!("was sent with {found} bytes, expected {} bytes", self.metadata.size))
    }

    fn discarded(&self, what: &str) -> Failure {
        fs::remove_file(self.partial).ok();
        let (name, repo) = (self.name, self.client.repo());
        Failure::Refused(format!("\"{name}\" of {repo} {what}; the partial download was removed, try again"))
    }

    fn local(&self, source: io::Error) -> Failure {
        Error::io(self.partial, source).into()
    }
}

struct ContentRange {
    start: u64,
    total: Option<u64>,
}

fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some(ContentRange { start: range.split_once('-')?.0.parse().ok()?, total: total.parse().ok() })
}

fn progress_bar(name: &str, size: u64) -> ProgressBar {
    let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).expect("the template is a valid constant");
    ProgressBar::new(size).with_style(style).with_message(name.to_owned())
}
