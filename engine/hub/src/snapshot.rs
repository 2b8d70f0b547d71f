use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trustformers_core::{Error, Result};

use crate::cache::RepoCache;
use crate::client::{Client, Failure, RepoInfo};
use crate::download;
use crate::files::{
    CHAT_TEMPLATES, CONFIG, Files, MODULE_FILES, MODULES, PICKLED_WEIGHTS, WEIGHTS, WEIGHTS_INDEX, is_safe_name,
};
use crate::repo_id::RepoId;

/// The files of one commit in the cache.
pub(crate) struct Snapshot<'a> {
    cache: &'a RepoCache,
    commit: &'a str,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(cache: &'a RepoCache, commit: &'a str) -> Self {
        Self { cache, commit }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.cache.snapshot(self.commit)
    }

    fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// Whether the hub could add nothing to what is here.
    pub(crate) fn is_complete(&self, files: &[Files<'_>]) -> Result<bool> {
        let is_known = |name: &str| self.has(name) || self.cache.is_known_absent(self.commit, name);
        if !self.path().is_dir() || !files.iter().flat_map(|files| files.names()).all(|name| is_known(name)) {
            return Ok(false);
        }
        if !files.contains(&Files::Model) {
            return Ok(true);
        }
        Ok(self.missing_weights()?.is_empty() && self.module_files()?.iter().all(|name| is_known(name)))
    }

    /// What the snapshot lacks of the files that no use of `files` can do without.
    pub(crate) fn missing(&self, repo: &RepoId, files: &[Files<'_>]) -> Result<Vec<String>> {
        let mut missing = Vec::new();
        let is_needed = |name: &str| !self.has(name) && !self.cache.is_known_absent(self.commit, name);
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
            let weights = self.missing_weights()?;
            if weights == [WEIGHTS] && PICKLED_WEIGHTS.iter().any(|name| self.has(name)) {
                return Err(no_weights(repo, true));
            }
            missing.extend(weights);
        }
        Ok(missing)
    }

    fn missing_weights(&self) -> Result<Vec<String>> {
        if self.has(WEIGHTS) {
            return Ok(Vec::new());
        }
        if !self.has(WEIGHTS_INDEX) {
            return Ok(vec![WEIGHTS.to_owned()]);
        }
        Ok(self.shards()?.into_iter().filter(|shard| !self.has(shard)).collect())
    }

    /// The weight files that the index names.
    fn shards(&self) -> Result<BTreeSet<String>> {
        let path = self.path().join(WEIGHTS_INDEX);
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

    /// The files that the modules of a sentence-transformers model may have.
    fn module_files(&self) -> Result<Vec<String>> {
        if !self.has(MODULES) {
            return Ok(Vec::new());
        }
        let path = self.path().join(MODULES);
        let modules = read_json(&path).map_err(|error| Error::config(&path, error))?;
        let modules = modules.as_array().ok_or_else(|| Error::config(&path, "expected a list of modules"))?;
        let mut names = Vec::new();
        for module in modules {
            match module.get("path").and_then(Value::as_str).map(|module| module.trim_end_matches('/')) {
                Some("") => {}
                Some(directory) if is_safe_name(directory) => {
                    names.extend(MODULE_FILES.iter().map(|name| format!("{directory}/{name}")));
                }
                _ => return Err(Error::config(&path, format!("{module} has no \"path\" below the model"))),
            }
        }
        Ok(names)
    }

    /// Downloads what is not here yet; returns how many files that were.
    pub(crate) fn fetch(
        &self,
        client: &Client,
        info: &RepoInfo,
        files: &[Files<'_>],
        show_progress: bool,
    ) -> Result<usize, Failure> {
        let needs_weights = files.contains(&Files::Model);
        let weights = [WEIGHTS, WEIGHTS_INDEX].into_iter().find(|name| info.has(name));
        if needs_weights && weights.is_none() {
            return Err(no_weights(client.repo(), PICKLED_WEIGHTS.iter().any(|name| info.has(name))).into());
        }

        for files in files {
            if let Files::Named(name) = files
                && !info.has(name)
            {
                return Err(Error::hub(format!("{} has no file \"{name}\"", client.repo())).into());
            }
        }

        let mut absent = Vec::new();
        let mut num_downloaded = 0;
        let mut fetch = |name: &str| -> Result<(), Failure> {
            if !info.has(name) {
                absent.push(name.to_owned());
            } else if !self.has(name) {
                download::fetch_file(client, self.cache, self.commit, name, show_progress)?;
                num_downloaded += 1;
            }
            Ok(())
        };
        for name in files.iter().flat_map(|files| files.names()) {
            fetch(name)?;
        }
        if files.contains(&Files::Tokenizer) {
            for name in info.files_in(CHAT_TEMPLATES, ".jinja") {
                fetch(name)?;
            }
        }
        if needs_weights {
            for name in self.module_files()? {
                fetch(&name)?;
            }
        }
        if let Some(name) = weights.filter(|_| needs_weights) {
            fetch(name)?;
            if name == WEIGHTS_INDEX {
                for shard in self.shards()? {
                    if !info.has(&shard) {
                        let message = format!("names \"{shard}\", which {} does not have", client.repo());
                        return Err(Error::weights(self.path().join(WEIGHTS_INDEX), message).into());
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
}

fn read_json(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

fn no_weights(repo: &RepoId, has_pickled_weights: bool) -> Error {
    if !has_pickled_weights {
        return Error::hub(format!("{repo} has neither {WEIGHTS} nor {WEIGHTS_INDEX}"));
    }
    let directory = repo.as_str().rsplit('/').next().unwrap_or(repo.as_str());
    Error::hub(format!(
        "{repo} has its weights in {} only, expected {WEIGHTS}; convert it with transformers and PyTorch, then load \
         the directory \"{directory}\":\n\
         python -c \"import transformers as t; r, d = '{repo}', '{directory}'; \
         getattr(t, t.AutoConfig.from_pretrained(r).architectures[0]).from_pretrained(r).save_pretrained(d); \
         t.AutoTokenizer.from_pretrained(r).save_pretrained(d)\"",
        PICKLED_WEIGHTS[0]
    ))
}
