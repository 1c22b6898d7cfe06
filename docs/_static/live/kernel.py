"""Runs a chapter's cells in the book's pages: what a notebook's kernel, IPython's display and ipywidgets do elsewhere.

`worker.js` imports it in Pyodide, sets `emit`, `arm` and `check_interrupt`, and calls the functions of the last part,
whose answers are JSON. A page of the book is a number here; each has a namespace of its own.
"""

import ast
import base64
import builtins
import contextlib
import contextvars
import copy
import functools
import importlib
import inspect
import io
import json
import linecache
import sys
import time
import traceback
import types
import weakref

import numpy as np

LIMIT = 100_000  # characters of text, a cell: a page drowns in what an endless loop prints
MOST_SHOWN = 100  # pictures and other results, a cell
PAUSE = 0.05  # seconds between two pieces of text

emit = print  # takes a message as JSON
arm = bool  # says whether an interrupt may come now: only while the reader's code runs, never in this module's
check_interrupt = bool


def attribute(module, name):
    """How to read and to write what a module keeps under this name."""
    return (
        lambda: getattr(importlib.import_module(module), name),
        lambda value: setattr(importlib.import_module(module), name, value),
    )


# What cells share beside names and context variables, in a kernel of their own: random numbers, how often a layer's
# name was given, and how numbers are printed.
SHARED = [
    attribute("course.random", "_state"),
    attribute("course.keras.layers", "_counts"),
    (np.get_printoptions, lambda options: np.set_printoptions(**options)),
]

pages = {}  # the namespace of each page, a module
shared = weakref.WeakKeyDictionary()  # by that module, what SHARED reads, and the context, after its last cell
living = {}  # experiments and predictions that a page shows, by their number
current = {}  # the page and the cell that runs
shown = [0]  # by the present cell


def send(kind, **what):
    emit(json.dumps({"kind": kind, **current, **what}))


class Stream(io.TextIOBase):
    """stdout or stderr: sent in pieces, and no more than LIMIT."""

    def __init__(self, name):
        self.name, self.waiting, self.sent, self.left, self.other = name, [], 0.0, LIMIT, None

    def writable(self):
        return True

    def write(self, text):
        if self.other.waiting:
            self.other.flush()
        if self.left > 0:
            piece = text[: self.left]
            self.left -= len(piece)
            self.waiting.append(piece)
            if self.left == 0:
                self.waiting.append(f"\n… The rest is not shown: a cell may print {LIMIT:,} characters here.\n")
            if self.left == 0 or time.monotonic() - self.sent > PAUSE:
                self.flush()
        return len(text)

    def flush(self):
        if self.waiting:
            text, self.waiting, self.sent = "".join(self.waiting), [], time.monotonic()
            send("stream", name=self.name, text=text)


out, err = Stream("stdout"), Stream("stderr")
out.other, err.other = err, out


def flush():
    out.flush()
    err.flush()


# What a value looks like

FORMS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
}


def forms(value):
    """The forms of a value by their MIME type, as IPython finds them, and their metadata."""
    data, metadata = {}, {}
    if not isinstance(value, type):
        if callable(make := getattr(value, "_repr_mimebundle_", None)):
            made = make()
            data, metadata = made if isinstance(made, tuple) else (made, {})
            data = dict(data)
        for mime, name in FORMS.items():
            method = getattr(type(value), name, None) and getattr(value, name)
            if mime not in data and callable(method) and (made := method()) is not None:
                data[mime] = base64.b64encode(made).decode() if isinstance(made, bytes) else made
    if "text/plain" not in data:
        data["text/plain"] = repr(value)
    return data, metadata


def display(*values, raw=False, metadata=None, **_):
    """IPython's, for the values and options that the course uses."""
    for value in values:
        show(value, *((value, metadata or {}) if raw else (None, None)))


