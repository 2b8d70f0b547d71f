use std::fs;

use tempfile::tempdir;
use trustformers_core::WeightFiles;
use trustformers_hub::{Files, HubOptions, resolve_file_in, resolve_in};

use crate::fake_hub::{COMMIT, FakeHub, environment};
use crate::{CONFIG, REPO, entries, message, options, repo_dir, resolve, small_model, weights};

const OTHER_COMMIT: &str = "fedcba9876543210fedcba9876543210fedcba98";
/// Nothing listens on this port; connections are refused at once.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn the_cache_layout_matches_huggingface_hub() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.add("1_Pooling/config.json", b"[]");
    hub.add("modules.json", br#"[{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Normalize"}]"#);
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    let root = repo_dir(&cache);
    assert_eq!(directory, root.join("snapshots").join(COMMIT));
    assert_eq!(entries(&directory), ["1_Pooling", "config.json", "model.safetensors", "modules.json"]);
    assert_eq!(fs::read(root.join("refs/main")).unwrap(), COMMIT.as_bytes());
    assert!(root.join(".no_exist").join(COMMIT).join("generation_config.json").exists());
    #[cfg(unix)]
    for (name, up) in [("config.json", "../.."), ("model.safetensors", "../.."), ("1_Pooling/config.json", "../../..")]
    {
        let target = fs::read_link(directory.join(name)).unwrap();
        assert_eq!(target.to_str().unwrap(), format!("{up}/blobs/{}", hub.etag(name)));
        assert!(cache.path().join(".locks/models--org--name").join(format!("{}.lock", hub.etag(name))).exists());
    }
}

#[test]
fn only_shards_listed_in_the_index_are_downloaded() {
    let index = br#"{"weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors", "c": "x-1.safetensors"}}"#;
    let hub = FakeHub::with_model(&[
        ("config.json", CONFIG),
        ("model.safetensors.index.json", index),
        ("x-1.safetensors", b"1"),
        ("x-2.safetensors", b"2"),
        ("x-3.safetensors", b"3"),
    ]);
    let cache = tempdir().unwrap();
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert!(directory.join("x-1.safetensors").exists() && directory.join("x-2.safetensors").exists());
    assert!(!directory.join("x-3.safetensors").exists());
}

#[test]
fn only_the_subfolder_and_variant_are_downloaded() {
    let hub = FakeHub::with_model(&[
        ("config.json", CONFIG),
        ("model.safetensors", b"0"),
        ("sub/config.json", CONFIG),
        ("sub/model.safetensors", b"1"),
        ("sub/model.fp16.safetensors", b"2"),
        ("sub/pytorch_model.bin", b"3"),
        ("sub/tokenizer.json", b"{}"),
    ]);
    let cache = tempdir().unwrap();
    let files = |variant: Option<&str>, use_safetensors: Option<bool>| {
        let weights = WeightFiles { variant: variant.map(str::to_owned), use_safetensors };
        let options = HubOptions { subfolder: Some("sub/".to_owned()), weights, ..HubOptions::default() };
        resolve_in(&hub.environment(cache.path()), REPO, &[Files::Model], &options)
    };
    let directory = files(Some("fp16"), None).unwrap();
    assert_eq!(directory, repo_dir(&cache).join("snapshots").join(COMMIT).join("sub"));
    assert_eq!(entries(&directory), ["config.json", "model.fp16.safetensors"]);
    assert_eq!(entries(&files(None, Some(false)).unwrap()).last().unwrap(), "pytorch_model.bin");
    assert_eq!(entries(directory.parent().unwrap()), ["sub"]);
    let error = message(files(Some("bf16"), None));
    assert!(error.contains("variant=\"fp16\"") && error.contains("model.bf16.safetensors"), "{error}");
    let outside = HubOptions { subfolder: Some("../x".to_owned()), ..HubOptions::default() };
    let error = message(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Model], &outside));
    assert!(error.contains("subfolder"), "{error}");
}

#[test]
fn pickled_weights_are_downloaded_if_there_are_no_safetensors() {
    let hub = FakeHub::with_model(&[("config.json", CONFIG), ("pytorch_model.bin", b"1")]);
    let cache = tempdir().unwrap();
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert_eq!(entries(&directory), ["config.json", "pytorch_model.bin"]);
    let offline = HubOptions { local_files_only: true, ..HubOptions::default() };
    assert_eq!(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Model], &offline).unwrap(), directory);
}

