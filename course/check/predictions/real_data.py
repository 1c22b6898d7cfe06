"""Predictions of chapter 7."""

import numpy as np

from course.check.prediction import Question, below

rate_on_millimetres = Question(
    "The inputs are near 200, and were between −3 and 3. What is a learning rate of 0.1 now?",
    {
        "too small": "Larger inputs make the surface steeper, so the same rate makes longer steps, not shorter ones.",
        "about right": "It was right for small inputs. The curvature grows with the square of the inputs.",
        "too large": "",
    },
    means=lambda loss: "too large" if not np.isfinite(float(loss)) or float(loss) > 1e9 else "about right",
)

epochs_on_millimetres = Question(
    "After how many epochs is one percent of the way left along the flat axis?",
    {
        "thousands": "The ravine of chapter 6 had a condition number of 50. This one has one of millions.",
        "millions": "",
    },
    means=below((1e6, "thousands"), beyond="millions"),
)

which_unit_helps = Question(
    "By which change does the condition number fall the most?",
    {
        "from millimetres to metres": "Smaller numbers help, but inputs that are all far from zero still make W "
        "and b nearly the same.",
        "from millimetres to millimetres from the mean": "",
        "from those to standardized": "It brings the last factor. What made millions of it was the distance from zero.",
    },
    means=lambda numbers: _largest_fall(*(float(number) for number in numbers)),
)


def _largest_fall(millimetres, metres, centred, standardized):
    falls = {
        "from millimetres to metres": millimetres / metres,
        "from millimetres to millimetres from the mean": millimetres / centred,
        "from those to standardized": centred / standardized,
    }
    return max(falls, key=falls.get)


epochs_when_standardized = Question(
    "It was 39 million epochs. How many are needed now?",
    {
        "one": "",
        "about 20": "That is what chapter 5 needed. Here the rate is chosen for a bowl that is round: both axes "
        "arrive at once.",
        "thousands": "The best fit is the same, but the way to it is not: the condition number is 1.",
    },
    means=below((5, "one"), (500, "about 20"), beyond="thousands"),
)

residuals_by_species = Question(
    "Over all penguins the mean of the residuals is zero. For which species is it farthest from zero?",
    {
        "the Adelies": "The line serves the most numerous best: each penguin pulls at it, and there are more of them.",
        "the Chinstraps": "",
        "the Gentoos": "Their flippers are the longest, and so the line predicts large masses for them.",
        "none: in all three it is within 50 g": "So it would be if the flipper said all that species says about mass.",
    },
    means=lambda means: _farthest(means),
)


def _farthest(means):
    name = max(means, key=lambda species: abs(float(means[species])))
    if abs(float(means[name])) < 50:
        return "none: in all three it is within 50 g"
    return f"the {name}s"


sex_or_species = Question(
    "Does sex lower the error by more or by less than species did?",
    {
        "by more": "",
        "by less": "Species differ visibly, but the flippers had said most of that already. Of sex they say little.",
        "by as much": "The flippers had said most about species already. Of sex they say little.",
    },
    means=lambda falls: (
        "by as much"
        if np.isclose(falls[0], falls[1], rtol=0.1)
        else "by more"
        if float(falls[0]) > float(falls[1])
        else "by less"
    ),
)
