use std::path::{Path, PathBuf};

use serde_json::Value;
use trustformers_core::{Error, Result, read_json};
use trustformers_models::{Model, complete_config, families};
use trustformers_tokenizers::Tokenizer;

use super::activation::ModuleActivation;
use super::prompts::{PromptTask, Prompts};
use super::similarity::SimilarityFunction;
use super::step::{MODULES, Step};

const SETTINGS: &str = "config_sentence_transformers.json";
/// Current and former names of the file with the transformer's settings.
const TRANSFORMER_SETTINGS: [&str; 7] = [
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_distilbert_config.json",
    "sentence_camembert_config.json",
    "sentence_albert_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
];
/// Modules of a SparseEncoder.
const SPARSE: [&str; 5] =
    ["SpladePooling", "MLMTransformer", "SparseAutoEncoder", "CSRSparsity", "SparseStaticEmbedding"];

/// Kind of a sentence-transformers repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelType {
    /// Sentence embeddings.
    SentenceTransformer,
    /// Scores of text pairs.
    CrossEncoder,
}

impl ModelType {
    fn name(self) -> &'static str {
        match self {
            Self::SentenceTransformer => "SentenceTransformer",
            Self::CrossEncoder => "CrossEncoder",
        }
    }
}

/// Settings of a repository besides the transformer itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    /// Whether the repository has a `modules.json`; without it sentence-transformers ignores its other files.
    pub(crate) has_modules: bool,
    pub(crate) transformer: TransformerSettings,
    /// The modules after the transformer.
    pub(crate) steps: Vec<Step>,
    pub(crate) prompts: Prompts,
    pub(crate) similarity: SimilarityFunction,
    pub(crate) truncate_dim: Option<usize>,
    /// Activation applied to the scores of a cross-encoder.
    pub(crate) activation: Option<ModuleActivation>,
}

/// Tokenizer settings of the transformer module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TransformerSettings {
    pub(crate) max_seq_length: Option<usize>,
    pub(crate) do_lower_case: bool,
    query_length: Option<usize>,
    document_length: Option<usize>,
}

impl Repository {
    /// Reads the files of the repository that contains a transformer's directory.
    ///
    /// **Errors:** `Config` or `Weights` if a file is damaged; `Unsupported` naming an unsupported module, setting or
    /// kind of repository.
    pub(crate) fn read(dir: Option<&Path>, model_type: ModelType) -> Result<Self> {
        let names: &[&str] = match model_type {
            ModelType::SentenceTransformer => &["query", "document"],
            ModelType::CrossEncoder => &[],
        };
        let empty = || Prompts::read(Path::new(SETTINGS), &Value::Null, names);
        let Some((root, modules)) = dir.map(find_modules).transpose()?.flatten() else {
            return Ok(Self { prompts: empty()?, ..Self::default() });
        };
        let file = root.join(SETTINGS);
        let keys = if file.is_file() { read_json(&file)? } else { Value::Null };
        let stated = keys["model_type"].as_str().unwrap_or(ModelType::SentenceTransformer.name());
        if stated != model_type.name() {
            return Err(Error::unsupported(format!(
                "loading a {stated} as a {} ({})",
                model_type.name(),
                file.display()
            )));
        }
        let [transformer, rest @ ..] = &modules[..] else {
            return Err(Error::config(root.join(MODULES), "expected at least one module"));
        };
        let steps = rest.iter().map(|module| Step::read(&module.class, &root.join(&module.path)));
        let steps = steps.filter_map(Result::transpose).collect::<Result<_>>()?;
        let activation = match &keys["activation_fn"] {
            Value::Null => None,
            Value::String(path) => Some(path.parse()?),
            other => return Err(Error::config_key(&file, "activation_fn", other, "a string")),
        };
        // As in the reference, a name that does not compare sentence embeddings, such as "maxsim", leaves the default.
        let similarity = keys["similarity_fn_name"].as_str().and_then(|name| name.parse().ok()).unwrap_or_default();
        Ok(Self {
            has_modules: true,
            transformer: TransformerSettings::read(&root.join(&transformer.path), model_type)?,
            steps,
            prompts: Prompts::read(&file, &keys, names)?,
            similarity,
            truncate_dim: length(&file, &keys, "truncate_dim")?,
            activation,
        })
    }
}

/// The folder of a repository that holds its transformer: usually the repository itself.
///
/// **Errors:** `Unsupported` if the first module is not a Transformer; `Config` if `modules.json` is damaged.
pub fn transformer_folder(dir: &Path) -> Result<PathBuf> {
    let modules = read_modules(dir)?;
    Ok(modules.and_then(|modules| modules.into_iter().next()).map_or_else(PathBuf::new, |module| module.path.into()))
}

/// One entry of `modules.json`.
#[derive(Debug)]
struct Entry {
    class: String,
    path: String,
}

/// The repository that contains a transformer's directory, and its modules; `None` without a `modules.json`.
fn find_modules(dir: &Path) -> Result<Option<(PathBuf, Vec<Entry>)>> {
    if let Some(modules) = read_modules(dir)? {
        return Ok(Some((dir.to_owned(), modules)));
    }
    let (Some(root), Some(folder)) = (dir.parent(), dir.file_name()) else { return Ok(None) };
    if !root.join(MODULES).is_file() {
        return Ok(None);
    }
    let modules = read_modules(root)?.unwrap_or_default();
    let is_its_own = modules.first().is_some_and(|module| Path::new(&module.path) == Path::new(folder));
    Ok(is_its_own.then(|| (root.to_owned(), modules)))
}

