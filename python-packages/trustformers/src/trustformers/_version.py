__version__ = "0.2.0"
# The release of transformers whose names, defaults and results these are.
TRANSFORMERS_VERSION = "5.23.0"
