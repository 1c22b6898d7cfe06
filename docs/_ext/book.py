"""What makes the notebooks, unchanged, into a book.

Before a build, the chapters and the glossary are copied to docs/chapters, and docs/api gets a page for each module of
`course`. In the text, "chapter 3" becomes a link. Figures and formulas get numbers, and the glossary's terms links.
Each chapter has a button that opens it in the browser edition, where `make site` has put that into the folder `browser`
beside the book's pages. MathJax is copied too: no page asks another server.
"""

import html
import importlib.util
import json
import re
import shutil
import subprocess
import unicodedata
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from course import check, experiments
from tools.site import LEFT_OUT

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
CHAPTERS = re.compile(r"\b(?:[Cc]hapter\s+\d+|[Cc]hapters\s+\d+(?:(?:,|\s+and|\s+to)\s+\d+)*)\b")
NO_LINKS = nodes.title | nodes.literal | nodes.FixedTextElement | nodes.reference
MATHJAX = "tex-chtml.js"
TERM = re.compile(r"- \*\*(.+?)\*\*: .+ \(chapter (\d+)\)")  # a line of the glossary
UNQUOTED = ".headerlink, script, style, .math, details, .no-search, .cell, .highlight, dl.py dd > p ~ :not(dl.py)"
LINE_LENGTH = 92  # that of the chapters' code
DESCRIPTION = "How a model is trained, from the ground up: notebooks to read, to run and to change."


def copy_chapters(app):
    shutil.rmtree(DOCS / "chapters", ignore_errors=True)
    keep = shutil.ignore_patterns("*.py", "*.toml", ".*", "__pycache__", "solutions")  # not beside the exercises
    shutil.copytree(ROOT / "notebooks", DOCS / "chapters", ignore=keep)


def write_api(app):
    """A page for each public module, whose content autodoc takes from the docstrings. Those of a package's modules
    stand below its own. And the list of the upper ones, with their first sentences."""
    shutil.rmtree(DOCS / "api", ignore_errors=True)
    listed = []
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
        if name.count(".") < 2:
            about = " ".join(importlib.import_module(name).__doc__.split("\n\n")[0].split())
            listed.append(f"- [{name}]({page.relative_to(DOCS).as_posix()}): {about}\n")
    (DOCS / "api" / "modules.txt").write_text("".join(listed), encoding="utf-8")


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
    # Of these lines, napoleon would take what stands before a colon for a type; an empty one takes its place.
    untyped = [0] if what in ("property", "attribute") else []
    untyped += [i + 1 for i, line in enumerate(new[:-1]) if line.strip() in ("Returns:", "Yields:")]
    for i in untyped:
        new[i] = re.sub(r"^(\s*)(?=.*:)", r"\1: ", new[i])
    lines[:] = new


def skip_undocumented(app, what, name, obj, skip, options):
    """A property without a docstring has not that of the number which stands for it in a class above."""
    return True if isinstance(obj, property) and not obj.__doc__ else skip


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
                    words = "\u00a0".join(match[0].split())  # the number stays beside its word
                    parts += [nodes.Text(text[end : match.start()]), link(words, document, here)]
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


class LinkTerms(SphinxTransform):
    """Where a chapter first sets one of its terms in bold, it leads to the glossary, and the search to it."""

    default_priority = 800  # before Sphinx collects what the search's index has

    def apply(self):
        here = self.env.docname
        for entry in list(self.document.findall(addnodes.index)):  # of the reference: the search finds its names anyway
            entry.parent.remove(entry)
        if here == "chapters/glossary":
            for item in self.document.findall(nodes.list_item):
                item["ids"].append(term_id(next(item.findall(nodes.strong)).astext()))
        number = next((n for n, name in chapters(self.env).items() if name == here), None)
        title = next(self.document.findall(nodes.title))
        bold = {words_of(node.astext()): node for node in reversed(list(self.document.findall(nodes.strong)))}
        for term, chapter in glossary():
            if chapter != number:
                continue
            place = title.parent
            strong = next((bold[form] for form in (words_of(term), words_of(term) + "s") if form in bold), None)
            if strong is not None and not any(isinstance(node, NO_LINKS) for node in above(strong)):
                place = strong.parent
                reference = nodes.reference("", "", refuri=f"glossary.html#{term_id(term)}", classes=["term"])
                strong.parent.replace(strong, reference)
                reference += strong
            entry = addnodes.index(entries=[("single", words_of(term), term_id(term), "main", None)])
            place["ids"].append(term_id(term))
            title.parent.insert(1, entry)


