VENV = .venv
PY = $(VENV)/bin/python
# The first Python that is new enough; `make lab PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP = $(PY) -m pip install --disable-pip-version-check --quiet
LAB_ARGS ?=
BENCH_ARGS ?=
FROM ?=
FOLDER ?=
GRADE_ARGS ?=
BOOK_ARGS ?=
# The browser edition and the book, in an environment of their own, and the folder that both are built into.
SITE_VENV ?= .venv-site
SITE_PY = $(SITE_VENV)/bin/python
PAGES ?= build/pages
PYODIDE ?=
PYODIDE_URL ?=
PAGES_TESTS = javascript live answers book site
RANDOM_TESTS = $(shell grep -l 'from examples import' tests/*/*.py)

export OMP_NUM_THREADS = 1
# Compiled modules are kept, whatever the surroundings say: each notebook's kernel would compile the course anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help lab edit test render sync exercises times grade long-test check-stress format bench reference browser site book live-test pages-test pages-test-every clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 24

lab: $(VENV)/installed ## set up, and open JupyterLab on your own copy of the chapters, in work/
	exec $(PY) -m course -- $(LAB_ARGS)

edit: $(VENV)/installed ## for maintainers: open JupyterLab on the originals, notebooks/
	exec $(PY) -m course --edit -- $(LAB_ARGS)

test: $(VENV)/installed-distributed ## set up the same, and run everything: unit tests, notebooks, pairing, lint
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pytest -q -p tools -n logical --maxprocesses 4 --dist loadfile

render: $(VENV)/installed-distributed ## run every notebook from its .py text and write its outputs
	$(PY) tools/notebooks.py render

sync: $(VENV)/installed ## bring the unedited file of each pair up to date (FROM=py or FROM=ipynb decides a conflict)
	$(PY) tools/notebooks.py sync $(if $(FROM),--from $(FROM))

exercises: $(VENV)/installed ## write each chapter's exercises from notebooks/solutions, where they stand solved
	$(PY) tools/notebooks.py exercises notebooks/[0-9]*.py

times: $(VENV)/installed ## write how long each chapter takes, on all pages that say so
	$(PY) tools/notebooks.py times

grade: $(VENV)/installed ## run the notebooks in FOLDER=... and write grades.csv, a row a learner (docs/instructors.md)
	@test -n "$(FOLDER)" || { echo "Say which folder: make grade FOLDER=path/to/submissions"; exit 1; }
	$(PY) tools/grade.py "$(FOLDER)" $(GRADE_ARGS)

# The second line draws more inputs for what is tested on random ones. The third lets matrix products round as on another
# processor, where each notebook must have the same outputs.
long-test: $(VENV)/installed-distributed ## what takes longer: hostile submissions graded, workers lost, another rounding
	$(PY) -m pytest -q -rs -p tools -p no:xdist -p no:nbval -o addopts= tests/long
	EXAMPLES=4 $(PY) -m pytest -q -p tools -n logical --maxprocesses 4 -p no:nbval -o addopts= $(RANDOM_TESTS)
	OPENBLAS_CORETYPE=Prescott $(PY) -m pytest -q -p tools -n logical --maxprocesses 4 --dist loadfile notebooks

check-stress: $(VENV)/installed ## what the checks say to 2,000 edited solutions
	$(PY) tools/stress_checks.py

format: $(VENV)/installed ## format the code, and the notebooks through their texts
	$(PY) tools/notebooks.py sync
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PY) tools/notebooks.py sync --from py

bench: $(VENV)/installed-dev ## measure speed
	$(PY) -m pytest -q -p no:xdist $(BENCH_ARGS) tests/benchmarks

reference: ## what TensorFlow gives for the tests' inputs; PYTHON=/path/to/python of an environment that has it
	$(PYTHON) tools/reference.py

browser: $(VENV)/installed-dev ## drive some notebooks in a real JupyterLab in Chromium (EVERY=1: all)
	$(PY) -m pytest -q -rs -p no:xdist tests/browser/test_in_chromium.py

site: $(SITE_VENV)/installed ## build the browser edition (PYODIDE=folder or PYODIDE_URL=address: Pyodide from elsewhere)
	$(SITE_PY) tools/site.py $(if $(PYODIDE),--pyodide "$(PYODIDE)") $(if $(PYODIDE_URL),--pyodide-url "$(PYODIDE_URL)") \
		"$(PAGES)/browser"

# The book's buttons lead to the browser edition, so where both are asked for that comes first.
ifneq ($(filter site,$(MAKECMDGOALS)),)
book: site
endif

book: $(SITE_VENV)/installed ## build the book; BOOK_URL=address: where it will be; buttons open the browser edition, if built
	$(SITE_PY) -m sphinx --fail-on-warning --keep-going --quiet --fresh-env --doctree-dir "$(PAGES).doctrees" $(BOOK_ARGS) docs "$(PAGES)"

live-test: $(VENV)/installed-dev $(SITE_VENV)/installed ## build both, and run a chapter and an experiment of each mechanism
	$(PY) -m pytest -q -rs -p no:xdist tests/browser/test_javascript.py tests/browser/test_live.py

pages-test: $(VENV)/installed-dev $(SITE_VENV)/installed ## open every page of both in Chromium (PAGES_BUILT=folder: as built)
	$(PY) -m pytest -q -rs -p no:xdist $(PAGES_TESTS:%=tests/browser/test_%.py)

pages-test-every: $(VENV)/installed-dev $(SITE_VENV)/installed ## run every cell and every experiment of both in their pages
	EVERY=1 $(PY) -m pytest -q -rs -p no:xdist tests/browser/test_live.py tests/browser/test_book.py tests/browser/test_site.py

clean: ## remove what the other targets made, the environment too
	rm -rf $(VENV) $(SITE_VENV) .pytest_cache .ruff_cache .hypothesis .benchmarks build dist
	find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} +

# A stamp: a second call installs nothing, a changed list of requirements does.
$(VENV)/installed: requirements.txt pyproject.toml tools/lab_defaults.json
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found on PATH."; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON); the first time this takes about a minute."
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt
	@$(PY) -c "import matplotlib.font_manager"  # builds its cache here rather than in a notebook's output
	@touch $@

$(VENV)/installed-distributed: requirements-distributed.txt $(VENV)/installed
	$(PIP) -r requirements-distributed.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed-distributed
	$(PIP) -r requirements-dev.txt
	@touch $@

$(SITE_VENV)/installed: requirements-site.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found on PATH."; exit 1; }
	$(PYTHON) -m venv $(SITE_VENV)
	$(SITE_PY) -m pip install --disable-pip-version-check --quiet -r requirements-site.txt
	@touch $@
