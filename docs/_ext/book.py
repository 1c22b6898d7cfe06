"""What makes the notebooks, unchanged, into a book.

Before a build, the chapters and the glossary are copied to docs/chapters, and docs/api gets a page for each module of
`course`. In the text, "chapter 3" becomes a link. Each chapter has a button that opens it in the browser edition, which
`make site` puts into the folder `browser` beside the book's pages. MathJax is copied too: no page asks another server.
"""

import importlib.util
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.osutil import relative_uri

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
CHAPTER = re.compile(r"\b[Cc]hapters?\s+(\d+)\b|(?<=\d and )(\d+)\b")
NO_LINKS = nodes.title | nodes.literal | nodes.FixedTextElement | nodes.reference
MATHJAX = "tex-chtml.js"


def copy_chapters(app):
    shutil.rmtree(DOCS / "chapters", ignore_errors=True)
    keep = shutil.ignore_patterns("*.py", "*.toml", ".*", "__pycache__", "solutions")  # not beside the exercises
    shutil.copytree(ROOT / "notebooks", DOCS / "chapters", ignore=keep)


def write_api(app):
    """A page for each public module, whose content autodoc takes from the docstrings."""
    shutil.rmtree(DOCS / "api", ignore_errors=True)
    (DOCS / "api").mkdir()
    for path in sorted((ROOT / "course").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if "._" not in name:
            text = f"# {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n"
            (DOCS / "api" / f"{name}.md").write_text(text, encoding="utf-8")


def plain_docstring(app, what, name, obj, options, lines):
    """Docstrings are plain text with `code`, and not reStructuredText: a * or a | is that and no markup. What stands
    further right after an empty line is code."""
    new, last, code = [], 0, None  # `last`: the indent of the last line of text; `code`: that of a block of code
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if not line or code is not None and indent >= code:
            new.append(line)
        else:
            code = indent if new and not new[-1] and indent > last else None
            if code is not None:
                new += [" " * last + "::", "", line]
            else:
                parts = line.split("`")
                parts[::2] = [re.sub(r"([*|\\])", r"\\\1", part) for part in parts[::2]]
                new.append("`".join(parts))
                last = indent
    lines[:] = new


def chapters(env):
    """The document of each chapter, by its number."""
    return {int(name[9:11]): name for name in env.found_docs if re.match(r"chapters/\d\d_[^/]*$", name)}


def link_chapters(app, doctree):
    """Make "chapter 3" a link, except in headings, in code, and in the chapter itself."""
    here, documents = app.env.docname, chapters(app.env)
    for text in list(doctree.findall(nodes.Text)):
        if any(isinstance(ancestor, NO_LINKS) for ancestor in above(text)):
            continue
        parts, end = [], 0
        for match in CHAPTER.finditer(text):
            document = documents.get(int(match[1] or match[2]))
            if document and document != here:
                parts += [nodes.Text(text[end : match.start()]), link(match[0], document, here)]
                end = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def above(node):
    while node.parent is not None:
        node = node.parent
        yield node


def link(words, document, here):
    place = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{document}", "refexplicit": True, "refwarn": True}
    return addnodes.pending_xref("", nodes.inline("", words), refdoc=here, **place)


def add_button(app, pagename, templatename, context, doctree):
    """First among the buttons at a chapter's top."""
    notebook = pagename.removeprefix("chapters/") + ".ipynb"
    if pagename.startswith("chapters/") and (DOCS / "chapters" / notebook).exists():
        button = {
            "type": "link",
            "url": relative_uri(app.builder.get_target_uri(pagename), "browser/lab/index.html") + f"?path={notebook}",
            "tooltip": "Open this chapter in the browser edition, where every cell runs",
            "icon": "fas fa-play",
            "text": "Run this chapter",
            "label": "run-this-chapter",
        }
        context["header_buttons"].insert(0, button)


def copy_mathjax(app, exception):
    """The script and its fonts, of the many files in the package."""
    if exception is None:
        package = importlib.util.find_spec("sphinx-mathjax-offline").submodule_search_locations[0]
        source, target = Path(package) / "static" / "mathjax", Path(app.outdir) / "_static" / "mathjax"
        fonts = Path("output", "chtml", "fonts", "woff-v2")
        shutil.copytree(source / fonts, target / fonts, dirs_exist_ok=True)
        shutil.copy(source / MATHJAX, target)


def setup(app):
    app.config.mathjax_path = f"mathjax/{MATHJAX}"
    app.connect("builder-inited", copy_chapters)
    app.connect("builder-inited", write_api)
    app.connect("autodoc-process-docstring", plain_docstring, priority=100)  # before napoleon
    app.connect("doctree-read", link_chapters)
    app.connect("html-page-context", add_button, priority=900)  # after the theme, which makes the list of buttons
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