def glossary():
    """Each term with the number of the chapter that introduces it."""
    lines = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8").splitlines()
    return [(match[1], int(match[2])) for line in lines if (match := TERM.fullmatch(line))]


def words_of(term):
    """A term as one looks for it: without what stands in parentheses."""
    return " ".join(re.sub(r"\(.*?\)", "", term).split()).casefold()


def term_id(term):
    return "term-" + re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", term.casefold())).strip("-")


def number_figures(app, doctree):
    """Give each picture among the outputs a number and a caption, its alt text and its width, and each formula that
    stands alone a number."""
    here = app.env.docname
    chapter = next((n for n, name in chapters(app.env).items() if name == here), None)
    if chapter is None:
        return
    for count, formula in enumerate(doctree.findall(nodes.math_block), 1):
        formula["number"] = f"{chapter}.{count}"
        formula["ids"] = [f"equation-{chapter}-{count}"]
    bundles = [node for node in doctree.findall(nodes.container) if node.get("nb_element") == "mime_bundle"]
    count = 0
    for bundle in bundles:
        forms = {form.get("mime_type"): form for form in bundle.children}
        if "image/png" not in forms:
            continue
        count += 1
        (image,) = forms["image/png"].findall(nodes.image)
        tag, said = forms["text/html"].astext(), forms["text/plain"].astext()
        image["alt"] = html.unescape(re.search(r'alt="([^"]*)"', tag)[1])
        image["width"] = re.search(r'width="?(\d+)', tag)[1]
        image["classes"].append("picture")
        width, height = size_of(DOCS / image["uri"])
        image["height"] = str(round(int(image["width"]) * height / width))  # its place is there before it comes
        if count > 1:
            image["loading"] = "lazy"
        run = re.search(r"^experiments\.([A-Z]\w+)", bundle.parent.parent.astext(), re.M)
        titles = re.findall(r"^figure: (.+)", said, re.M) or re.findall(r"^axes: (.+)", said, re.M)
        words = f"Experiment: {spaced(run[1])}" if run and not titles else "; ".join(dict.fromkeys(titles))
        if len(titles) > 1 or width > min(2 * height, 1300):  # side by side, or as wide as experiments
            image["classes"].append("panels")
        elif int(image["width"]) > 560:
            image["classes"].append("long")
        caption = nodes.caption("", "", nodes.strong("", f"Figure {chapter}.{count}"))
        caption += nodes.Text(f"  {words}." if words else "")
        if run and (url := browser_edition(app, here)):
            link = nodes.reference("", "Open the chapter in JupyterLab", refuri=url, classes=["moves"])
            caption += [nodes.Text(" "), link, nodes.Text(" to move its controls.")]
        figure = nodes.figure("", image, caption, ids=[f"figure-{chapter}-{count}"])
        bundle.parent.replace(bundle, figure)


def size_of(png):
    """A picture's width and height in pixels, as its file's head has them."""
    with png.open("rb") as file:
        header = file.read(24)
    return int.from_bytes(header[16:20]), int.from_bytes(header[20:24])


def spaced(name):
    """`LearningRate` as "learning rate"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def link_syllabus(app, doctree):
    """On the front page, the chapters' names in the table lead to them."""
    documents = chapters(app.env)
    if app.env.docname != app.config.root_doc:
        return
    for row in doctree.findall(nodes.row):
        cell = next(row.findall(nodes.paragraph))
        match = re.match(r"(\d+) ", cell.astext())
        if match and int(match[1]) in documents:
            cell[:] = [link(cell.astext(), documents[int(match[1])], app.env.docname)]


