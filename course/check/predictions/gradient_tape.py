"""Predictions of chapter 2."""

from course.check.prediction import Question, number_text

gradient_of_w = Question(
    "Which gradient does the walk give for `w`?",
    {
        "1": "That is what the last record alone contributes. `w` is used in the first record, too.",
        "20": "That is the gradient of the product, which has still to pass the first record on its way to `w`.",
        "21": "That adds the gradient of the product as it is. In the first record it is multiplied by `x`.",
        "101": "",
    },
    means=number_text,
)

which_are_none = Question(
    "For which of the four is the gradient None?",
    {
        "the variable that is not trainable, and the tensor": "",
        "only the tensor": "A tape watches the trainable variables by itself, and no others.",
        "both tensors": "A tensor that was given to `watch` is recorded as a variable is.",
        "none of them": "The tape records only what depends on something it watches. Without that there is no "
        "way back.",
    },
    means=lambda is_none: {
        (False, True, True, False): "the variable that is not trainable, and the tensor",
        (False, False, True, False): "only the tensor",
        (False, False, True, True): "both tensors",
        (False, False, False, False): "none of them",
    }[tuple(bool(x) for x in is_none)],
)

asked_twice = Question(
    "If you ask the same question twice, what is the second answer?",
    {
        "25": "",
        "50": "In PyTorch gradients add up from call to call, until they are set to zero. Here each walk starts anew.",
    },
    means=number_text,
)

shape_of_a_gradient = Question(
    "Which shape does the gradient with respect to `W` have?",
    {
        "that of inputs": "Each element of the inputs gives a contribution, and all of them use one `W`: they add up.",
        "that of W": "",
    },
    means=lambda shape: "that of W" if tuple(shape) == () else "that of inputs",
)

best_difference_step = Question(
    "For x³ at x = 1.7, in float64, which of these steps gives the smallest error?",
    {
        "0.001": "At this size the error of the formula is still the larger one: it falls with the square of the step.",
        "0.00001": "",
        "0.000000001": "The formula is more exact there, but two nearly equal numbers are subtracted, and digits "
        "are lost.",
    },
    means=lambda step: min((0.001, "0.001"), (1e-5, "0.00001"), (1e-9, "0.000000001"), key=_apart(step))[1],
)


def _apart(step):
    return lambda known: max(float(step) / known[0], known[0] / float(step))