def show(value, data=None, metadata=None):
    """Sends a value's forms to the page; an experiment or a prediction as what the page makes controls for."""
    shown[0] += 1
    if shown[0] > MOST_SHOWN:
        if shown[0] == MOST_SHOWN + 1:
            print(f"… The rest is not shown: a cell may show {MOST_SHOWN} results here.")
        return
    live = {}
    base = sys.modules.get("course.experiments.base")
    if base and isinstance(value, base.Experiment):
        number = live_number(value)
        live = {"experiment": {"id": number, **controls_of(value), "state": state_of(value)}}
        data, metadata = {"text/plain": value.status}, {}
    elif data is None:
        data, metadata = forms(value)
    arm(False)
    flush()
    cut = {mime: text[:LIMIT] if mime == "text/plain" else text for mime, text in data.items()}
    send("display", data=cut, metadata=metadata, **live)
    arm(True)


def show_guess(guess):
    """In place of `course.check.prediction_page`, whose buttons are widgets."""
    flush()
    question = {"id": live_number(guess), "question": guess.question, "options": guess.options}
    send("display", data={"text/plain": repr(guess)}, metadata={}, prediction=question)


def live_number(value):
    number = 1 + max(living, default=0)
    living[number] = (current["page"], value)
    return number


def sleep(seconds, real=time.sleep):
    """In short pieces, so that it can be stopped."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        real(min(left, 0.1))
        check_interrupt()


def refuse_input(prompt=""):
    raise RuntimeError("input() cannot ask on this page: write the value into the code.")


def show_figures(*_, **__):
    """pyplot's figures, as a notebook shows them: at the end of a cell, and where it says plt.show()."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        figure, file = pyplot.figure(number), io.BytesIO()
        figure.savefig(file, format="png", dpi=100)
        titles = "; ".join(filter(None, (axes.get_title() for axes in figure.axes)))
        about = {"alt": titles or f"Figure {number}", "width": round(100 * figure.get_figwidth())}
        data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": repr(figure)}
        pyplot.close(number)
        show(figure, data, {"image/png": about})


def install():
    """Puts the stand-ins where the course looks for IPython and for the widgets of predictions, and pyplot for what
    shows its figures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    time.sleep, builtins.input = sleep, refuse_input
    backend = types.ModuleType("page_backend")
    backend.FigureCanvas, backend.show = FigureCanvasAgg, show_figures
    ipython, of_display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.display, ipython.get_ipython, ipython.__path__ = of_display, lambda: None, []
    of_display.display, of_display.clear_output = display, lambda wait=False: (flush(), send("clear"))
    predictions = types.ModuleType("course.check.prediction_page")
    predictions.show = show_guess
    for module in (ipython, of_display, predictions, backend):
        sys.modules[module.__name__] = module


# Cells


def namespace(page):
    if page not in pages:
        pages[page] = types.ModuleType("__main__")
        pages[page].__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = pages[page]
    values, context = shared.get(pages[page]) or (copy.deepcopy(at_first()), {})
    for (_, write), value in zip(SHARED, values):
        write(value)
    for variable, value in context.items():
        variable.set(value)
    return vars(pages[page])


@functools.cache
def at_first():
    """What SHARED reads before any cell has run."""
    return copy.deepcopy([read() for read, _ in SHARED])


def compiled(source, name):
    """The cell's statements, and its last expression, whose value is shown, unless a semicolon follows it."""
    tree = compile(source, name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)
    options = {"flags": ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, "dont_inherit": True}
    return compile(tree, name, "exec", **options), last and compile(last, name, "eval", **options)


async def value_of(code, names):
    value = eval(code, names)
    return await value if inspect.iscoroutine(value) else value


async def run(page, cell, source):
    """Runs a cell's source. What it prints and shows, and its error, are sent on the way."""
    names, name = namespace(page), f"<cell {cell + 1}>"
    current.update(page=page, cell=cell)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for tracebacks and inspect
    out.left = err.left = LIMIT
    shown[0] = 0
    before, streams, status = solved(), (sys.stdout, sys.stderr), "ok"
    sys.stdout, sys.stderr = out, err
    begun = time.perf_counter()
    try:
        body, last = compiled(source, name)
        arm(True)
        await value_of(body, names)
        if last and (value := await value_of(last, names)) is not None:
            names["_"] = value
            show(value)
        show_figures()
        arm(False)
    except BaseException as error:
        arm(False)
        status = "stopped" if isinstance(error, KeyboardInterrupt) else "error"
        flush()
        send("error", name=type(error).__name__, text=report(error, name), status=status)
    finally:
        flush()
        sys.stdout, sys.stderr = streams
    if (after := solved()) != before:
        send("solved", solved=changes(before, after))
    shared[pages[page]] = [read() for read, _ in SHARED], contextvars.copy_context()
    current.clear()
    return json.dumps({"status": status, "seconds": round(time.perf_counter() - begun, 3)})


