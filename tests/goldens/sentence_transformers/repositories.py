"""The sentence-transformers repositories that the goldens are made of: files beside one of the tiny models."""

import torch

OLD = "sentence_transformers.models"
NEW = {
    "Transformer": "sentence_transformers.base.modules.transformer.Transformer",
    "Pooling": "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
    "Dense": "sentence_transformers.base.modules.dense.Dense",
    "Normalize": "sentence_transformers.base.modules.normalize.Normalize",
    "LayerNorm": "sentence_transformers.sentence_transformer.modules.layer_norm.LayerNorm",
}
WIDTH = 20
TANH = "torch.nn.modules.activation.Tanh"
IDENTITY = "torch.nn.modules.linear.Identity"


def repository(*modules, base="bert", folder="", new=False, **files):
    """`modules` are (class, config, shapes of tensors); keyword arguments are other files, `__` for a dot."""
    listed = [("Transformer", folder)]
    written, tensors = {}, {}
    for index, (kind, config, *shapes) in enumerate(modules, 1):
        path = f"{index}_{kind}"
        listed.append((kind, path))
        if config is not None:
            written[f"{path}/config.json"] = config
        if shapes:
            tensors[f"{path}/model.safetensors"] = shapes[0]
    entries = [
        {"idx": index, "name": str(index), "path": path, "type": NEW[kind] if new else f"{OLD}.{kind}"}
        for index, (kind, path) in enumerate(listed)
    ]
    written["modules.json"] = entries
    for name, content in files.items():
        written[name.replace("__", ".")] = content
    return {"base": base, "folder": folder, "files": written, "tensors": tensors}


def pooling(*modes, width=WIDTH, **keys):
    flags = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "lasttoken": "lasttoken"}
    flags |= {"sqrt": "mean_sqrt_len_tokens", "weighted": "weightedmean_tokens"}
    known = {f"pooling_mode_{flag}": mode in modes for mode, flag in flags.items()}
    return "Pooling", {"word_embedding_dimension": width, **known, **keys}


def dense(outputs, activation=TANH, inputs=WIDTH, **keys):
    shapes = {"linear.weight": (outputs, inputs)}
    if keys.get("bias", True):
        shapes["linear.bias"] = (outputs,)
    if keys.get("use_residual") and inputs != outputs:
        shapes["residual.weight"] = (outputs, inputs)
    config = {"in_features": inputs, "out_features": outputs, "bias": True, "activation_function": activation}
    return "Dense", config | keys, shapes


NORMALIZE = ("Normalize", None)
PROMPTS = {"query": "Find this: ", "document": "text: ", "other": "Other words. "}


def settings(**keys):
    return {"__version__": {"sentence_transformers": "5.1.0"}, **keys}


def transformer(**keys):
    return {"max_seq_length": 30, "do_lower_case": False, **keys}


REPOSITORIES = {
    "without_modules": {"base": "bert", "folder": "", "files": {}, "tensors": {}},
    "mean": repository(pooling("mean")),
    "normalized": repository(pooling("mean"), NORMALIZE),
    "new_paths": repository(
        ("Pooling", {"embedding_dimension": WIDTH, "pooling_mode": "cls"}),
        NORMALIZE,
        new=True,
        sentence_bert_config__json={
            "transformer_task": "feature-extraction",
            "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
            "module_output_name": "token_embeddings",
        },
    ),
    "cls": repository(pooling("cls")),
    "max": repository(pooling("max")),
    "sqrt": repository(pooling("sqrt")),
    "weighted": repository(pooling("weighted")),
    "lasttoken": repository(pooling("lasttoken")),
    "several": repository(pooling("mean", "cls", "max", "lasttoken")),
    "in_order": repository(
        ("Pooling", {"embedding_dimension": WIDTH, "pooling_mode": ["weightedmean", "mean_sqrt_len_tokens", "cls"]})
    ),
    "shorter": repository(pooling("mean"), sentence_bert_config__json=transformer(max_seq_length=9)),
    "older_name": repository(pooling("mean"), sentence_roberta_config__json=transformer(max_seq_length=7)),
    "longer_than_tokenizer": repository(
        pooling("mean"),
        sentence_bert_config__json=transformer(max_seq_length=35),
        tokenizer_config__json={"model_max_length": 10},
    ),
    "lower_case": repository(pooling("mean"), sentence_bert_config__json=transformer(do_lower_case=True)),
    "prompts": repository(
        pooling("mean"),
        config_sentence_transformers__json=settings(prompts=PROMPTS, default_prompt_name="other"),
    ),
    "prompt_left_out": repository(
        pooling("mean", "cls", "weighted", "lasttoken", "sqrt", "max", include_prompt=False),
        config_sentence_transformers__json=settings(prompts=PROMPTS),
    ),
    "lengths_of_tasks": repository(
        pooling("mean"), sentence_bert_config__json=transformer(query_length=6, document_length=12)
    ),
    "dense": repository(pooling("mean"), dense(12)),
    "dense_identity": repository(pooling("mean"), dense(12, IDENTITY, bias=False), NORMALIZE),
    "dense_several": repository(
        pooling("mean", "max"),
        dense(14, "torch.nn.modules.activation.GELU", inputs=2 * WIDTH),
        dense(9, "torch.nn.modules.activation.ReLU", inputs=14),
        dense(9, "torch.nn.modules.activation.SiLU", inputs=9, use_residual=True),
        dense(7, "torch.nn.modules.activation.Sigmoid", inputs=9, use_residual=True),
    ),
    "dense_of_tokens": repository(
        dense(12, IDENTITY, module_input_name="token_embeddings"), pooling("max", width=12), NORMALIZE, new=True
    ),
    "normalized_tokens": repository(
        ("Normalize", {"module_input_name": "token_embeddings"}), pooling("mean"), new=True
    ),
    "layer_norm": repository(
        pooling("mean"),
        ("Dropout", {"dropout": 0.5}),
        ("LayerNorm", {"dimension": WIDTH}, {"norm.weight": (WIDTH,), "norm.bias": (WIDTH,)}),
    ),
    "dot": repository(pooling("mean"), config_sentence_transformers__json=settings(similarity_fn_name="dot")),
    "euclidean": repository(
        pooling("mean"), config_sentence_transformers__json=settings(similarity_fn_name="euclidean", truncate_dim=5)
    ),
    "manhattan": repository(
        pooling("mean"), NORMALIZE, config_sentence_transformers__json=settings(similarity_fn_name="manhattan")
    ),
    "in_a_folder": repository(pooling("cls"), folder="0_Transformer"),
    # Of the shape of google/embeddinggemma-300m.
    "gemma": repository(
        pooling("mean"),
        dense(24, IDENTITY, bias=False),
        dense(16, IDENTITY, inputs=24, bias=False),
        NORMALIZE,
        base="gemma3_text",
        config_sentence_transformers__json=settings(
            prompts={"query": "task: search result | query: ", "document": "title: none | text: "},
            similarity_fn_name="cosine",
        ),
    ),
    # Of the shape of Qwen/Qwen3-Embedding-0.6B.
    "qwen": repository(
        pooling("lasttoken", include_prompt=True),
        NORMALIZE,
        base="qwen3",
        config_sentence_transformers__json=settings(
            prompts={"query": "Instruct: Given a search query\nQuery:", "document": ""}, similarity_fn_name="cosine"
        ),
    ),
    "causal_without_modules": {"base": "qwen3", "folder": "", "files": {}, "tensors": {}},
}

