"""Models: configurations, classes by family and head, their outputs and caches."""
