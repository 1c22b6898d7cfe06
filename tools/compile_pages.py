"""Copies Python packages with bytecode for the modules that the book's pages import, as compiling them is half of a
page's start. `compile_pages.mjs` runs this in Pyodide, with TARGETS."""

import importlib._bootstrap_external as bytecode
import json
import os
import sys
import zipfile

# All that a page's first cells import, and what the first pictures do.
import page_kernel  # noqa: F401

from course import check, datasets, experiments, keras, plots  # noqa: F401

experiments.Parabola().shown()
ROOTS = ("/lib/python312.zip/", "/lib/python3.12/site-packages/")
FILES = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
IMPORTED = {file.removeprefix(root) for root in ROOTS for file in FILES if file.startswith(root)}


def copy(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:

        def write(name, data):
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # without the time of this build

        for name in old.namelist():
            data = old.read(name)
            if not name.endswith(".py") or name not in IMPORTED:
                write(name, data)
                continue
            code = compile(data, name, "exec", dont_inherit=True)
            if not name.startswith("course/"):
                write(f"{name}c", bytecode._code_to_timestamp_pyc(code))
                continue
            # Of the course its source, too, which learners may read, and the checks do; beside it as Python keeps it.
            write(name, data)
            folder, file = os.path.split(name)
            cached = f"{folder}/__pycache__/{file.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
            write(cached, bytecode._code_to_hash_pyc(code, bytes(8), checked=False))


for source, target in json.loads(TARGETS).items():  # noqa: F821
    copy(f"/site/{source}", f"/site/{target}")
