"""Sphinx builds the book with this: `make book`. What it needs beyond configuration is in _ext/book.py."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]  # the extension below, and the package whose docstrings it reads

project = html_title = "Training from first principles"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "book"]
exclude_patterns = ["_*"]
language = "en"

nb_execution_mode = "off"  # the stored outputs are those that the tests compare
myst_enable_extensions = ["dollarmath", "deflist"]
suppress_warnings = ["ref.python"]  # a word such as `shape` in an "Attributes" section names more than one thing

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_use_rtype = False
add_module_names = False
default_role = "code"  # docstrings write `x` as notebooks do

html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_search_scorer = str(HERE / "scorer.js")
html_copy_source = False
html_use_index = html_domain_indices = False  # the search finds all of it
html_show_copyright = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "footer_content_items": "",
}