#[test]
fn an_adapter_error_names_the_base_model() {
    let adapter = br#"{"base_model_name_or_path": "org/base"}"#;
    let hub = FakeHub::with_model(&[("adapter_config.json", adapter), ("adapter_model.safetensors", b"1")]);
    let error = message(resolve(&hub, &tempdir().unwrap(), &[Files::Model]));
    assert!(error.contains("org/base") && error.contains("merge_and_unload"), "{error}");
}

#[test]
fn several_kinds_of_files_share_one_listing_request() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let directory = resolve(&hub, &cache, &[Files::Model, Files::Tokenizer]).unwrap();
    assert_eq!(entries(&directory), ["config.json", "model.safetensors", "tokenizer.json"]);
    assert_eq!(hub.state().seen.iter().filter(|seen| seen.path.starts_with("/api/")).count(), 1);
}

#[test]
fn a_named_file_is_downloaded_alone() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.add("small-Q8_0.gguf", b"GGUF");
    hub.add("large/model.gguf", b"more");
    let environment = hub.environment(cache.path());
    let get = |name: &str| resolve_file_in(&environment, REPO, name, &options(None));
    assert_eq!(fs::read(get("small-Q8_0.gguf").unwrap()).unwrap(), b"GGUF");
    assert_eq!(entries(get("small-Q8_0.gguf").unwrap().parent().unwrap()), ["small-Q8_0.gguf"]);
    assert_eq!(fs::read(get("large/model.gguf").unwrap()).unwrap(), b"more");
    assert_eq!(hub.downloads().len(), 2);
    assert!(message(get("absent.gguf")).contains("has no file \"absent.gguf\""));
    assert!(message(get("../small-Q8_0.gguf")).contains("is not the name of a file"));
    let offline = HubOptions { local_files_only: true, ..HubOptions::default() };
    let get = |name: &str| resolve_file_in(&environment, REPO, name, &offline);
    assert_eq!(fs::read(get("small-Q8_0.gguf").unwrap()).unwrap(), b"GGUF");
    assert!(message(get("absent.gguf")).contains("absent.gguf missing"));
    let directory = tempdir().unwrap();
    fs::write(directory.path().join("a.gguf"), b"GGUF").unwrap();
    let get = |name: &str| resolve_file_in(&environment, directory.path().to_str().unwrap(), name, &offline);
    assert_eq!(get("a.gguf").unwrap(), directory.path().join("a.gguf"));
    assert!(message(get("b.gguf")).contains("b.gguf does not exist"));
}

#[test]
fn a_second_call_downloads_nothing() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let first = resolve(&hub, &cache, &[Files::Model]).unwrap();
    hub.forget_requests();
    assert_eq!(resolve(&hub, &cache, &[Files::Model]).unwrap(), first);
    assert_eq!(hub.num_requests(), 1, "the listing only");
}

#[test]
fn a_cached_commit_needs_no_request() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let environment = hub.environment(cache.path());
    let all = [Files::Model, Files::Tokenizer];
    let first = resolve_in(&environment, REPO, &all, &options(Some(COMMIT))).unwrap();
    hub.forget_requests();
    assert_eq!(resolve_in(&environment, REPO, &all, &options(Some(COMMIT))).unwrap(), first);
    assert_eq!(hub.num_requests(), 0);
    assert_eq!(entries(&repo_dir(&cache).join("refs")), Vec::<String>::new());
}

#[test]
fn a_partly_cached_commit_is_completed() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let environment = hub.environment(cache.path());
    resolve_in(&environment, REPO, &[Files::Config], &options(Some(COMMIT))).unwrap();
    let directory = resolve_in(&environment, REPO, &[Files::Model], &options(Some(COMMIT))).unwrap();
    assert_eq!(fs::read(directory.join("model.safetensors")).unwrap(), weights());
}

#[test]
fn a_cached_commit_without_its_weights_is_completed() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let environment = hub.environment(cache.path());
    let directory = resolve_in(&environment, REPO, &[Files::Model], &options(Some(COMMIT))).unwrap();
    let is_link = directory.join("model.safetensors").is_symlink();
    fs::remove_file(directory.join("model.safetensors")).unwrap();
    resolve_in(&environment, REPO, &[Files::Model], &options(Some(COMMIT))).unwrap();
    assert_eq!(fs::read(directory.join("model.safetensors")).unwrap(), weights());
    assert_eq!(hub.downloads().len(), if is_link { 2 } else { 3 }, "a blob that was linked is still there");
}

#[test]
fn a_moved_branch_shares_unchanged_blobs() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    resolve(&hub, &cache, &[Files::Model]).unwrap();
    hub.state().commit = OTHER_COMMIT.to_owned();
    hub.add("config.json", b"{}");
    hub.forget_requests();
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert!(directory.ends_with(OTHER_COMMIT));
    assert_eq!(fs::read(directory.join("config.json")).unwrap(), b"{}");
    assert_eq!(hub.downloads().len(), if directory.join("config.json").is_symlink() { 1 } else { 2 });
    assert_eq!(fs::read(repo_dir(&cache).join("refs/main")).unwrap(), OTHER_COMMIT.as_bytes());
}