def adapt_page(app, doctree):
    """Give code in the text that is short a class, by which it stays in one line; and outputs with lines longer than
    those of code, such as errors' messages, one by which they wrap. The search does not find what is folded away."""
    for literal in doctree.findall(nodes.literal):
        if len(literal.astext()) <= 20:
            literal["classes"].append("short")
    for table in doctree.findall(nodes.tgroup):
        name_numbers(*table.children[-2:])
    for formula in list(doctree.findall(nodes.math)):
        keep_together(formula)
    for cell in doctree.findall(lambda node: isinstance(node, nodes.container) and "cell" in node["classes"]):
        outputs = [part for part in cell.children if "cell_output" in part["classes"]]
        for output in (block for part in outputs for block in part.findall(nodes.literal_block)):
            if max(map(len, output.astext().splitlines()), default=0) > LINE_LENGTH:
                output["classes"].append("sentences")
        if {"tag_hide-output", "tag_hide-cell"} & set(cell["classes"]):
            for output in outputs:
                output["classes"].append("no-search")


def keep_together(formula):
    """No line begins with what follows a formula without a space, such as a full stop, or ends with what stands before
    it so. (Around a formula, which is a box, a browser breaks a line even where a word joiner forbids it.)"""
    parent, at = formula.parent, formula.parent.index(formula)
    before, after = parent[at - 1] if at else "", parent[at + 1] if at + 1 < len(parent) else ""
    start = re.search(r"\S*\Z", before)[0] if isinstance(before, nodes.Text) else ""
    end = re.match(r"\S*", after)[0] if isinstance(after, nodes.Text) else ""
    if start or end:
        group = nodes.inline("", "", nodes.Text(start), formula, nodes.Text(end), classes=["together"])
        parent[at] = group
        if start:
            parent[at - 1] = nodes.Text(before[: -len(start)])
        if end:
            parent[at + 1] = nodes.Text(after[len(end) :])


def name_numbers(head, body):
    """A column of numbers without a heading has one that is only spoken."""
    if not isinstance(head, nodes.thead):
        return
    first = head[0][0]
    if not first.astext() and all(row[0].astext().isdecimal() for row in body):
        first[:] = [nodes.paragraph("", "", nodes.inline("", "number", classes=["visually-hidden"]))]


def browser_edition(app, page):
    """Where the browser edition opens this page, seen from it; None where it does not, or was not built."""
    if not (Path(app.outdir) / "browser" / "lab" / "index.html").exists():
        return None
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
            "text": "Open in JupyterLab",
            "label": "run-this-chapter",
        }
        context["header_buttons"].insert(0, button)


def bring_to_life(app, pagename, templatename, context, doctree):
    """Where the browser edition was built, its Python also serves the pages: _static/live runs their cells in place,
    and marks solved exercises in the table of contents."""
    if not browser_edition(app, "chapters/01_variables"):
        return
    numbered = enumerate(check.CHAPTERS, 1)
    tasks = {number: (name, len(getattr(check, name)._tasks)) for number, name in numbered}
    files = {number: f"{page.removeprefix('chapters/')}.html" for number, page in chapters(app.env).items()}
    context["exercises"] = json.dumps({files[number]: tasks[number] for number in files})
    runs = {"data-notebook": pagename.removeprefix("chapters/")} if browser_edition(app, pagename) else {}
    app.add_js_file("live/page.js", type="module", **runs)
    app.add_css_file("live/live.css")


def say_what_does_not_run(app, doctree):
    """A chapter that the browser edition leaves out says so in its place."""
    here = app.env.docname
    left_out = any(fnmatch(here.removeprefix("chapters/") + ".ipynb", pattern) for pattern in LEFT_OUT)
    if left_out and browser_edition(app, "chapters/01_variables"):
        words = (
            "This chapter does not run in the page: it starts processes and ends some of them, and a browser has none. "
            "Read it here, and run it on your own machine."
        )
        next(doctree.findall(nodes.title)).parent.insert(1, nodes.note("", nodes.paragraph("", words)))


