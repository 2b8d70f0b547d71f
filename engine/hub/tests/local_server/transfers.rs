use std::fs;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use tempfile::tempdir;
use trustformers_hub::{Files, HubOptions, Progress, resolve_in};

use crate::fake_hub::{COMMIT, FakeHub, Fault, TOKEN};
use crate::{CONFIG, REPO, entries, message, repo_dir, resolve, small_model, weights};

const WEIGHTS: &str = "model.safetensors";

fn bodies(hub: &FakeHub) -> Vec<(Option<String>, usize)> {
    let weights = hub.downloads().into_iter().filter(|seen| seen.path.ends_with(WEIGHTS));
    weights.map(|seen| (seen.range, seen.body_bytes)).collect()
}

#[test]
fn an_interrupted_download_resumes_within_the_call() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail(WEIGHTS, &[Fault::CutAfter(400_000), Fault::CutAfter(100_000)]);
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert_eq!(fs::read(directory.join(WEIGHTS)).unwrap(), weights());
    let bodies = bodies(&hub);
    assert_eq!(bodies.len(), 3);
    assert_eq!(bodies[0], (None, 400_000));
    assert_eq!(bodies.iter().map(|body| body.1).sum::<usize>(), 1_000_000, "{bodies:?}");
}

#[test]
fn a_later_call_resumes_a_partial_download() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail(
        WEIGHTS,
        &[Fault::CutAfter(400_000), Fault::Status(503), Fault::Status(503), Fault::Status(503), Fault::Status(503)],
    );
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("400000 of 1000000 bytes") && error.contains("503"), "{error}");
    hub.forget_requests();
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert_eq!(fs::read(directory.join(WEIGHTS)).unwrap(), weights());
    assert_eq!(bodies(&hub), [(Some("bytes=400000-".to_owned()), 600_000)]);
    let kept = if directory.join(WEIGHTS).is_symlink() { 2 } else { 0 };
    assert_eq!(entries(&repo_dir(&cache).join("blobs")).len(), kept);
}

#[test]
fn a_server_that_ignores_ranges_sends_everything_again() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail(WEIGHTS, &[Fault::CutAfter(400_000), Fault::IgnoreRange]);
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert_eq!(fs::read(directory.join(WEIGHTS)).unwrap(), weights());
}

#[test]
fn a_range_that_begins_elsewhere_is_not_written() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail("config.json", &[Fault::CutAfter(5), Fault::ShiftRange]);
    let directory = resolve(&hub, &cache, &[Files::Config]).unwrap();
    assert_eq!(fs::read(directory.join("config.json")).unwrap(), CONFIG);
}

#[test]
fn a_download_without_progress_is_given_up() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail(WEIGHTS, &[Fault::IgnoreRangeAndCutAfter(1000); 100]);
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("1000 of 1000000 bytes"), "{error}");
    assert!(bodies(&hub).len() < 10);
}

#[test]
fn a_file_of_the_wrong_size_is_refused_and_removed() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail("config.json", &[Fault::Shorten(2)]);
    let error = message(resolve(&hub, &cache, &[Files::Config]));
    assert!(error.contains("\"config.json\"") && error.contains("20 bytes, expected 22 bytes"), "{error}");
    assert_eq!(entries(&repo_dir(&cache).join("blobs")), Vec::<String>::new());
    let directory = resolve(&hub, &cache, &[Files::Config]).unwrap();
    assert_eq!(fs::read(directory.join("config.json")).unwrap(), CONFIG);
}

#[test]
fn a_large_file_with_the_wrong_digest_is_refused_and_removed() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail(WEIGHTS, &[Fault::Corrupt]);
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains(WEIGHTS) && error.contains(&hub.etag(WEIGHTS)), "{error}");
    let config = repo_dir(&cache).join("snapshots").join(COMMIT).join("config.json");
    let kept = if config.is_symlink() { vec![hub.etag("config.json")] } else { Vec::new() };
    assert_eq!(entries(&repo_dir(&cache).join("blobs")), kept);
    resolve(&hub, &cache, &[Files::Model]).unwrap();
}

