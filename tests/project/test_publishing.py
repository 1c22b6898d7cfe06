"""What publishes the course, as far as it can be checked without the service that runs it."""

import re
import tomllib

import pytest
import yaml

from tools.notebooks import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github/workflows").glob("*.yml")}
JOBS = {f"{file}: {name}": job for file, workflow in WORKFLOWS.items() for name, job in workflow["jobs"].items()}
STEPS = [step for job in JOBS.values() for step in job["steps"]]
COMMANDS = [line for step in STEPS for line in step.get("run", "").splitlines()]


@pytest.mark.parametrize("name", JOBS)
def test_a_job_says_where_it_runs_and_each_of_its_steps_does_one_thing(name):
    job = JOBS[name]
    assert job["runs-on"]
    assert job["timeout-minutes"] <= 60
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step)
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))


def test_only_the_job_that_publishes_may_write_and_a_newer_push_ends_an_older_run():
    workflow = WORKFLOWS["course.yml"]
    assert workflow["permissions"] == {"contents": "read"}
    assert [name for name, job in workflow["jobs"].items() if "permissions" in job] == ["publish"]
    assert "github.ref" in workflow["concurrency"]["group"]


def test_what_a_job_needs_is_a_job():
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            assert set(job.get("needs", ())) <= workflow["jobs"].keys()


def test_each_command_is_a_make_target_or_one_that_the_pages_give_for_windows():
    pages = "".join((ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/maintaining.md"))
    for command in COMMANDS:
        if command.startswith("make "):
            named = [word for word in command.split()[1:] if "=" not in word]
            assert named and set(named) <= TARGETS, command
        elif not command.startswith("echo "):
            assert command.removeprefix("python -m ") in pages, command
    assert {
        "make test PYTHON=python",
        "make browser EVERY=1",
        "make pages-test PAGES_BUILT=build/pages",
        "make book site",
    } <= set(COMMANDS)


def test_the_oldest_and_the_newest_python_and_numpy_are_tested_on_three_systems():
    matrix = WORKFLOWS["course.yml"]["jobs"]["test"]["strategy"]["matrix"]
    assert {system.split("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}
    oldest, newest = matrix["versions"]
    assert PROJECT["requires-python"] == f">={oldest['python']}"
    assert newest["python"] == max(re.findall(r"python(3\.\d+)", MAKEFILE), key=lambda v: int(v.split(".")[1]))
    assert oldest["numpy"].replace("==", ">=").removesuffix(".*") == newest["numpy"] == PROJECT["dependencies"][0]


def test_the_folder_that_is_published_is_the_one_that_make_builds():
    (upload,) = [step for step in STEPS if "upload-pages-artifact" in step.get("uses", "")]
    assert re.search(rf"^PAGES \?= {re.escape(upload['with']['path'])}$", MAKEFILE, re.M)


def test_the_glossary_is_sorted_and_has_each_term_once_with_its_chapter():
    lines = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"- \*\*(.+?)\*\*: (.+) \(chapter (\d+)\)", line) for line in lines[4:]]
    assert all(found), [line for line, match in zip(lines[4:], found) if not match]
    terms = [match[1].casefold() for match in found]
    assert terms == sorted(set(terms))
    for match in found:
        assert list((ROOT / "notebooks").glob(f"{int(match[3]):02}_*.ipynb")), match[0]