fn read_modules(dir: &Path) -> Result<Option<Vec<Entry>>> {
    let file = dir.join(MODULES);
    if !file.is_file() {
        return Ok(None);
    }
    let modules = read_json(&file)?;
    let list = modules.as_array().ok_or_else(|| Error::config(&file, "expected a list of modules"))?;
    let entry = |module: &Value| {
        let text = |key: &str| {
            let text = module[key].as_str();
            text.ok_or_else(|| Error::config(&file, format!("expected a string for \"{key}\" in {module}")))
        };
        let (kind, path) = (text("type")?, text("path")?);
        let leaves = Path::new(path).components().any(|part| !matches!(part, std::path::Component::Normal(_)));
        if leaves {
            return Err(Error::config(&file, format!("the path \"{path}\" is outside the model directory")));
        }
        let class = kind.strip_prefix("sentence_transformers.").and_then(|kind| kind.rsplit('.').next());
        let class =
            class.ok_or_else(|| Error::unsupported(format!("the custom module {kind} in {}", file.display())))?;
        if SPARSE.contains(&class) {
            let message =
                format!("the module {class} of a SparseEncoder, which computes sparse embeddings ({})", file.display());
            return Err(Error::unsupported(message));
        }
        Ok(Entry { class: class.to_owned(), path: path.trim_end_matches('/').to_owned() })
    };
    let entries = list.iter().map(entry).collect::<Result<Vec<_>>>()?;
    if let Some(first) = entries.first().filter(|first| first.class != "Transformer") {
        let message = format!("{} as the first module, expected Transformer ({})", first.class, file.display());
        return Err(Error::unsupported(message));
    }
    Ok(Some(entries))
}

impl TransformerSettings {
    fn read(dir: &Path, model_type: ModelType) -> Result<Self> {
        let file = TRANSFORMER_SETTINGS.iter().map(|name| dir.join(name)).find(|file| file.is_file());
        let Some(file) = file else { return Ok(Self::default()) };
        let keys = read_json(&file)?;
        let refuse =
            |key: &str, value: &Value| Err(Error::unsupported(format!("\"{key}\": {value} in {}", file.display())));
        let tasks: &[&str] = match model_type {
            ModelType::SentenceTransformer => &["feature-extraction"],
            ModelType::CrossEncoder => &["feature-extraction", "sequence-classification"],
        };
        if let Some(task) = keys["transformer_task"].as_str().filter(|task| !tasks.contains(task)) {
            return refuse("transformer_task", &Value::from(task));
        }
        let modalities = &keys["modality_config"];
        let text = &modalities["text"];
        let known = ["last_hidden_state", "logits"].map(Value::from);
        let is_known = text["method"] == "forward" && known.contains(&text["method_output_name"]);
        if modalities.get("message").is_some() || !(text.is_null() || is_known) {
            return refuse("modality_config", modalities);
        }
        for key in ["processing_kwargs", "query_expansion", "config_kwargs", "config_args"] {
            let is_empty = match &keys[key] {
                Value::Object(entries) => entries.is_empty(),
                value => value.is_null(),
            };
            if !is_empty {
                return refuse(key, &keys[key]);
            }
        }
        let of_tokenizer =
            ["processor_kwargs", "tokenizer_args"].map(|key| length(&file, &keys[key], "model_max_length"));
        let [first, second] = of_tokenizer;
        Ok(Self {
            max_seq_length: first?.or(second?).or(length(&file, &keys, "max_seq_length")?),
            do_lower_case: keys["do_lower_case"] == Value::Bool(true),
            query_length: length(&file, &keys, "query_length")?,
            document_length: length(&file, &keys, "document_length")?,
        })
    }

    /// Maximum tokens of a text, special tokens and prompt included.
    pub(crate) fn max_length(
        &self,
        model: &dyn Model,
        tokenizer: &Tokenizer,
        task: Option<PromptTask>,
    ) -> Option<usize> {
        let of_task = match task {
            Some(PromptTask::Query) => self.query_length,
            Some(PromptTask::Document) => self.document_length,
            None => None,
        };
        let by_default =
            || [tokenizer.model_max_length(), max_position_embeddings(model.config())].into_iter().flatten().min();
        let stated = of_task.or(self.max_seq_length).or_else(by_default);
        [stated, model.max_tokens()].into_iter().flatten().min()
    }

    /// The tokenizer with `do_lower_case` applied.
    ///
    /// **Errors:** `Tokenizer` if the tokenizer's normalizer cannot be changed.
    pub(crate) fn applied(&self, tokenizer: &Tokenizer) -> Result<Tokenizer> {
        if self.do_lower_case { tokenizer.clone().with_lowercase() } else { Ok(tokenizer.clone()) }
    }
}

/// The value of `max_position_embeddings`, under the family's name for the key, defaults included.
fn max_position_embeddings(config: &Value) -> Option<usize> {
    const NAME: &str = "max_position_embeddings";
    let model_type = config["model_type"].as_str()?;
    let families = families();
    let aliases = families.iter().find(|family| family.model_type == model_type)?.aliases;
    let own = aliases.iter().find(|(common, _)| *common == NAME).map_or(NAME, |(_, own)| own);
    let completed = complete_config(config.clone()).ok()?;
    completed[own].as_u64().and_then(|length| usize::try_from(length).ok())
}

/// A positive integer; `None` if the key is absent or null.
fn length(file: &Path, keys: &Value, key: &str) -> Result<Option<usize>> {
    match &keys[key] {
        Value::Null => Ok(None),
        value => {
            let length = value.as_u64().and_then(|length| usize::try_from(length).ok()).filter(|length| *length > 0);
            length.map(Some).ok_or_else(|| Error::config_key(file, key, value, "an integer of at least 1"))
        }
    }
}