CALLS = {
    "without_modules": [{}, {"normalize_embeddings": True}, {"prompt": "Say: "}],
    "prompts": [
        {},
        {"prompt": ""},
        {"prompt": "Say: "},
        {"prompt_name": "document"},
        {"task": "query"},
        {"task": "document"},
        {"task": "query", "prompt_name": "other"},
    ],
    "prompt_left_out": [{}, {"prompt_name": "query"}, {"prompt": "Say"}],
    "lengths_of_tasks": [{}, {"task": "query"}, {"task": "document"}],
    "several": [{}, {"truncate_dim": 30}, {"truncate_dim": 7, "normalize_embeddings": True}, {"truncate_dim": 999}],
    "euclidean": [{}, {"truncate_dim": 8}],
    "gemma": [{}, {"task": "query"}, {"task": "document"}, {"truncate_dim": 8}],
    "qwen": [{}, {"task": "query"}, {"prompt_name": "document"}],
}


def values(name, shapes):
    generator = torch.Generator().manual_seed(sum(name.encode()))
    return {key: 0.4 * torch.randn(shape, generator=generator) for key, shape in shapes.items()}


# Keys of config.json, and other files; or the modules of a cross encoder.
CROSS = {"model_type": "CrossEncoder", "__version__": {"sentence_transformers": "5.4.0"}}
PAIRS = {"transformer_task": "sequence-classification"}
RERANKERS = {
    "one_label": {"base": "pairs_1"},
    "older_key": {"base": "pairs_1", "config": {"sbert_ce_default_activation_function": IDENTITY}},
    "newer_key": {
        "base": "pairs_1",
        "config": {
            "sentence_transformers": {"activation_fn": TANH, "version": "4.0.1"},
            "sbert_ce_default_activation_function": IDENTITY,
        },
    },
    "three_labels": {"base": "pairs_3"},
    "three_sigmoids": {
        "base": "pairs_3",
        "config": {"sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"}},
    },
    "with_modules": {
        "base": "pairs_1",
        **{
            key: value
            for key, value in repository(
                new=True,
                sentence_bert_config__json={**PAIRS, "max_seq_length": 17},
                config_sentence_transformers__json=CROSS
                | {"activation_fn": IDENTITY, "prompts": {"ask": "Ask: "}, "default_prompt_name": "ask"},
            ).items()
            if key != "base"
        },
    },
    "of_features": repository(
        pooling("cls"),
        dense(11, "torch.nn.modules.activation.GELU"),
        dense(1, IDENTITY, inputs=11, module_output_name="scores"),
        new=True,
        sentence_bert_config__json={"transformer_task": "feature-extraction"},
        config_sentence_transformers__json=CROSS | {"activation_fn": "torch.nn.modules.activation.Sigmoid"},
    ),
    "of_a_decoder": {"base": "qwen3_pairs"},
}
RANKING_CALLS = {
    "one_label": [{}, {"function_to_apply": "none"}],
    "three_labels": [{}, {"function_to_apply": "softmax"}, {"function_to_apply": "sigmoid"}],
    "with_modules": [{}, {"prompt": ""}, {"prompt": "Say: "}],
}