def describe_page(app, pagename, templatename, context, doctree):
    """What other sites show of a page; and names for the side bar's switches."""
    context["metatags"] = re.sub(r'<meta name="viewport"[^>]*>', "", context.get("metatags", ""))
    paragraphs = (
        [p for p in doctree.findall(nodes.paragraph) if not isinstance(p.parent, nodes.note)] if doctree else []
    )
    text = " ".join(next((p.astext() for p in paragraphs if len(p.astext()) > 60), DESCRIPTION).split())
    context["description"] = text if len(text) <= 160 else text[:160].rsplit(" ", 1)[0] + " …"
    if app.config.html_baseurl:
        context["og_image"] = app.config.html_baseurl.rstrip("/") + "/_static/experiment.png"
    # Within code, words break only where they are long: not `--restore` after its first hyphen.
    body = re.sub(r'<span class="pre">(?=[^<]{1,20}</span>)', '<span class="pre word">', context.get("body", ""))
    # And long paths break at their slashes, names of modules in headings and lists at their dots and underscores.
    body = re.sub(r'(?<=<span class="pre">)[^<]{21,}', lambda path: path[0].replace("/", "/<wbr>"), body)
    body = re.sub(r"(?<=<h1>)[\w.]+(?=<)|(?<=>)course(?:\.\w+)+(?=</a>)", parted, body)
    # What a check names, such as check.variables.running_mean.hint(), breaks at its dots.
    body = re.sub(r"<code>check\.[\w.]+\(\)</code>", lambda code: code[0].replace(".", ".<wbr>"), body)
    context["body"] = body
    # A module's name breaks at its dots, too, where it is long for a button on a phone.
    for side in filter(None, (context.get("prev"), context.get("next"))):
        side["title"] = re.sub(r"\w+(?:\.\w+)+", parted, side["title"])
    tree = context.get("generate_toctree_html")
    if tree:
        context["generate_toctree_html"] = lambda *args, **kwargs: readable(str(tree(*args, **kwargs)))


def parted(name):
    """A match that is a dotted name, which may break after each part."""
    return re.sub(r"[._](?=\w)", r"\g<0><wbr>", name[0])


def readable(tree):
    """The table of contents at the side: what its folds are for, and below a package the modules' own names alone,
    which break at their underscores."""
    tree = tree.replace("<summary>", '<summary aria-label="What is in it">')
    own = r"(?<=>)(\s*)course(?:\.\w+)+\.(\w+)(?=\s*<)"
    return re.sub(own, lambda name: name[1] + name[2].replace("_", "_<wbr>"), tree)


def write_sitemap(app, exception):
    """A list of the pages for search engines, where the book's address is known."""
    if exception is None and app.config.html_baseurl:
        base = app.config.html_baseurl.rstrip("/")
        pages = sorted(app.env.found_docs)
        urls = "".join(f"<url><loc>{base}/{app.builder.get_target_uri(page)}</loc></url>\n" for page in pages)
        text = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        (Path(app.outdir) / "sitemap.xml").write_text(f"{text}{urls}</urlset>\n", encoding="utf-8")


def anchor_404(app, exception):
    """The page for addresses where nothing is: it may stand at any depth, so its own addresses start at the root."""
    if exception is None:
        page, root = Path(app.outdir) / "404.html", urlsplit(app.config.html_baseurl).path.rstrip("/") + "/"
        relative = re.compile(r'((?:href|src|action|data-content_root)=")(?![a-z]+:|[#/])(?:\./)?')
        page.write_text(relative.sub(rf"\1{root}", page.read_text(encoding="utf-8")), encoding="utf-8")


def write_sections(app, exception):
    """The words of each page, by section, for the search's excerpts (_static/search.js)."""
    if exception is None:
        pages = {page: sections(Path(app.builder.get_outfilename(page))) for page in sorted(app.env.found_docs)}
        words = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
        (Path(app.outdir) / "_static" / "sections.js").write_text(f"Search.sections = {words};\n", encoding="utf-8")


