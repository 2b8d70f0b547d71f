//! The checkpoints of `tests/goldens/encoders` and `tests/goldens/decoders`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::Value;
use trustformers_models::model_types;

/// Reference outputs of a family's tiny checkpoint.
pub struct Golden {
    pub dir: PathBuf,
    pub manifest: Value,
    bytes: Vec<u8>,
}

/// An integer or floating-point tensor of a case.
pub struct Input {
    pub shape: Vec<usize>,
    pub ints: Vec<i64>,
    pub floats: Vec<f32>,
}

/// The only family that `make test-family` asks for.
pub fn family() -> Option<String> {
    std::env::var("TRUSTFORMERS_FAMILY").ok()
}

/// Families whose goldens in `tests/goldens/seq2seq` tests/python/test_seq2seq_golden.py checks.
pub fn encoder_decoders() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/seq2seq");
    let dirs = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let dirs = dirs.filter(|dir| dir.join("manifest.json").is_file());
    let names = dirs.map(|dir| dir.file_name().unwrap().to_string_lossy().into_owned());
    names.filter(|name| family().is_none_or(|family| family == *name)).collect()
}

impl Golden {
    pub fn all() -> Vec<Self> {
        let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens");
        let roots = std::env::var("TRUSTFORMERS_GOLDENS")
            .map_or_else(|_| vec![goldens.join("encoders"), goldens.join("decoders")], |root| vec![root.into()]);
        let dirs = roots.iter().flat_map(|root| fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()));
        let mut dirs: Vec<_> = dirs.filter(|dir| dir.join("manifest.json").is_file()).collect();
        dirs.sort();
        let read = |dir: PathBuf| Self {
            manifest: serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap(),
            bytes: fs::read(dir.join("cases.safetensors")).unwrap(),
            dir,
        };
        let is_asked_for = |golden: &Self| family().is_none_or(|family| family == golden.model_type());
        let is_known = |golden: &Self| model_types().contains(&golden.model_type());
        dirs.into_iter().map(read).filter(|golden| is_known(golden) && is_asked_for(golden)).collect()
    }

    pub fn cases(&self) -> impl Iterator<Item = &Value> {
        self.manifest["cases"].as_array().unwrap().iter()
    }

    pub fn model_type(&self) -> &str {
        self.manifest["model_type"].as_str().unwrap()
    }

    pub fn input(&self, name: &str) -> Input {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(name).unwrap_or_else(|_| panic!("{}: no {name}", self.model_type()));
        let (shape, data) = (view.shape().to_vec(), view.data());
        let is_int = view.dtype() == safetensors::Dtype::I64;
        let ints = data.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()));
        let floats = data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        Input {
            shape,
            ints: if is_int { ints.collect() } else { Vec::new() },
            floats: if is_int { Vec::new() } else { floats.collect() },
        }
    }

    /// The directory of a case's checkpoint; with an overlay, a modified copy in `scratch`.
    pub fn checkpoint(&self, case: &Value, scratch: &Path) -> PathBuf {
        let Some(name) = case["overlay"].as_str() else { return self.dir.clone() };
        let dir = scratch.join(format!("{}-{name}", self.model_type()));
        if dir.is_dir() {
            return dir;
        }
        fs::create_dir(&dir).unwrap();
        let overlay = &self.manifest["overlays"][name];
        let mut config: Value = serde_json::from_slice(&fs::read(self.dir.join("config.json")).unwrap()).unwrap();
        config.as_object_mut().unwrap().extend(overlay["config"].as_object().unwrap().clone());
        fs::write(dir.join("config.json"), config.to_string()).unwrap();
        let mut files = vec![fs::read(self.dir.join("model.safetensors")).unwrap()];
        files.extend(overlay["weights"].as_str().map(|file| fs::read(self.dir.join(file)).unwrap()));
        let parsed: Vec<_> = files.iter().map(|bytes| SafeTensors::deserialize(bytes).unwrap()).collect();
        let mut tensors: BTreeMap<String, TensorView<'_>> =
            parsed.iter().flat_map(|file| file.iter()).map(|(name, view)| (name.to_owned(), view)).collect();
        let without = overlay["without"].as_array().map_or(&[][..], Vec::as_slice);
        tensors.retain(|name, _| without.iter().all(|other| other != name));
        safetensors::serialize_to_file(tensors, None, &dir.join("model.safetensors")).unwrap();
        dir
    }
}