#[test]
fn an_oversized_partial_file_is_downloaded_again() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let blobs = repo_dir(&cache).join("blobs");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(blobs.join(format!("{}.partial", hub.etag("config.json"))), [0; 100]).unwrap();
    let directory = resolve(&hub, &cache, &[Files::Config]).unwrap();
    assert_eq!(fs::read(directory.join("config.json")).unwrap(), CONFIG);
}

#[test]
fn a_damaged_blob_is_replaced() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let blobs = repo_dir(&cache).join("blobs");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(blobs.join(hub.etag("config.json")), b"{").unwrap();
    let directory = resolve(&hub, &cache, &[Files::Config]).unwrap();
    assert_eq!(fs::read(directory.join("config.json")).unwrap(), CONFIG);
}

#[test]
fn an_empty_file_is_downloaded() {
    let (hub, cache) = (FakeHub::with_model(&[("config.json", CONFIG), ("merges.txt", b"")]), tempdir().unwrap());
    let directory = resolve(&hub, &cache, &[Files::Tokenizer]).unwrap();
    assert_eq!(fs::read(directory.join("merges.txt")).unwrap(), b"");
}

#[test]
fn a_stalled_transfer_is_resumed() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.fail(WEIGHTS, &[Fault::Stall]);
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert_eq!(fs::read(directory.join(WEIGHTS)).unwrap(), weights());
    assert!(!hub.state().was_outwaited);
    assert_eq!(bodies(&hub)[1], (Some("bytes=500000-".to_owned()), 500_000));
}

#[test]
fn concurrent_callers_share_one_download() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..6).map(|_| scope.spawn(|| resolve(&hub, &cache, &[Files::Model]))).collect();
        for call in calls {
            let directory = call.join().unwrap().unwrap();
            assert_eq!(fs::read(directory.join(WEIGHTS)).unwrap(), weights());
        }
    });
    assert_eq!(bodies(&hub), [(None, 1_000_000)]);
    assert_eq!(entries(&repo_dir(&cache).join("refs")), ["main"]);
}

#[test]
fn the_token_is_sent_to_the_hub_only() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.state().needs_token = true;
    let options = HubOptions { token: Some(format!("{TOKEN}\n")), ..HubOptions::default() };
    resolve_in(&hub.environment(cache.path()), REPO, &[Files::Model], &options).unwrap();
    let state = hub.state();
    assert!(state.seen.iter().any(|seen| seen.path.starts_with("/storage/")));
    for seen in &state.seen {
        assert_eq!(seen.has_token, !seen.path.starts_with("/storage/"), "{seen:?}");
    }
    assert!(state.seen.iter().all(|seen| !seen.path.contains("/resolve/") || seen.path.contains(COMMIT)));
}

#[test]
fn a_listener_sees_the_bytes_of_a_file_and_can_cancel() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let resolve = |cancel_at: u64| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = seen.clone();
        let on_progress = move |progress: &Progress<'_>| {
            let Progress { file, received_bytes, total_bytes } = *progress;
            listener.lock().unwrap().push((file.to_owned(), received_bytes, total_bytes));
            if received_bytes >= cancel_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = HubOptions { on_progress: Some(Arc::new(on_progress)), ..HubOptions::default() };
        let result = resolve_in(&hub.environment(cache.path()), REPO, &[Files::Model], &options);
        let seen = seen.lock().unwrap().clone();
        (result, seen)
    };
    let (cancelled, seen) = resolve(100_000);
    let error = message(cancelled);
    assert!(error.contains("model.safetensors") && error.contains("was cancelled at"), "{error}");
    let reached = seen.last().unwrap().1;
    assert!((100_000..1_000_000).contains(&reached), "{seen:?}");
    hub.forget_requests();
    let (directory, seen) = resolve(u64::MAX);
    assert_eq!(fs::read(directory.unwrap().join(WEIGHTS)).unwrap(), weights());
    assert_eq!(seen.last(), Some(&(WEIGHTS.to_owned(), 1_000_000, 1_000_000)));
    assert_eq!(bodies(&hub), [(Some(format!("bytes={reached}-")), 1_000_000 - reached as usize)]);
}
