"""Settings of the documentation."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / name) for name in ("extensions", "_build/packages")]

project = "trustformers"
author = "the trustformers authors"
copyright = "the trustformers authors"
extensions = [
    "myst_nb",
    "sphinx_design",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "executed",
    "graph",
]
exclude_patterns = ["_build", "requirements.txt", "guide/_*"]

html_theme = "furo"
html_title = "trustformers"
html_static_path = ["_static"]
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": False}

myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_show_tb = True
nb_execution_timeout = 120
nb_execution_in_temp = True
nb_merge_streams = True
# Warnings and logs, which most examples have for their tiny checkpoints alone.
nb_output_stderr = "remove"
nb_render_markdown_format = "myst"

toc_object_entries = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_maximum_signature_line_length = 88
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
html_css_files = ["custom.css"]
myst_fence_as_directive = ["mermaid"]
myst_substitutions = {
    "tiny": (
        "Examples are executed when this page is built. Tiny checkpoints with random weights stand under the names of "
        "published models, all-MiniLM-L6-v2 excepted, so what they answer means nothing."
    )
}