def sections(page):
    """Of each section of a page, term of the glossary and name in the reference: its ids, its name, its words without
    formulas, code and what is folded; of a docstring the first paragraph."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article.bd-article")
    for element in article.select(UNQUOTED):
        element.decompose()
    for heading in article.select("section > :is(h1, h2, h3, h4, h5, h6)"):
        heading.parent["data-name"] = heading.get_text()
        heading.decompose()
    for item in article.select("li[id^=term-]"):  # the glossary
        item["data-name"] = item.strong.get_text()
    for signature in article.select("dt[id]"):
        signature["data-name"] = signature["id"].removeprefix(f"{article.section['data-name']}.")
        signature.clear()
    found = []
    for node in (article.section, *article.section.descendants):
        if isinstance(node, str):
            found[-1][2] += node
        elif "data-name" in node.attrs:
            found.append([[node["id"]], node["data-name"], ""])
        elif node.get("id", "").startswith("term-"):
            found[-1][0].append(node["id"])
    return [[ids, " ".join(name.split()), " ".join(text.split())] for ids, name, text in found]


def leave_out(app, exception):
    """What the theme copies and no page asks for: its icon fonts with a rule for each of 2,000 icons, translations, and
    files for its own developers."""
    if exception is None:
        static = Path(app.outdir) / "_static"
        for name in ("vendor", "locales", "images"):
            shutil.rmtree(static / name, ignore_errors=True)
        for pattern in ("*.map", "fontawesome.js*", "*webpack-macros.html"):
            for path in static.rglob(pattern):
                path.unlink()
        style = static / "styles" / "pydata-sphinx-theme.css"
        icons = re.compile(r"@font-face\{[^}]*fontawesome[^}]*\}|(?<=\})\.fa-[^{}]*\{--fa:[^}]*\}")
        style.write_text(icons.sub("", style.read_text(encoding="utf-8")), encoding="utf-8")


def copy_stage(app, exception):
    """The picture of experiments, which the pages share with JupyterLab."""
    if exception is None:
        shutil.copy(ROOT / "course" / "experiments" / "stage.js", Path(app.outdir) / "_static" / "live")


def bundle_editor(app, exception):
    """The editor of the pages' cells, from the registry of node's packages. Where that cannot be had, the pages have a
    plain text area instead."""
    if exception or not browser_edition(app, "chapters/01_variables"):
        return
    target = Path(app.outdir) / "_static" / "live" / "codemirror.js"
    folder, problem = ROOT / "build" / "javascript", "npm is not on the path"
    if npm := shutil.which("npm"):
        shutil.copytree(DOCS / "_javascript", folder, dirs_exist_ok=True)
        licence = "/* CodeMirror 6, with Lezer and what they need; MIT licence, https://codemirror.net */"
        bundle = ["--bundle", "--minify", "--format=esm", f"--banner:js={licence}", f"--outfile={target}"]
        try:
            for command in (
                [npm, "install", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline"],
                [folder / "node_modules" / ".bin" / "esbuild", "codemirror.js", *bundle],
            ):
                subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300)
            return
        except subprocess.CalledProcessError as error:
            problem = error.stderr.strip()[-300:]
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = error
    logging.getLogger(__name__).info("The cells' editor is a plain text area: %s", problem, color="yellow")


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
    app.add_transform(LinkTerms)
    app.connect("builder-inited", copy_chapters)
    app.connect("builder-inited", write_api)
    app.connect("autodoc-skip-member", skip_undocumented)
    app.connect("autodoc-process-docstring", plain_docstring, priority=100)  # before napoleon
    app.connect("doctree-read", link_syllabus)
    app.connect("doctree-read", link_chapters)
    app.connect("doctree-read", say_what_does_not_run)
    app.connect("doctree-read", adapt_page)
    app.connect("doctree-read", number_figures, priority=900)  # after Sphinx has collected the pictures
    app.connect("html-page-context", add_button, priority=900)  # after the theme, which makes the list of buttons
    app.connect("html-page-context", bring_to_life, priority=900)
    app.connect("html-page-context", describe_page, priority=900)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", copy_stage)
    app.connect("build-finished", bundle_editor)
    app.connect("build-finished", write_sitemap)
    app.connect("build-finished", write_sections)
    app.connect("build-finished", anchor_404)
    app.connect("build-finished", leave_out, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
