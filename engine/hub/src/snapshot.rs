use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use trustformers_core::{ADAPTER_CONFIG, Error, Result, WeightFiles, read_json};

use crate::cache::RepoCache;
use crate::client::{Client, Failure, RepoInfo};
use crate::download;
use crate::files::{CHAT_TEMPLATES, CONFIG, Files, MODULE_FILES, MODULES, is_safe_name};
use crate::progress::Reports;

/// Cached files of one commit.
pub(crate) struct Snapshot<'a> {
    cache: &'a RepoCache,
    commit: &'a str,
    scope: &'a Scope,
}

/// Which part of a repository to load.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Subfolder of the repository with a trailing slash, or empty.
    pub(crate) prefix: String,
    pub(crate) weights: WeightFiles,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(cache: &'a RepoCache, commit: &'a str, scope: &'a Scope) -> Self {
        Self { cache, commit, scope }
    }

    /// The local folder that holds the requested files.
    pub(crate) fn path(&self) -> PathBuf {
        let root = self.cache.snapshot(self.commit);
        match self.scope.prefix.trim_end_matches('/') {
            "" => root,
            folder => root.join(folder),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// Path in the repository of a file in the requested folder.
    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.scope.prefix)
    }

    fn is_known_absent(&self, name: &str) -> bool {
        self.cache.is_known_absent(self.commit, &self.full(name))
    }

    /// Whether every file is cached or known to be absent from the repository.
    pub(crate) fn is_complete(&self, files: &[Files<'_>]) -> Result<bool> {
        let is_known = |name: &str| self.has(name) || self.is_known_absent(name);
        if !self.path().is_dir() || !files.iter().flat_map(|files| files.names()).all(|name| is_known(name)) {
            return Ok(false);
        }
        if !files.contains(&Files::Model) {
            return Ok(true);
        }
        let is_there = |name: &String| is_known(name) || self.is_superseded(name);
        Ok(self.missing_weights()?.is_empty() && self.module_files()?.iter().all(is_there))
    }

    /// Names of the required files that the snapshot lacks.
    pub(crate) fn missing(&self, files: &[Files<'_>]) -> Result<Vec<String>> {
        let mut missing = Vec::new();
        let is_needed = |name: &str| !self.has(name) && !self.is_known_absent(name);
        if files.iter().any(|files| matches!(files, Files::Config | Files::Model)) && is_needed(CONFIG) {
            missing.push(CONFIG.to_owned());
        }
        for files in files {
            if let Files::Named(name) = files
                && !self.has(name)
            {
                missing.push((*name).to_owned());
            }
        }
        let tokenizer = Files::Tokenizer.names();
        if files.contains(&Files::Tokenizer)
            && !tokenizer.iter().any(|name| self.has(name))
            && tokenizer.iter().any(|name| is_needed(name))
        {
            missing.push("tokenizer.json and every other tokenizer file".to_owned());
        }
        if files.contains(&Files::Model) {
            missing.extend(self.missing_weights()?);
        }
        Ok(missing)
    }

    fn missing_weights(&self) -> Result<Vec<String>> {
        let names = self.scope.weights.names();
        match names.iter().find(|name| self.has(name)) {
            None => Ok(names.into_iter().take(1).collect()),
            Some(index) if index.ends_with(".json") => {
                Ok(self.shards(index)?.into_iter().filter(|shard| !self.has(shard)).collect())
            }
            Some(_) => Ok(Vec::new()),
        }
    }

    /// Whether a file is a module's `pytorch_model.bin` next to a `model.safetensors`.
    fn is_superseded(&self, name: &str) -> bool {
        name.strip_suffix("pytorch_model.bin").is_some_and(|folder| self.has(&format!("{folder}model.safetensors")))
    }

    /// The shards that a weight index lists.
    fn shards(&self, index: &str) -> Result<BTreeSet<String>> {
        let path = self.path().join(index);
        let index = read_json(&path).map_err(|error| Error::weights(&path, error))?;
        let names = index.get("weight_map").and_then(Value::as_object).map(|weight_map| weight_map.values());
        let names = names.ok_or_else(|| Error::weights(&path, "key \"weight_map\" is missing, expected an object"))?;
        names
            .map(|name| match name.as_str() {
                Some(name) if is_safe_name(name) => Ok(name.to_owned()),
                _ => Err(Error::weights(&path, format!("\"weight_map\" has {name}, expected the name of a file"))),
            })
            .collect()
    }

    /// Candidate files of the modules of a sentence-transformers model.
    fn module_files(&self) -> Result<Vec<String>> {
        if !self.has(MODULES) {
            return Ok(Vec::new());
        }
        let path = self.path().join(MODULES);
        let modules = read_json(&path)?;
        let modules = modules.as_array().ok_or_else(|| Error::config(&path, "expected a list of modules"))?;
        let mut names = Vec::new();
        for module in modules {
            match module.get("path").and_then(Value::as_str).map(|module| module.trim_end_matches('/')) {
                Some("") => {}
                Some(directory) if is_safe_name(directory) => {
                    names.extend(MODULE_FILES.iter().map(|name| format!("{directory}/{name}")));
                }
                _ => return Err(Error::config(&path, format!("{module} has no \"path\" inside the model directory"))),
            }
        }
        Ok(names)
    }

    /// Downloads the files that are not cached yet and returns their number.
    pub(crate) fn fetch(
        &self,
        client: &Client,
        info: &RepoInfo,
        files: &[Files<'_>],
        reports: Reports<'_>,
    ) -> Result<usize, Failure> {
        let needs_weights = files.contains(&Files::Model);
        let weights = self.scope.weights.names().into_iter().find(|name| info.has(&self.full(name)));
        if needs_weights && weights.is_none() {
            return Err(self.no_weights(client, info, reports)?.into());
        }

        for files in files {
            if let Files::Named(name) = files
                && !info.has(&self.full(name))
            {
                return Err(Error::hub(format!("{} has no file \"{}\"", client.repo(), self.full(name))).into());
            }
        }

        let mut absent = Vec::new();
        let mut num_downloaded = 0;
        let mut fetch = |name: &str| -> Result<(), Failure> {
            let full = self.full(name);
            if !info.has(&full) {
                absent.push(full);
            } else if !self.has(name) {
                download::fetch_file(client, self.cache, self.commit, &full, reports)?;
                num_downloaded += 1;
            }
            Ok(())
        };
        for name in files.iter().flat_map(|files| files.names()) {
            fetch(name)?;
        }
        if files.contains(&Files::Tokenizer) {
            for name in info.files_in(&self.full(CHAT_TEMPLATES), ".jinja") {
                fetch(name.strip_prefix(&self.scope.prefix).unwrap_or(name))?;
            }
        }
        if needs_weights {
            for name in self.module_files()? {
                if !self.is_superseded(&name) {
                    fetch(&name)?;
                }
            }
        }
        if let Some(name) = weights.filter(|_| needs_weights) {
            fetch(&name)?;
            if name.ends_with(".json") {
                for shard in self.shards(&name)? {
                    if !info.has(&self.full(&shard)) {
                        let message = format!("names \"{shard}\", which {} does not have", client.repo());
                        return Err(Error::weights(self.path().join(&name), message).into());
                    }
                    fetch(&shard)?;
                }
            }
        }

        let path = self.path();
        fs::create_dir_all(&path).map_err(|source| Error::io(&path, source))?;
        for name in absent {
            self.cache.mark_absent(self.commit, &name);
        }
        Ok(num_downloaded)
    }

    /// Error for a repository without loadable weights; downloads an adapter's configuration to name its base model.
    fn no_weights(&self, client: &Client, info: &RepoInfo, reports: Reports<'_>) -> Result<Error, Failure> {
        let present = info.names_in(&self.scope.prefix);
        let adapter = self.path().join(ADAPTER_CONFIG);
        if info.has(&self.full(ADAPTER_CONFIG)) && !adapter.exists() {
            download::fetch_file(client, self.cache, self.commit, &self.full(ADAPTER_CONFIG), reports)?;
        }
        let message = self.scope.weights.not_found(&present, Some(&adapter));
        Ok(Error::hub(format!("{}: {message}", client.repo())))
    }
}