#[test]
fn a_pull_request_is_a_revision() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let environment = hub.environment(cache.path());
    resolve_in(&environment, REPO, &[Files::Config], &options(Some("refs/pr/1"))).unwrap();
    assert_eq!(fs::read(repo_dir(&cache).join("refs/refs/pr/1")).unwrap(), COMMIT.as_bytes());
    let offline = HubOptions { local_files_only: true, ..options(Some("refs/pr/1")) };
    resolve_in(&environment, REPO, &[Files::Config], &offline).unwrap();
}

#[test]
fn offline_uses_the_cache_and_no_network() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let online = resolve(&hub, &cache, &[Files::Model]).unwrap();
    hub.forget_requests();
    let mut environment = hub.environment(cache.path());
    environment.offline = true;
    for revision in [None, Some("main"), Some(COMMIT)] {
        assert_eq!(resolve_in(&environment, REPO, &[Files::Model], &options(revision)).unwrap(), online);
    }
    environment.offline = false;
    let local = HubOptions { local_files_only: true, ..HubOptions::default() };
    assert_eq!(resolve_in(&environment, REPO, &[Files::Model], &local).unwrap(), online);
    assert_eq!(hub.num_requests(), 0);
}

#[test]
fn an_offline_miss_names_file_path_and_reason() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let mut environment = hub.environment(cache.path());
    environment.offline = true;
    let error = message(resolve_in(&environment, REPO, &[Files::Config], &HubOptions::default()));
    for part in ["org/name", "\"main\"", repo_dir(&cache).to_str().unwrap(), "HF_HUB_OFFLINE"] {
        assert!(error.contains(part), "{error}");
    }
    resolve(&hub, &cache, &[Files::Config]).unwrap();
    hub.forget_requests();
    let local = HubOptions { local_files_only: true, ..HubOptions::default() };
    let error = message(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Model], &local));
    for part in ["model.safetensors missing", COMMIT, "local_files_only"] {
        assert!(error.contains(part), "{error}");
    }
    let error = message(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Tokenizer], &local));
    assert!(error.contains("tokenizer.json"), "{error}");
    let other = HubOptions { revision: Some(OTHER_COMMIT.to_owned()), ..local };
    let error = message(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Config], &other));
    assert!(
        error.contains(&format!("snapshots/{OTHER_COMMIT}").replace('/', std::path::MAIN_SEPARATOR_STR)),
        "{error}"
    );
    assert_eq!(hub.num_requests(), 0);
}

#[test]
fn an_unreachable_hub_falls_back_to_the_cache() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let online = resolve(&hub, &cache, &[Files::Model]).unwrap();
    let gone = environment(cache.path(), NOBODY);
    assert_eq!(resolve_in(&gone, REPO, &[Files::Model], &HubOptions::default()).unwrap(), online);
    hub.state().refusal = Some((503, "", ""));
    assert_eq!(resolve(&hub, &cache, &[Files::Model]).unwrap(), online);
    hub.state().refusal = Some((401, "RepoNotFound", ""));
    assert_eq!(resolve(&hub, &cache, &[Files::Model]).unwrap(), online);
}

#[test]
fn a_ref_without_a_commit_hash_is_ignored() {
    let cache = tempdir().unwrap();
    fs::create_dir_all(repo_dir(&cache).join("refs")).unwrap();
    fs::create_dir_all(cache.path().join("outside")).unwrap();
    fs::write(cache.path().join("outside/config.json"), CONFIG).unwrap();
    fs::write(repo_dir(&cache).join("refs/main"), "../../outside").unwrap();
    let mut environment = environment(cache.path(), NOBODY);
    environment.offline = true;
    let error = message(resolve_in(&environment, REPO, &[Files::Config], &HubOptions::default()));
    assert!(error.contains("no such reference"), "{error}");
}

#[test]
fn the_cache_dir_argument_wins_over_the_environment() {
    let (hub, cache, other) = (small_model(), tempdir().unwrap(), tempdir().unwrap());
    let options = HubOptions { cache_dir: Some(other.path().to_owned()), ..HubOptions::default() };
    let directory = resolve_in(&hub.environment(cache.path()), REPO, &[Files::Config], &options).unwrap();
    assert!(directory.starts_with(other.path()));
    assert_eq!(entries(cache.path()), Vec::<String>::new());
}
