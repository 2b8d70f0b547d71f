"""Checks and conversions of what callers pass; private."""
