"""Sphinx builds the book with this: `make book`. What it needs beyond configuration is in _ext/book.py."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]  # the extension below, and the package whose docstrings it reads

project = html_title = "Training from first principles"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "sphinx_copybutton"]
extensions += ["book", "answers"]
exclude_patterns = ["_*"]
language = "en"

nb_execution_mode = "off"  # the stored outputs are those that the tests compare
myst_enable_extensions = ["dollarmath", "deflist"]
suppress_warnings = ["ref.python"]  # a word such as `shape` in an "Attributes" section names more than one thing

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_use_rtype = False
napoleon_numpy_docstring = False  # it would read each docstring twice
add_module_names = False
default_role = "code"  # docstrings write `x` as notebooks do

# Formulas are text to be read: without MathJax' menu, no formula is a stop of the Tab key.
mathjax3_config = {"options": {"enableMenu": False}}

# Code is copied without what only shows where it goes.
copybutton_selector = ".cell_input div.highlight pre, div.highlight-python pre, div.highlight-bash pre"

html_baseurl = os.environ.get(
    "BOOK_URL", ""
)  # where the book is published: for its canonical addresses and its sitemap
html_theme = "sphinx_book_theme"
templates_path = ["_templates"]
html_sidebars = {"**": ["navbar-logo.html", "search-field.html", "sbt-sidebar-nav.html"]}
html_favicon = "_static/favicon.svg"
html_static_path = ["_static", "images/experiment.png"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_additional_pages = {"404": "404.html"}
html_search_scorer = str(HERE / "scorer.js")
html_copy_source = False
html_use_index = html_domain_indices = False  # the search finds all of it
html_show_copyright = False
html_theme_options = {
    "disable_search": True,  # the field in the side bar is enough, and works without scripts
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "footer_content_items": "",
}
