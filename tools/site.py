"""Build the browser edition: a static site that runs the chapters in a browser tab, with nothing installed.

    python tools/site.py OUTPUT [--pyodide-url URL | --pyodide FOLDER]

It is JupyterLite, whose kernel is Pyodide: CPython and NumPy compiled to WebAssembly. The site takes Pyodide from
PYODIDE_URL, its public address, or from another URL, or contains a copy of what it needs of a FOLDER with a full
Pyodide distribution, and then needs no internet.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from course import __main__ as learners  # noqa: E402

PYODIDE_URL = "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/pyodide.js"
KERNEL = "@jupyterlite/pyodide-kernel-extension"

# What the kernel loads, all at once, before its first cell: the names are Pyodide's own packages, and among them is
# what the kernel would otherwise install one after the other.
PACKAGES = ["ssl", "sqlite3", "jedi", "ipython", "micropip", "numpy", "matplotlib", "pillow"]
# Taken from PyPI when the site is built, in the versions installed here.
WHEELS = ["ipywidgets", "comm", "anywidget", "psygnal", "typing_extensions"]

# Of Pyodide's packages what the book's pages need to run cells and draw figures: their Python starts without the rest.
IN_PAGES = ["numpy", "matplotlib", "pillow", "contourpy", "cycler", "kiwisolver", "packaging", "pyparsing"]
IN_PAGES += ["python-dateutil", "six"]
# And of those what they can do without: other fonts than the figures', sample data, time zones, other image formats.
NOT_IN_PAGES = {
    "numpy": r"\.pyi$|\.a$|/tests/|numpy/(f2py|distutils|_core/include)/",
    "matplotlib": r"sample_data/|images/|fonts/afm/|pdfcorefonts/|ttf/(.*Serif|.*BoldOblique|.*Mono-|Humor)|_ttconv\.",
    "pillow": r"PIL/(_webp|_imagingft)\.",
    "python-dateutil": r"zoneinfo/.*\.tar",
}

# Chapters that need what a browser does not have, such as processes: the site leaves them out.
LEFT_OUT = ["12_*"]

# Runs in each new kernel. Matplotlib's first import looks for fonts, and says so on stderr: not in a learner's cell.
STARTUP = "import matplotlib.font_manager as _\n"
STARTUP_FILE = "course_startup.py"

# JupyterLite reads its configuration from this page too, so it must have that script.
INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="lab/favicon.ico">
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
<meta http-equiv="refresh" content="0; url={start}">
<a href="{start}">Open chapter 1</a>
</html>
"""

