"""Checks and conversions of arguments; private."""
