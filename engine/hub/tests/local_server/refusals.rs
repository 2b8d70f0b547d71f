use std::net::TcpListener;
use std::time::Duration;

use tempfile::tempdir;
use trustformers_core::Error;
use trustformers_hub::{Files, HubOptions, resolve_in};

use crate::fake_hub::{FakeHub, TOKEN, environment};
use crate::{CONFIG, REPO, entries, message, options, repo_dir, resolve, small_model};

#[test]
fn an_unknown_repository_error_suggests_name_or_token() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    for status in [401, 404] {
        hub.state().refusal = Some((status, "RepoNotFound", "Repository not found"));
        let error = resolve(&hub, &cache, &[Files::Config]).unwrap_err();
        assert!(matches!(error, Error::Hub { .. }));
        let error = error.to_string();
        assert!(error.contains("no model repository org/name") && error.contains("give a token"), "{error}");
    }
    assert_eq!(hub.num_requests(), 2, "a refusal is not repeated");
}

#[test]
fn a_gated_repository_says_where_to_ask() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.state().refusal = Some((403, "GatedRepo", ""));
    let error = message(resolve(&hub, &cache, &[Files::Config]));
    assert!(error.contains("gated") && error.contains("/org/name") && error.contains("give a token"), "{error}");
}

#[test]
fn errors_do_not_show_the_token() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    let mut options = HubOptions { token: Some(TOKEN.to_owned()), ..HubOptions::default() };
    assert!(!format!("{options:?}").contains(TOKEN));
    let refusals = [
        (401, "RepoNotFound", ""),
        (401, "", "Invalid credentials in Authorization header"),
        (403, "", ""),
        (403, "GatedRepo", ""),
    ];
    for refusal in refusals {
        hub.state().refusal = Some(refusal);
        let error = message(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Config], &options));
        assert!(error.contains("token that was sent") && !error.contains(TOKEN), "{error}");
    }
    options.token = Some(format!("{TOKEN}\r\nx-evil: 1"));
    let error = message(resolve_in(&hub.environment(cache.path()), REPO, &[Files::Config], &options));
    assert!(error.starts_with("token: ") && !error.contains(TOKEN), "{error}");
}

#[test]
fn a_deleted_revision_is_not_served_from_the_cache() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    resolve(&hub, &cache, &[Files::Config]).unwrap();
    let environment = hub.environment(cache.path());
    std::fs::copy(repo_dir(&cache).join("refs/main"), repo_dir(&cache).join("refs/v9")).unwrap();
    let error = message(resolve_in(&environment, REPO, &[Files::Config], &options(Some("v9"))));
    assert!(error.contains("has no revision \"v9\""), "{error}");
    let error = message(resolve_in(&environment, REPO, &[Files::Config], &options(Some("../main"))));
    assert!(error.starts_with("revision: "), "{error}");
}

#[test]
fn a_model_without_weights_is_refused_before_any_download() {
    let (hub, cache) = (FakeHub::with_model(&[("config.json", CONFIG)]), tempdir().unwrap());
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("org/name: there is no model.safetensors, nor"), "{error}");
    hub.add("tf_model.h5", b"tensors");
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("found tf_model.h5"), "{error}");
    assert!(hub.downloads().is_empty());
    resolve(&hub, &cache, &[Files::Config]).unwrap();
}

#[test]
fn a_repository_without_the_files_yields_an_empty_directory() {
    let (hub, cache) = (FakeHub::with_model(&[("config.json", CONFIG)]), tempdir().unwrap());
    let directory = resolve(&hub, &cache, &[Files::Tokenizer]).unwrap();
    assert!(directory.is_dir() && entries(&directory).is_empty());
}

#[test]
fn a_dead_server_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let cache = tempdir().unwrap();
    let mut environment = environment(cache.path(), &address);
    environment.metadata_timeout = Duration::from_millis(100);
    let error = message(resolve_in(&environment, REPO, &[Files::Config], &HubOptions::default()));
    assert!(error.contains(&address) && error.contains("timeout") && error.contains(REPO), "{error}");
}

#[test]
fn a_listed_file_may_still_be_missing() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.state().hostile_names = vec!["vocab.txt".to_owned()];
    let error = message(resolve(&hub, &cache, &[Files::Tokenizer]));
    assert!(error.contains("has no file \"vocab.txt\""), "{error}");
}

#[test]
fn hostile_names_stay_outside_the_cache() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.state().hostile_names = ["../../x", "/etc/x", "..\\x", "C:x", "a/../../../x"].map(str::to_owned).to_vec();
    let directory = resolve(&hub, &cache, &[Files::Model]).unwrap();
    assert_eq!(entries(&directory), ["config.json", "model.safetensors"]);
    assert_eq!(entries(cache.path()), [".locks", "models--org--name"]);
}

#[test]
fn an_index_or_module_list_cannot_name_files_elsewhere() {
    let evil = "../../../../evil.safetensors";
    let index = format!(r#"{{"weight_map": {{"a": "{evil}"}}}}"#);
    let hub = FakeHub::with_model(&[("config.json", CONFIG), ("model.safetensors.index.json", index.as_bytes())]);
    hub.add(evil, b"evil");
    let cache = tempdir().unwrap();
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("model.safetensors.index.json"), "{error}");
    assert!(error.contains(&format!("\"weight_map\" has \"{evil}\"")), "{error}");

    let hub = small_model();
    hub.add("modules.json", br#"[{"path": "../.."}]"#);
    let cache = tempdir().unwrap();
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("modules.json") && error.contains("\"path\""), "{error}");
}

#[test]
fn an_index_that_names_an_absent_shard_is_refused() {
    let index = br#"{"weight_map": {"a": "x-1.safetensors"}}"#;
    let hub = FakeHub::with_model(&[("config.json", CONFIG), ("model.safetensors.index.json", index)]);
    let cache = tempdir().unwrap();
    let error = message(resolve(&hub, &cache, &[Files::Model]));
    assert!(error.contains("\"x-1.safetensors\", which org/name does not have"), "{error}");
}

#[test]
fn an_etag_cannot_be_a_path() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.state().etag_override = Some("../../evil".to_owned());
    let error = message(resolve(&hub, &cache, &[Files::Config]));
    assert!(error.contains("no usable ETag"), "{error}");
    assert_eq!(entries(&repo_dir(&cache)), Vec::<String>::new());
}

#[test]
fn a_commit_cannot_be_a_path() {
    let (hub, cache) = (small_model(), tempdir().unwrap());
    hub.state().commit = "../../evil".to_owned();
    let error = message(resolve(&hub, &cache, &[Files::Config]));
    assert!(error.contains("no commit hash"), "{error}");
}
