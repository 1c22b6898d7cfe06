"""In the book, what answers a question is folded away until it is asked for: the outcome of a prediction, and the words
on it, which open with it (_static/answers.js); and the words on what an experiment answers. As with every fold, paper
shows it, and the search does not quote it.
"""

import json
from itertools import takewhile
from pathlib import Path

from docutils import nodes

from course.__main__ import ANSWERED, answers

RESULT = '<details class="outcome"><summary>The result<span>: make your prediction first</span></summary>'
WORDS = '<details class="answer"><summary>The answer in words</summary>'


def fold_answers(app, doctree):
    """Folds the outputs of each cell that shows an outcome, and the words that the learner's copy folds."""
    path = Path(app.env.doc2path(app.env.docname))
    folded = answers(json.loads(path.read_text(encoding="utf-8"))["cells"]) if path.suffix == ".ipynb" else ()
    for cell in list(doctree.findall(lambda node: isinstance(node, nodes.container) and "cell" in node["classes"])):
        if not ANSWERED.search(cell.astext()):
            continue
        if ".outcome(" in cell.astext():
            for output in [child for child in cell.children if "cell_output" in child.get("classes", ())]:
                fold([output], RESULT)
        after = cell.parent[cell.parent.index(cell) + 1 :]
        if words := list(takewhile(lambda node: number(node) in folded, after)):
            fold(words, WORDS)


def number(node):
    """That of the notebook's cell that a node comes from, as MyST-NB has it in the node's line."""
    return (node.line or 0) // 10000 - 1


def fold(some, opening):
    parent, first = some[0].parent, some[0].parent.index(some[0])
    ends = (nodes.raw("", text, format="html") for text in (opening, "</details>"))
    parent[first : first + len(some)] = [next(ends), *some, next(ends)]


def setup(app):
    app.connect("doctree-read", fold_answers, priority=950)  # after book.py has numbered and linked
    app.add_js_file("answers.js")
    app.add_css_file("answers.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