# What the kernel writes into each notebook that it opens: where it stands there already, the tab has no unsaved change.
KERNEL_METADATA = {
    "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
    "language_info": {
        "codemirror_mode": {"name": "python", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.8",
    },
}

APPS = ["lab", "notebooks", "tree"]
# JupyterLab's side bars leave nothing of a phone's width: there a chapter opens as a page of its own.
ON_A_PHONE = (
    "if (screen.width < 700) location.replace(location.search.includes('path=')"
    " ? '../notebooks/index.html' + location.search : '../tree/index.html')"
)


def collect_wheels(folder):
    """Fills `folder` with wheels of `course`, as it is in this tree, and of WHEELS."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    versions = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout.splitlines()
    wanted = [line for line in versions if line.split("==")[0] in WHEELS]
    pure = ["--no-deps", "--only-binary=:all:", "--implementation", "py", "--abi", "none", "--platform", "any"]
    subprocess.run([*pip, "download", *pure, "--dest", folder, *wanted], check=True)
    (course,) = folder.glob("course-*.whl")
    with zipfile.ZipFile(course, "a") as wheel:
        wheel.writestr(STARTUP_FILE, STARTUP)


def copy_pyodide(source, target):
    """The core of a Pyodide distribution, and of its packages those in PACKAGES with what they depend on.

    The copy's lock file names no others, so that `import scipy` says that it is not there rather than asking for a
    file that is not.
    """
    lock = json.loads((source / "pyodide-lock.json").read_text(encoding="utf-8"))
    packages = {canonical(name): package for name, package in lock["packages"].items()}
    wanted, missing = [canonical(name) for name in PACKAGES], []
    for name in wanted:
        depends = packages[name]["depends"] if name in packages else missing.append(name) or []
        wanted += [canonical(other) for other in depends if canonical(other) not in wanted]
    files = {name: source / packages[name]["file_name"] for name in wanted if name in packages}
    missing += [path.name for path in files.values() if not path.is_file()]
    if missing:
        raise FileNotFoundError(f"{source} lacks {', '.join(missing)}: the site needs a full Pyodide distribution")
    of_packages = {(source / package["file_name"]).resolve() for package in packages.values()}
    unwanted = of_packages - {path.resolve() for path in files.values()}
    shutil.copytree(
        source,
        target,
        ignore=lambda folder, names: [name for name in names if (Path(folder) / name).resolve() in unwanted],
    )
    lock["packages"] = {name: entry for name, entry in lock["packages"].items() if canonical(name) in files}
    (target / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def canonical(name):
    """A package's name as lock files write it, which also say prompt_toolkit."""
    return re.sub(r"[-_.]+", "-", name).lower()


def for_pages(site, pyodide_url, local):
    """Says, in a file of the site, where the book's pages find their Python (docs/_static/live/worker.js)."""
    (wheel,) = (site / "pypi").glob("course-*.whl")
    settings = {"pyodide": pyodide_url.rpartition("/")[0] + "/", "packages": IN_PAGES, "slim": {}, "bytes": 0}
    settings["wheel"] = f"pypi/{wheel.name}"
    settings["build"] = hashlib.sha256(wheel.read_bytes()).hexdigest()[:12]  # pages of another build share no Python
    if local:
        settings["pyodide"] = folder = "static/pyodide/"
        lock = json.loads((site / folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
        files = {name: folder + lock[name]["file_name"] for name in IN_PAGES}
        for name, unneeded in NOT_IN_PAGES.items():
            files[name] = copy_without(
                unneeded, site / files[name], site / "static" / "slim" / lock[name]["file_name"], site
            )
        files |= {"course": settings["wheel"], "stdlib": f"{folder}python_stdlib.zip"}
        files = compiled(files, site)
        settings |= {"slim": files, "wheel": files.pop("course"), "stdlib": files.pop("stdlib")}
        moved = [f"{folder}pyodide.asm.wasm", settings["wheel"], settings["stdlib"], *files.values()]
        settings["bytes"] = sum((site / path).stat().st_size for path in moved)
    (site / "python.json").write_text(json.dumps(settings), encoding="utf-8")


def compiled(files, site):
    """By name, the paths in the site of packages' copies with bytecode, if node is at hand: it runs Pyodide, whose
    bytecode is not that of the Python that runs this. Without it pages start in twice the time."""
    if not (node := shutil.which("node")):
        print("node is not on the path: the book's pages will start slower")
        return files
    targets = {path: f"static/compiled/{Path(path).name}" for path in files.values()}
    (site / "static" / "compiled").mkdir()
    command = [node, ROOT / "tools" / "compile_pages.mjs", site, ROOT / "docs" / "_static" / "live" / "kernel.py"]
    subprocess.run([*command, json.dumps(targets)], check=True, timeout=600)
    shutil.rmtree(site / "static" / "slim")
    return {name: targets[path] for name, path in files.items()}


def copy_without(unneeded, source, target, site):
    """Copies a wheel without the files whose paths match. Gives the copy's path in the site."""
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for entry in old.infolist():
            if not re.search(unneeded, entry.filename):
                new.writestr(entry, old.read(entry))
    return target.relative_to(site).as_posix()


def first_chapter(contents):
    return min(path.relative_to(contents).as_posix() for path in contents.glob("*.ipynb"))


def adapt(site, title):
    """What JupyterLite has no option for."""
    for unneeded in site.rglob("*.map"):  # for JupyterLite's own developers: half of its size
        unneeded.unlink()
    # In command mode the notebook takes the arrow keys even from a slider that has the focus: leave them to the slider.
    in_notebook, not_in_widget = (
        ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus",
        ":not(.jupyter-widgets *)",
    )
    for schemas in [
        site / "build/schemas/all.json",
        site / "build/schemas/@jupyterlab/notebook-extension/tracker.json",
    ]:
        replace(schemas, f'{in_notebook}"', f'{in_notebook}{not_in_widget}"')
    tell_replies_apart(site)
    for app in APPS:
        page = site / app / "index.html"
        (theirs,) = re.findall("<title>.*</title>", page.read_text(encoding="utf-8"))
        replace(page, theirs, f"<title>{title}</title>")
        # Without an icon of its own, the browser looks at the root of the server, where a school's site may not be.
        progress = (ROOT / "tools" / "lab_progress.js").read_text(encoding="utf-8")
        icon = '<link rel="icon" href="../lab/favicon.ico">'
        replace(page, "<head>", f"<head>{icon}<script>{progress}</script>")
    replace(site / "lab/index.html", "<head>", f"<head><script>{ON_A_PHONE}</script>")


def tell_replies_apart(site):
    """Each question that a kernel asks of the page gets a number, and the reply to it has that number too.

    JupyterLite's service worker tells replies apart by their page alone: when two chapters started at the same moment,
    each kernel could get the other's, and Pyodide ended with "reading 'getTime'".
    """
    for worker in (site / "service-worker.js", site / "build" / "service-worker.js"):
        same_page = "c.browsingContextId!==a.browsingContextId"
        replace(worker, same_page, f"{same_page}||(c.requestId??a.requestId)!==a.requestId")
        replace(worker, "a.pathname=t.pathname,", "a.pathname=t.pathname,a.requestId=crypto.randomUUID(),")
    scripts = [path for path in site.glob("build/*.js") if "_onDriveMessage=" in path.read_text(encoding="utf-8")]
    if not scripts:
        raise RuntimeError(f"No script in {site / 'build'} answers kernels: this is another JupyterLite")
    for script in scripts:
        replace(
            script,
            "this._onStdinMessage(r,t):this._onDriveMessage(t)",
            "this._onStdinMessage(r,t,e):this._onDriveMessage(t,e)",
        )
        replace(script, "this._onDriveMessage=async e=>", "this._onDriveMessage=async(e,asked)=>")
        replace(script, "this._onStdinMessage=async(e,t)=>", "this._onStdinMessage=async(e,t,asked)=>")
        own = "browsingContextId:this._browsingContextId})"
        for reply in ("response:t,", "response:e,"):
            replace(script, "{" + reply + own, "{" + reply + "requestId:asked.data.requestId," + own)


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise RuntimeError(
            f"{path} does not contain {old!r}: this JupyterLite is another than requirements-site.txt names"
        )
    path.write_text(text.replace(old, new), encoding="utf-8")


def build(output, pyodide_url=PYODIDE_URL, pyodide=None):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        contents, wheels, site = scratch / "contents", scratch / "wheels", scratch / "site"
        left_out = [int(pattern[:2]) for pattern in LEFT_OUT]
        for name, text in learners.chapters(ROOT / "notebooks", KERNEL_METADATA, left_out).items():
            path = contents / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "docs" / "browser.md", contents / "About this edition.md")
        wheels.mkdir()
        collect_wheels(wheels)
        # The kernel's worker resolves these against its own script, in extensions/@jupyterlite/…/static.
        urls = [f"../../../../pypi/{wheel.name}" for wheel in sorted(wheels.glob("*.whl"))]
        kernel = {
            "pyodideUrl": "./static/pyodide/pyodide.js" if pyodide else pyodide_url,
            "loadPyodideOptions": {
                "packages": [*PACKAGES, *urls],
                "env": {
                    "PYTHONSTARTUP": f"/lib/python3.12/site-packages/{STARTUP_FILE}",
                    # Which exercises are solved is kept beside the chapters; the rest of the disk ends with the kernel.
                    "COURSE_PROGRESS": "/drive/progress.json",
                },
            },
        }
        config = {
            "appName": "Training from first principles",
            "exposeAppInBrowser": True,  # tests drive it through the page's `jupyterapp`
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
            # As on a machine: names in the list are not cut, and the glossary opens as a page.
            "settingsOverrides": json.loads((ROOT / "tools" / "lab_defaults.json").read_text(encoding="utf-8")),
        }
        lite = {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
        (scratch / "jupyter-lite.json").write_text(json.dumps(lite))
        command = [
            sys.executable,
            "-m",
            "jupyter",
            "lite",
            "build",
            "--apps",
            "lab",
            "--apps",
            "notebooks",
            "--apps",
            "tree",
            "--no-unused-shared-packages",
        ]
        command += ["--contents", contents, "--piplite-wheels", wheels, "--output-dir", site]
        subprocess.run([str(part) for part in command], cwd=scratch, check=True)
        if pyodide:
            copy_pyodide(pyodide, site / "static" / "pyodide")
        adapt(site, config["appName"])
        for_pages(site, pyodide_url, pyodide is not None)
        start = f"lab/index.html?path={first_chapter(contents)}"
        (site / "index.html").write_text(INDEX.format(title=config["appName"], start=start))
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(site, output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="the folder of the site; it is replaced")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--pyodide-url", default=PYODIDE_URL, metavar="URL", help="of pyodide.js")
    source.add_argument("--pyodide", type=Path, metavar="FOLDER", help="with pyodide.js, its lock file and packages")
    args = parser.parse_args()
    if args.pyodide and not (args.pyodide / "pyodide.js").is_file():
        parser.error(f"{args.pyodide} has no pyodide.js: name the folder of a Pyodide 0.27 distribution")
    build(args.output, args.pyodide_url, args.pyodide)
    size = sum(path.stat().st_size for path in args.output.rglob("*") if path.is_file())
    print(f"{args.output}: {size / 1e6:.0f} MB. Serve it with any web server, for instance")
    print(f"    {Path(sys.executable).name} -m http.server --bind 127.0.0.1 --directory {args.output}")


if __name__ == "__main__":
    main()
