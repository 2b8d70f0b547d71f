use std::path::Path;

use crate::read_json;

/// Configuration file of a peft adapter such as LoRA.
pub const ADAPTER_CONFIG: &str = "adapter_config.json";

const SAFETENSORS: [&str; 2] = ["model.safetensors", "model.safetensors.index.json"];
const PICKLED: [&str; 2] = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

/// Weight files in unsupported formats: prefix and suffix of the file name, and advice for the error message.
const FOREIGN: [(&str, &str, &str); 8] = [
    ("", ".gguf", "pass gguf_file=\"{}\""),
    (
        "tf_model",
        ".h5",
        "TensorFlow weights; load them with from_tf=True in transformers 4 and save them with save_pretrained",
    ),
    (
        "flax_model",
        ".msgpack",
        "Flax weights; load them with from_flax=True in transformers 4 and save them with save_pretrained",
    ),
    (
        "",
        ".ckpt.index",
        "TensorFlow 1 weights; load them with from_tf=True in transformers 4 and save them with save_pretrained",
    ),
    ("", ".onnx", "an ONNX graph, which is not supported"),
    ("rust_model", ".ot", "rust-bert weights, which are not supported"),
    ("openvino_model", ".bin", "OpenVINO weights, which are not supported"),
    ("consolidated", ".safetensors", "mistral-inference weights, whose tensor names differ from those of transformers"),
];

/// Which of a repository's weight files to load; the fields are arguments of `from_pretrained`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightFiles {
    /// Variant in the file names, such as `fp16` in `model.fp16.safetensors`.
    pub variant: Option<String>,
    /// `Some(true)` loads only safetensors, `Some(false)` only `pytorch_model.bin`; `None` prefers safetensors.
    pub use_safetensors: Option<bool>,
}

impl WeightFiles {
    /// Candidate file names in order of preference; the first that exists is loaded.
    pub fn names(&self) -> Vec<String> {
        let safetensors = SAFETENSORS.iter().filter(|_| self.use_safetensors != Some(false));
        let pickled = PICKLED.iter().filter(|_| self.use_safetensors != Some(true));
        safetensors.chain(pickled).map(|name| self.with_variant(name)).collect()
    }

    fn with_variant(&self, name: &str) -> String {
        match (&self.variant, name.rsplit_once('.')) {
            (Some(variant), Some((stem, ending))) if !variant.is_empty() => format!("{stem}.{variant}.{ending}"),
            _ => name.to_owned(),
        }
    }

    /// Error message for a repository whose files, `present`, include none of [`WeightFiles::names`], with advice.
    /// `adapter_config` is the path of a local `adapter_config.json`, if `present` lists one.
    pub fn not_found(&self, present: &[String], adapter_config: Option<&Path>) -> String {
        let has = |name: &str| present.iter().any(|present| present == name);
        let looked_for = self.names();
        let mut message = match &looked_for[..] {
            [first, rest @ ..] => format!("there is no {first}, nor {}", rest.join(", nor ")),
            [] => String::new(),
        };
        let mut advice: Vec<String> = Vec::new();
        let unrestricted = Self { use_safetensors: None, ..self.clone() };
        if let Some(other) = unrestricted.names().into_iter().find(|name| has(name)) {
            let stated = if self.use_safetensors == Some(true) { "True" } else { "False" };
            advice.push(format!("{other} is there: leave out use_safetensors={stated}"));
        }
        let variants = variants(present);
        if self.variant.is_some() && SAFETENSORS.iter().chain(&PICKLED).any(|name| has(name)) {
            advice.push("there are weights without a variant: leave out the argument variant".to_owned());
        }
        if !variants.is_empty() {
            let listed: Vec<_> = variants.iter().map(|variant| format!("variant=\"{variant}\"")).collect();
            advice.push(format!("there are weights for {}", listed.join(", ")));
        }
        if has(ADAPTER_CONFIG) {
            advice.push(adapter_advice(adapter_config));
        }
        for (start, end, what) in FOREIGN {
            if let Some(name) = present.iter().find(|name| name.starts_with(start) && name.ends_with(end)) {
                advice.push(format!("found {name}: {}", what.replace("{}", name)));
            }
        }
        if advice.is_empty() {
            const SHOWN: usize = 12;
            let more = if present.len() > SHOWN { ", ..." } else { "" };
            advice.push(match present {
                [] => "the directory is empty".to_owned(),
                _ => format!("found only {}{more}", present[..present.len().min(SHOWN)].join(", ")),
            });
        }
        message.push_str("; ");
        message.push_str(&advice.join("; "));
        message
    }
}

