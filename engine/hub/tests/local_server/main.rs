//! Tests the crate against a hub on the loopback interface.

// clippy's allow-unwrap-in-tests does not cover helper functions.
#![allow(clippy::unwrap_used)]

mod cache;
mod encryption;
mod fake_hub;
mod refusals;
mod transfers;

use std::path::{Path, PathBuf};

use fake_hub::FakeHub;
use tempfile::TempDir;
use trustformers_core::Result;
use trustformers_hub::{Files, HubOptions, resolve_in};

const REPO: &str = "org/name";
const CONFIG: &[u8] = br#"{"model_type": "bert"}"#;

/// Weights large enough to be transferred in several reads.
fn weights() -> Vec<u8> {
    (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn small_model() -> FakeHub {
    FakeHub::with_model(&[
        ("config.json", CONFIG),
        ("tokenizer.json", b"{}"),
        ("model.safetensors", &weights()),
        ("README.md", b"not wanted"),
    ])
}

fn options(revision: Option<&str>) -> HubOptions {
    HubOptions { revision: revision.map(str::to_owned), ..HubOptions::default() }
}

fn resolve(hub: &FakeHub, cache: &TempDir, files: &[Files]) -> Result<PathBuf> {
    resolve_in(&hub.environment(cache.path()), REPO, files, &HubOptions::default())
}

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

fn entries(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn repo_dir(cache: &TempDir) -> PathBuf {
    cache.path().join("models--org--name")
}
