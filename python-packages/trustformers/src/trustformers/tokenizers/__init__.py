"""Tokenizers: encoding, special tokens, padding and chat templates."""