/// Error message for a repository that holds an adapter; names the base model if `adapter_config` can be read.
pub fn adapter_advice(adapter_config: Option<&Path>) -> String {
    let base = adapter_config.and_then(|file| read_json(file).ok());
    let base = base.as_ref().and_then(|keys| keys["base_model_name_or_path"].as_str());
    let base = base.map_or_else(|| "its base model".to_owned(), |name| format!("its base model \"{name}\""));
    format!(
        "{ADAPTER_CONFIG} says that this is an adapter (such as LoRA) of {base}, which Python's from_pretrained() \
         loads; elsewhere merge it, `trustformers.peft.AutoPeftModelForCausalLM.from_pretrained(...)\
         .merge_and_unload().save_pretrained(directory)`, and load the directory"
    )
}

/// Variants of the weight files in `present`, sorted.
fn variants(present: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (stem, endings) in [
        ("model.safetensors.index", &["json"][..]),
        ("pytorch_model.bin.index", &["json"]),
        ("model", &["safetensors"]),
        ("pytorch_model", &["bin"]),
    ] {
        for name in present {
            let variant = endings
                .iter()
                .find_map(|ending| name.strip_prefix(stem)?.strip_prefix('.')?.strip_suffix(ending)?.strip_suffix('.'));
            // A shard is `model.fp16-00001-of-00002.safetensors`.
            let variant = variant.filter(|variant| !variant.contains(['.', '-']));
            found.extend(variant.map(str::to_owned));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(variant: Option<&str>, use_safetensors: Option<bool>) -> WeightFiles {
        WeightFiles { variant: variant.map(str::to_owned), use_safetensors }
    }

    #[test]
    fn a_variant_precedes_the_file_extension() {
        let names = [
            "model.fp16.safetensors",
            "model.safetensors.index.fp16.json",
            "pytorch_model.fp16.bin",
            "pytorch_model.bin.index.fp16.json",
        ];
        assert_eq!(files(Some("fp16"), None).names(), names);
        assert_eq!(files(Some("fp16"), Some(true)).names(), names[..2]);
        assert_eq!(files(None, Some(false)).names(), PICKLED);
    }

    #[test]
    fn a_missing_weight_file_lists_the_alternatives_with_advice() {
        let message = |files: &WeightFiles, present: &[&str]| {
            let present: Vec<_> = present.iter().map(|name| (*name).to_owned()).collect();
            files.not_found(&present, None)
        };
        let variants =
            ["model.fp16.safetensors", "model.safetensors.index.bf16.json", "pytorch_model.bin.index.8.json"];
        let found = message(&files(None, None), &variants);
        assert!(found.contains("variant=\"8\", variant=\"bf16\", variant=\"fp16\""), "{found}");
        let found = message(&files(Some("fp16"), None), &["model.safetensors"]);
        assert!(
            found.contains("model.fp16.safetensors") && found.contains("leave out the argument variant"),
            "{found}"
        );
        let found = message(&files(None, Some(true)), &["pytorch_model.bin"]);
        assert!(found.contains("leave out use_safetensors=True"), "{found}");
        let foreign = ["tf_model.h5", "flax_model.msgpack", "model.onnx", "a-Q4_0.gguf", "rust_model.ot"];
        for name in foreign {
            let found = message(&files(None, None), &[name, "config.json"]);
            assert!(found.contains(&format!("found {name}")), "{found}");
        }
        let found = message(&files(None, None), &["adapter_config.json", "adapter_model.safetensors"]);
        assert!(found.contains("merge_and_unload"), "{found}");
        let found = message(&files(None, None), &["config.json", "README.md"]);
        assert!(found.contains("found only config.json, README.md"), "{found}");
        assert!(message(&files(None, None), &[]).contains("empty"));
    }
}
