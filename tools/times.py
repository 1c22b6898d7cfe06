"""How long a chapter takes, by one rule, and the pages that say so.

Reading takes a minute for 150 words, half a minute for a code cell, one more for a prediction, three more for an
experiment. An exercise takes six, also one that stands in the text, since what follows needs it. Those at the
chapter's end, below the heading "Exercises", are stated apart, and so is what stands below "Further". All times are
rounded to five minutes.

`python tools/notebooks.py times` writes them: at the top of each chapter, into the syllabus of the README, which the
book's first page repeats, and on the page for instructors.
"""

import re
import textwrap
from typing import NamedTuple

WORDS, CODE_CELL, PREDICTION, EXPERIMENT, EXERCISE = 1 / 150, 0.5, 1, 3, 6  # minutes
STEP = 5  # minutes

SENTENCE = re.compile(
    r"\b(?:Time:|It takes)\s+(?:about\s+)?\d+\s+minutes(?:,\s+\d+\s+more\s+for\s+what\s+is\s+under\s+\"Further\",)?"
    r"(?:,?\s+and\s+\d+\s+for\s+the\s+exercises)?\."
)
ROW = re.compile(r"^(\| (\d+) .*? \| .*?) \| \d+ (?:\| \d+ )?\|$", re.MULTILINE)
ALL_CHAPTERS = re.compile(r"Each chapter says at its top how many minutes .*?\.", re.DOTALL)


class Times(NamedTuple):
    """Minutes: for the text, for what is under "Further", and for the exercises at the end."""

    text: int
    further: int
    exercises: int


def times(cells):
    """The times of a chapter.

    Args:
        cells: (kind, source, tags) of each, as `tools.notebooks.content` gives them.
    """
    minutes, part = {"text": 0.0, "further": 0.0, "exercises": 0.0}, "text"
    for kind, source, _ in cells:
        if kind == "markdown" and (heading := re.match(r"## (.*)", source)):
            part = {"Exercises": "exercises", "Further": "further"}.get(re.match(r"\w*", heading[1])[0], "text")
        if part == "exercises":
            minutes[part] += EXERCISE * bool(kind == "markdown" and re.match(r"\*\*\d+\. ", source))
        elif kind == "markdown":
            minutes[part] += WORDS * words(source)
        elif kind == "code" and source.strip():
            minutes[part] += CODE_CELL
            minutes[part] += PREDICTION * len(re.findall(r"\bcheck\.\w+\.\w+\.predict\(\)", source))
            minutes[part] += EXPERIMENT * bool(re.search(r"^experiments\.[A-Z]\w*\(", source, re.MULTILINE))
            minutes[part] += EXERCISE * len(re.findall(r"^check\.\w+\.\w+\(", source, re.MULTILINE))
    return Times(*(rounded(value) for value in minutes.values()))


def words(source):
    """How many words a text has: what stands between spaces and has a letter or a digit. Its own time counts for
    nothing, so that writing it changes nothing."""
    return sum(any(map(str.isalnum, word)) for word in SENTENCE.sub("", source).split())


def rounded(minutes):
    """To the next multiple of five, and to five where there is anything."""
    return max(STEP, STEP * round(minutes / STEP)) if minutes else 0


def sentence(times):
    """What a chapter says at its top."""
    further = f', {times.further} more for what is under "Further",' if times.further else ""
    exercises = f"{'' if further else ','} and {times.exercises} for the exercises" if times.exercises else ""
    return f"Time: about {times.text} minutes{further}{exercises}."


def in_chapter(text, times):
    """The text of a chapter, a percent script, with its times.

    Raises:
        ValueError: it does not say how long it takes.
    """
    for paragraph in re.finditer(r"(?:^# .*\S.*\n)+", text, re.MULTILINE):
        plain = " ".join(line[2:] for line in paragraph[0].splitlines())
        if SENTENCE.search(plain):
            new = SENTENCE.sub(lambda _: sentence(times), plain, count=1)
            if new == plain:
                return text
            lines = textwrap.wrap(new, 118, break_long_words=False, break_on_hyphens=False)
            return text[: paragraph.start()] + "".join(f"# {line}\n" for line in lines) + text[paragraph.end() :]
    raise ValueError(f'no paragraph says how long it takes: write one with "{sentence(times)}", in one line or two.')


def in_syllabus(text, chapters):
    """The README with the times of all chapters, {number: Times}."""
    return ROW.sub(lambda row: f"{row[1]} | {chapters[int(row[2])].text} | {chapters[int(row[2])].exercises} |", text)


def for_instructors(text, chapters):
    """The page for instructors with the sentence on the times of all chapters."""

    def spread(values):
        low, high = min(values), max(values)
        return f"{low}" if low == high else f"{low} to {high}"

    reading, exercises = [t.text for t in chapters.values()], [t.exercises for t in chapters.values()]
    everything = sum(sum(t) for t in chapters.values())
    new = (
        f"Each chapter says at its top how many minutes it takes to read and run, {spread(reading)}, and how many for "
        f"its exercises, {spread(exercises)}: {everything / 60:.0f} hours in all."
    )
    return ALL_CHAPTERS.sub(lambda _: "\n".join(textwrap.wrap(new, 120)), text, count=1)
