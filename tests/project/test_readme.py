"""The README says what is true of the project."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_make_target_that_it_names_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z-]+)`", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"there is no target {target}"


def test_every_path_in_the_table_of_what_is_where_exists():
    table = README.split("## What is where")[1]
    for path in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE):
        assert (ROOT / path).exists(), path


def test_its_pictures_exist_and_have_a_text_in_their_place():
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)
    for words, path in pictures:
        assert words.strip()
        assert path.startswith("http") or (ROOT / path).exists(), path
