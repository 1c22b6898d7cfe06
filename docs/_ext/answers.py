"""In the book, what answers a prediction is folded away until it is asked for: the outcome, and the paragraph that
follows it, which opens with it (_static/answers.js). As with every fold, paper shows it, and the search does not quote
it.
"""

import re

from docutils import nodes

RESULT = '<details class="outcome"><summary>The result: make your prediction first</summary>'
WORDS = '<details class="answer"><summary>The answer in words</summary>'


def fold_answers(app, doctree):
    """Folds the outputs of each cell that shows an outcome, and the first paragraph after it. What follows that stays,
    such as the next question."""
    for cell in list(doctree.findall(lambda node: isinstance(node, nodes.container) and "cell" in node["classes"])):
        if not re.search(r"\.outcome\(", cell.astext()):
            continue
        for output in [child for child in cell.children if "cell_output" in child.get("classes", ())]:
            fold(output, RESULT)
        words = cell.next_node(descend=False, siblings=True)
        if isinstance(words, nodes.paragraph) and not words.astext().startswith("Predict."):
            fold(words, WORDS)


def fold(node, opening):
    node.parent.replace(node, [nodes.raw("", opening, format="html"), node, nodes.raw("", "</details>", format="html")])


def setup(app):
    app.connect("doctree-read", fold_answers, priority=950)  # after book.py has numbered and linked
    app.add_js_file("answers.js")
    app.add_css_file("answers.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