def changes(before, after):
    """What is otherwise among the solved exercises. Another tab, with a Python of its own, may have solved others."""
    tasks = {(chapter, task) for record in (before, after) for chapter in record for task in record[chapter]}
    found = {}
    for chapter, task in tasks:
        if (status := after.get(chapter, {}).get(task)) != before.get(chapter, {}).get(task):
            found.setdefault(chapter, {})[task] = status
    return found


def report(error, name):
    """The reader's own lines on the way to the error, and what it says."""
    if isinstance(error, SyntaxError) and error.filename == name:
        return "".join(traceback.format_exception_only(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = traceback.format_list([frame for frame in frames if frame.filename.startswith("<cell ")])
    if len(own) > 30:  # two functions that call each other, for one
        own[10:-10] = [f"  … {len(own) - 20} more …\n"]
    return "".join(own + traceback.format_exception_only(error))[-LIMIT:]


def needed(sources):
    """Of the statements in these sources, those that the last source needs, in their order: what defines its names, and
    what defines the names in those.

    A change that is made by a call, as in `names.append(…)`, is not seen.
    """
    *above, last = [ast.parse(source).body for source in sources]
    statements = [statement for body in above for statement in body]
    inside = {}  # by the name of a function or class, the names in it: whoever calls it needs them
    for statement in statements:
        if isinstance(statement, DEFINITIONS):
            inside.setdefault(statement.name, set()).update(names_from_outside(statement))

    def with_inside(names):
        found = set(names)
        while more := set().union(*(inside.get(name, ()) for name in found)) - found:
            found |= more
        return found

    names, kept = with_inside(names_needed(last)[0]), []
    for statement in reversed(statements):
        if names_bound(statement) & names:
            kept.append(statement)
            used = names_from_outside if isinstance(statement, DEFINITIONS) else names_in
            names = (names - names_replaced(statement)) | with_inside(used(statement) - names_replaced(statement))
    return "\n".join(ast.unparse(statement) for statement in reversed(kept))


DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names_from_outside(definition):
    """The names in a function or class that it neither takes as parameters nor gives a value itself."""
    own = {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
    own |= {n.id for n in ast.walk(definition) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names_in(definition) - own


def names_replaced(statement):
    """The names that a statement gives a value that owes nothing to the one before."""
    if isinstance(statement, DEFINITIONS | ast.Import | ast.ImportFrom):
        return names_bound(statement)
    if not isinstance(statement, ast.Assign):
        return set()
    targets = [part for target in statement.targets for part in getattr(target, "elts", [target])]
    return {target.id for target in targets if isinstance(target, ast.Name)} - names_in(statement.value)


def names_needed(statements, bound=frozenset()):
    """The names that statements use before they bind them, and those that are bound after them."""
    used = set()
    for statement in statements:
        body = getattr(statement, "body", None)
        if isinstance(body, list) and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = {id(node) for part in body for node in ast.walk(part)}
            head = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and id(n) not in inner}
            stored = names_bound(statement)
            more, _ = names_needed(body, bound | (head & stored))
            used |= more | (head - stored - bound)
        else:
            stored = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            augmented = names_in(statement.target) if isinstance(statement, ast.AugAssign) else set()
            loaded = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            used |= (loaded | augmented) - bound
        bound = bound | stored | names_bound(statement)
    return used, bound


def names_in(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def names_bound(statement):
    """The names that a statement gives a value, or a part of a value."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    bound = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            bound |= names_in(node.value)
    return bound


# Experiments


def controls_of(experiment):
    """What the page makes controls from."""
    from course.experiments import controls as kinds
    from course.experiments.base import members

    entries = {}
    for name, control in experiment.controls.items():
        if control.in_picture:
            continue
        kind = next(
            kind for kind in ("Slider", "Choice", "Switch", "Text") if isinstance(control, getattr(kinds, kind))
        )
        entry = {"name": name, "kind": kind, "label": control.label, "wide": control.wide}
        if kind == "Slider":
            entry |= {"low": control.low, "high": control.high, "step": control.step, "log": control.log}
        if kind == "Choice":
            entry |= {"options": [control.readout(option) or str(option) for option in control.options]}
        if control.switch:
            entry["switch"] = entries.pop(control.switch)
        entries[name] = entry
    actions = [
        {"method": name, "label": method.action["description"], "tip": method.action["tooltip"]}
        for name, method in members(type(experiment)).items()
        if getattr(method, "action", None)
    ]
    steps = {"step": experiment.step_name, "replays": experiment.replays}
    return {"controls": list(entries.values()), "actions": actions, "interval": experiment.interval, **steps}


def state_of(experiment):
    """What the page shows of an experiment's present state."""
    values, controls = {name: experiment.entered(name) for name in experiment.controls}, experiment.controls
    shown = experiment.shown()
    return {
        "picture": shown | {"frame": base64.b64encode(shown["frame"]).decode()},
        "status": experiment.marked,
        "position": experiment.position,
        "total": experiment.total,
        "progress": experiment.progress,
        "values": {
            name: controls[name].options.index(value) if hasattr(controls[name], "options") else value
            for name, value in values.items()
        },
        "readouts": {name: controls[name].readout(value) for name, value in values.items()},
        "address": experiment.state,
    }


# What the worker calls


def begin(record):
    """Takes over which exercises are solved: {chapter: {task: status}}."""
    from course.check import record as kept

    for chapter, tasks in json.loads(record).items():
        for task, status in tasks.items():
            if status:
                kept.keep(chapter, task, status)


def solved():
    kept = sys.modules.get("course.check.record")
    return kept.load() if kept else {}


async def run_alone(page, cell, sources):
    """Runs a cell with no more than what it needs of the cells above it, in a namespace of its own.

    The status is "unprepared" where that fails: then all of the cells above have to run.
    """
    sources = json.loads(sources)
    apart = f"{page} {cell}"
    pages.pop(apart, None)
    current.update(page=page, cell=cell)
    try:
        preparation = needed(sources)  # not if the reader's code above is no Python
        with contextlib.redirect_stdout(None):
            exec(compile(preparation, "<preparation>", "exec", dont_inherit=True), namespace(apart))
    except Exception:
        current.clear()
        return json.dumps({"status": "unprepared", "seconds": 0})
    pages_own, pages[page] = pages.get(page), pages[apart]
    try:
        return await run(page, cell, sources[-1])
    finally:
        pages.pop(page)
        if pages_own:
            pages[page] = pages_own


def forget(page):
    """Ends what a page has: its namespace, its experiments and predictions."""
    for name in [name for name in pages if str(name).split(" ")[0] == str(page)]:
        del pages[name]
    for number in [number for number, (owner, _) in living.items() if owner == page]:
        del living[number]
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


def choose(number, option):
    living[number][1].choose(option)


def move(number, name, value):
    """Sets an experiment's parameter as its control in the page says."""
    experiment = living[number][1]
    control = experiment.controls[name]
    if hasattr(control, "options"):
        value = control.options[value]
    elif hasattr(control, "low"):
        value = round(value) if control.kind is int else float(value)
    experiment.from_page(name, value)
    return json.dumps(state_of(experiment))


def touch(number, report):
    """Tells an experiment what stage.js reports."""
    experiment = living[number][1]
    experiment.reported(**json.loads(report))
    return json.dumps(state_of(experiment))


def call(number, method):
    """Calls what a button of the page stands for."""
    experiment = living[number][1]
    getattr(experiment, method)()
    if getattr(getattr(type(experiment), method), "action", None):
        experiment.update()
    return json.dumps(state_of(experiment))


def restore(number, state):
    """Brings an experiment to a state that a link holds."""
    experiment = living[number][1]
    experiment.state = json.loads(state)
    return json.dumps(state_of(experiment))
