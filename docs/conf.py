"""Sphinx: the guides by hand, the reference from docstrings, the tables from the code itself."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

project = "niktokromenas"
author = "the niktokromenas developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "tables"]
html_theme = "furo"
html_title = "niktokromenas"
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "undoc-members": False}
autodoc_class_signature = "mixed"
suppress_warnings = ["ref.python", "docutils"]
nitpicky = False
