/// Keys of `tokenizer_config.json` that a caller may override, besides keys that end in `_token`.
const KEYS: [&str; 32] = [
    "add_bos_token",
    "add_eos_token",
    "add_prefix_space",
    "additional_special_tokens",
    "chat_template",
    "clean_up_tokenization_spaces",
    "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output",
    "do_lower_case",
    "extra_ids",
    "extra_special_tokens",
    "keep_accents",
    "language_codes",
    "legacy",
    "legacy_behaviour",
    "mask_token_sent",
    "model_input_names",
    "model_max_length",
    "model_specific_special_tokens",
    "num_madeup_words",
    "offset",
    "padding_side",
    "separate_vocabs",
    "source_lang",
    "split_by_punct",
    "split_special_tokens",
    "src_lang",
    "strip_accents",
    "target_lang",
    "tgt_lang",
    "tokenize_chinese_chars",
    "trim_offsets",
    "truncation_side",
];

/// The keys that cannot be overridden, in alphabetical order. Keys that end in `_token`, such as `image_token`, name
/// special tokens and can always be overridden.
pub fn unknown_overrides<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let is_known = |key: &str| key.ends_with("_token") || KEYS.contains(&key);
    let mut unknown: Vec<_> = keys.into_iter().filter(|key| !is_known(key)).collect();
    unknown.sort_unstable();
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_token_may_be_overridden() {
        let keys = ["padding", "image_token", "padding_side", "eos_token", "cache"];
        assert_eq!(unknown_overrides(keys), ["cache", "padding"]);
    }
}
