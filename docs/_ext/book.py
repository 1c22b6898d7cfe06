"""What makes the notebooks, unchanged, into a book.

Before a build, the chapters and the glossary are copied to docs/chapters, and docs/api gets a page for each module of
`course`. In the text, "chapter 3" becomes a link. Each chapter has a button that opens it in the browser edition, which
`make site` puts into the folder `browser` beside the book's pages. MathJax is copied too: no page asks another server.
"""

import importlib.util
import re
import shutil
from fnmatch import fnmatch
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.osutil import relative_uri

from course import experiments
from tools.site import LEFT_OUT

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
CHAPTERS = re.compile(r"\b(?:[Cc]hapter\s+\d+|[Cc]hapters\s+\d+(?:(?:,|\s+and|\s+to)\s+\d+)*)\b")
NO_LINKS = nodes.title | nodes.literal | nodes.FixedTextElement | nodes.reference
MATHJAX = "tex-chtml.js"
WORD_JOINER = "\u2060"
LINE_LENGTH = 92  # that of the chapters' code


def copy_chapters(app):
    shutil.rmtree(DOCS / "chapters", ignore_errors=True)
    keep = shutil.ignore_patterns("*.py", "*.toml", ".*", "__pycache__", "solutions")  # not beside the exercises
    shutil.copytree(ROOT / "notebooks", DOCS / "chapters", ignore=keep)


def write_api(app):
    """A page for each public module, whose content autodoc takes from the docstrings. Those of a package's modules
    stand below its own."""
    shutil.rmtree(DOCS / "api", ignore_errors=True)
    for path in sorted((ROOT / "course").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if "._" in name or documented_elsewhere(name):
            continue
        text = f"# {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n"
        within = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in path.parent.rglob("*.py") if p != path]
        if path.name == "__init__.py" and "." in name and not all(map(documented_elsewhere, within)):
            text += f"\n```{{toctree}}\n:glob:\n\n{path.parent.name}/*\n```\n"
        page = (DOCS / "api" / name.replace(".", "/")).with_suffix(".md")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def documented_elsewhere(name):
    """Whether a module's content is an experiment, which the page of the package has, or a chapter's exercises."""
    shown = {getattr(experiments, experiment).__module__ for experiment in experiments.__all__}
    return name in shown or importlib.import_module(name).__doc__.startswith("Exercises of chapter")


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
    # Of a property's first line, napoleon would take what stands before a colon for its type.
    lines[:] = ["", *new] if what == "property" else new


def chapters(env):
    """The document of each chapter, by its number."""
    return {int(name[9:11]): name for name in env.found_docs if re.match(r"chapters/\d\d_[^/]*$", name)}


def link_chapters(app, doctree):
    """Make "chapter 3", and each number of "chapters 1, 2 and 5", a link, except in headings, in code, and in the
    chapter itself."""
    here, documents = app.env.docname, chapters(app.env)
    join_texts(doctree)
    for text in list(doctree.findall(nodes.Text)):
        if any(isinstance(ancestor, NO_LINKS) for ancestor in above(text)):
            continue
        parts, end = [], 0
        for mention in CHAPTERS.finditer(text):
            for match in re.compile(r"(?:[Cc]hapters?\s+)?(\d+)").finditer(text, *mention.span()):
                document = documents.get(int(match[1]))
                if document and document != here:
                    parts += [nodes.Text(text[end : match.start()]), link(match[0], document, here)]
                    end = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def join_texts(doctree):
    """MyST makes a node of each line, and "chapter 3" may go over two."""
    for element in doctree.findall(nodes.TextElement):
        joined = []
        for child in element.children:
            if joined and isinstance(child, nodes.Text) and isinstance(joined[-1], nodes.Text):
                joined[-1] = nodes.Text(joined[-1] + child)
            else:
                joined.append(child)
        element[:] = joined


def above(node):
    while node.parent is not None:
        node = node.parent
        yield node


def link(words, document, here):
    place = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{document}", "refexplicit": True, "refwarn": True}
    return addnodes.pending_xref("", nodes.inline("", words), refdoc=here, **place)


def adapt_page(app, doctree):
    """Give code in the text that is short a class, by which it stays in one line; outputs with lines longer than those
    of code, such as errors' messages, one by which they wrap; and each experiment a sentence that says where it moves.
    What follows a formula without a space, such as a full stop, does not begin a line.
    """
    for literal in doctree.findall(nodes.literal):
        if len(literal.astext()) <= 20:
            literal["classes"].append("short")
    for formula in doctree.findall(nodes.math):
        after = formula.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and not after[0].isspace():
            after.parent.replace(after, nodes.Text(WORD_JOINER + after))
    for cell in doctree.findall(lambda node: isinstance(node, nodes.container) and "cell" in node["classes"]):
        for output in cell.findall(nodes.literal_block):
            if max(map(len, output.astext().splitlines()), default=0) > LINE_LENGTH:
                output["classes"].append("sentences")
        url = browser_edition(app, app.env.docname)
        if url and re.search(r"^experiments\.[A-Z]", cell.astext(), re.M):
            run = nodes.reference("", "Run this chapter", refuri=url)
            words = nodes.paragraph("", "", run, nodes.Text(" to move its controls."), classes=["moves"])
            cell.parent.insert(cell.parent.index(cell) + 1, words)


def browser_edition(app, page):
    """Where the browser edition opens this page, seen from it; None where it does not."""
    notebook = page.removeprefix("chapters/") + ".ipynb"
    left_out = any(fnmatch(notebook, pattern) for pattern in LEFT_OUT)
    if page.startswith("chapters/") and (DOCS / "chapters" / notebook).exists() and not left_out:
        return relative_uri(app.builder.get_target_uri(page), "browser/lab/index.html") + f"?path={notebook}"


def add_button(app, pagename, templatename, context, doctree):
    """First among the buttons at a chapter's top."""
    if url := browser_edition(app, pagename):
        button = {
            "type": "link",
            "url": url,
            "tooltip": "Open this chapter in the browser edition, where every cell runs",
            "icon": "fas fa-play",
            "text": "Run this chapter",
            "label": "run-this-chapter",
        }
        context["header_buttons"].insert(0, button)


def summarize_articles(app, exception):
    """The search shows some words of each page that it finds: those of the article, not of the buttons above it."""
    if exception is None:
        script = Path(app.outdir) / "_static" / "searchtools.js"
        script.write_text(script.read_text("utf-8").replace('[role="main"]', "article.bd-article"), encoding="utf-8")


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
    app.connect("doctree-read", adapt_page)
    app.connect("html-page-context", add_button, priority=900)  # after the theme, which makes the list of buttons
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", summarize_articles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
