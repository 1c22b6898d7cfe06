"""NumPy's functions on tensors: NumPy's answer in every argument of NumPy's own signature, or refused by name."""

import inspect
import re
import warnings

import numpy as np
import pytest
from examples import examples
from hypothesis import given, strategies as st

import course as tf
from course.engine.tensor import FUNCTIONS, REDUCTIONS, UFUNCS

DTYPES = (
    [f"float{n}" for n in (16, 32, 64)] + [f"{kind}{n}" for kind in ("int", "uint") for n in (8, 16, 32, 64)] + ["bool"]
)
SHAPES = [(), (1,), (3,), (2, 3), (3, 3), (1, 3, 1), (2, 3, 2), (0,), (0, 2), (2, 0)]
SPECIAL = {"f": [0.0, -0.0, 1.0, -1.5, 2.5, np.inf, -np.inf, np.nan], "i": [0, 1, -1, 3], "u": [0, 1, 3], "b": [0, 1]}
AXES = [None, 0, 1, -1, 2, (0, 1), (), (-1,), (0, 0), [0]]
# For each parameter, by its name, what a caller may give.
GIVEN = {
    "axis": AXES,
    "keepdims": [False, True],
    "dtype": [None, "float32", np.float64, "int64", "int8"],
    "out": [None, np.zeros(2)],
    "initial": [np._NoValue, 0],
    "where": [np._NoValue, True, np.array(True)],
    "ddof": [0, 1, 0.5, 5],
    "correction": [np._NoValue, 1],
    "mean": [np._NoValue, np.array(1.0)],
    "a_min": [None, 0, 0.5, -1],
    "a_max": [None, 2, 1.5],
    "min": [np._NoValue, 0],
    "max": [np._NoValue, 1],
    "decimals": [0, 1, -1],
    "order": [None, "C", "F", "K"],
    "ord": [None, 1, 2, 3, -1, 0, 0.5, np.inf, -np.inf, "fro", "nuc"],
    "copy": [None, True],
    "casting": ["same_kind", "unsafe"],
    "kind": [None, "stable", "heapsort"],
    "stable": [None, True],
    "subok": [True, False],
    "device": [None, "cpu"],
    "mode": ["raise", "wrap", "clip"],
    "indices": [0, -1, [0, 1], [[0], [-1]], 5, True],
    "axis1": [0, -1, 3],
    "axis2": [0, 1],
    "source": [0, -1, [0, 1], (1, 0)],
    "destination": [0, -1, [1, 0], (0, 1)],
    "axes": [None, 0, 1, [1, 0], (-1, 0), ([0], [0]), [[1], [0]]],
    "reps": [1, 2, (2, 1), (2, 1, 3), 0],
    "shape": [-1, 3, (3, 1), (2, 3), (1, -1), (2, 2, 3), ()],
    "optimize": [False, True],
    "kwargs": [{}],
}
ANSWERS = sorted(FUNCTIONS, key=lambda function: function.__name__)


def signature(function):
    """The names of NumPy's own parameters, where this version of NumPy tells them, or those that ours declares."""
    try:
        return [name for name in inspect.signature(function).parameters]
    except ValueError:
        return FUNCTIONS[function].parameters


@pytest.mark.parametrize("function", ANSWERS, ids=lambda f: f.__name__)
def test_every_parameter_of_numpys_signature_is_known(function):
    declared = FUNCTIONS[function].parameters
    try:
        own = list(inspect.signature(function).parameters)
    except ValueError:
        own = declared
    if function is np.clip:
        own.remove("kwargs")  # those of ufuncs, each refused by name
    assert [name for name in declared if name in own] == own, "in NumPy's order, for those given by place"


def arrays(draw, dtype=None, shapes=SHAPES):
    dtype = np.dtype(dtype or draw(st.sampled_from(DTYPES)))
    shape = draw(st.sampled_from(shapes))
    n, special = int(np.prod(shape)), SPECIAL[dtype.kind]
    picks = draw(st.binary(min_size=n, max_size=n))  # one draw for all elements, many times as fast as n draws
    return np.array([special[i % len(special)] for i in picks], dtype).reshape(shape)


def outcome(call, *arguments, **named):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return call(*arguments, **named), None
        except Exception as error:
            return None, error


def as_tensors(x):
    if isinstance(x, np.ndarray):
        return tf.constant(x)
    return [as_tensors(part) for part in x] if isinstance(x, list) and x and isinstance(x[0], np.ndarray) else x


def check(name, call, positional, named):
    """Compares the call on tensors with the same on arrays; returns whether it was answered."""
    numpys = {key: tuple(v) if key == "axis" and type(v) is list else v for key, v in named.items()}  # as TensorFlow's
    expected, numpys_error = outcome(call, *positional, **numpys)
    result, error = outcome(call, *map(as_tensors, positional), **named)

    def told():
        return f"{name}{positional, named}: {result!r} {error!r}, NumPy {expected!r} {numpys_error!r}"

    if error is not None:
        assert isinstance(error, (TypeError, ValueError, IndexError)), told()
        assert str(error) == str(numpys_error) or not re.search(
            r"keyword argument|positional|of_floats|lambda|<locals>", str(error)
        ), told()
        if numpys_error is None:  # refused: in words that name the function, or say what is not taken
            assert re.search(r"np\.|tensors|[Cc]ast|bool|axis|divided by zero", str(error)), told()
        return False
    if numpys_error is not None and "missing 1 required" in str(numpys_error):
        return True  # as one argument of np.clip, which NumPy calls None then
    assert numpys_error is None, f"answered what NumPy refuses: {told()}"
    for part, other in zip(listed(result), listed(expected), strict=True):
        if isinstance(other, np.ndarray | np.generic):
            assert isinstance(part, tf.Tensor), told()
            assert (part.shape, part.dtype) == (other.shape, other.dtype), told()
            close = {2: 2e-3, 4: 1e-6}.get(other.dtype.itemsize, 1e-12) if other.dtype.kind == "f" else 0
            np.testing.assert_allclose(part, other, rtol=close, atol=close, err_msg=name)
        else:
            assert part == other, told()
    return True


def listed(x):
    return x if isinstance(x, tuple) and x and isinstance(x[0], np.ndarray | tf.Tensor) else (x,)


def inputs_of(draw, function, names):
    """The arrays that a function takes first, and the parameters that are left."""
    if function in (np.concatenate, np.stack):
        dtype, shape = draw(st.sampled_from(DTYPES)), draw(st.sampled_from(SHAPES))
        return [[arrays(draw, dtype, [shape]) for _ in range(draw(st.integers(1, 2)))]], names[1:]
    if function is np.einsum:
        return ["ij,jk", arrays(draw, "float64", [(2, 3)]), arrays(draw, "float64", [(3, 2)])], ["optimize", "out"]
    if function is np.where:
        three = draw(st.booleans())
        dtype = draw(st.sampled_from(DTYPES))
        shape = draw(st.sampled_from(SHAPES))
        rest = [arrays(draw, dtype, [shape, (1,), ()]) for _ in range(2)] if three else []
        return [arrays(draw, "bool", [shape]), *rest], []
    if names[:2] == ["a", "b"]:
        return [arrays(draw), arrays(draw)], names[2:]
    return [arrays(draw)], names[1:]


REQUIRED = {"shape", "reps", "indices", "axis1", "axis2", "source", "destination"}
CHOSEN = {np.expand_dims: {"axis"}}


@pytest.mark.parametrize("function", ANSWERS, ids=lambda f: f.__name__)
@examples(50)
@given(data=st.data())
def test_functions_give_numpys_answer_in_every_argument_or_refuse_it_by_name(function, data):
    positional, names = inputs_of(data.draw, function, signature(function))
    required = (REQUIRED if function not in (np.zeros_like, np.ones_like) else set()) | CHOSEN.get(function, set())
    optional = [name for name in names if name not in required and name != "kwargs"]
    chosen = data.draw(st.lists(st.sampled_from(optional), unique=True, max_size=2)) if optional else []
    named = {name: data.draw(st.sampled_from(GIVEN[name])) for name in names if name in required or name in chosen}
    check(f"np.{function.__name__}", function, positional, named)


@pytest.mark.parametrize("ufunc", sorted(UFUNCS, key=str), ids=lambda f: f.__name__)
@examples(30)
@given(data=st.data())
def test_ufuncs_give_numpys_answer_for_every_dtype(ufunc, data):
    xs = [arrays(data.draw, shapes=[(), (3,), (1, 3)]) for _ in range(ufunc.nin)]
    if ufunc is np.matmul:
        xs = [arrays(data.draw, shapes=[(3,), (3, 3), (2, 3, 3), ()]) for _ in range(2)]
    named = data.draw(st.sampled_from([{}, {}, {"dtype": "float64"}, {"where": np.array(True)}, {"casting": "no"}]))
    check(f"np.{ufunc.__name__}", ufunc, xs, named)


@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda f: f.__name__)
@examples(30)
@given(data=st.data())
def test_reductions_of_ufuncs_give_numpys_answer(ufunc, data):
    names = st.sampled_from(["axis", "keepdims", "dtype", "initial", "where"])
    named = {
        name: data.draw(st.sampled_from(GIVEN[name])) for name in data.draw(st.lists(names, unique=True, max_size=2))
    }
    named = {name: value for name, value in named.items() if value is not np._NoValue}
    check(f"np.{ufunc.__name__}", ufunc.reduce, [arrays(data.draw)], named)


X = np.array([[1.0, -2.0, 3.0], [4.0, 5.5, 0.5]])
ANSWERED = {
    "sum": [{"axis": 1}, {"axis": (0, 1), "keepdims": True}, {"dtype": np.float32}],
    "mean": [{"axis": -1}, {"dtype": "float32"}],
    "var": [{"ddof": 1}, {"correction": 1, "axis": 0}],
    "std": [{"ddof": 1, "keepdims": True}],
    "max": [{"axis": 0}],
    "clip": [{"a_min": 0, "a_max": None}, {"a_min": None, "a_max": 1.0}, {"min": 0.5}],
    "round": [{"decimals": 1}],
    "argmax": [{}, {"axis": 1, "keepdims": True}],
    "argsort": [{"axis": None}, {"kind": "stable"}],
    "take": [{"indices": [-1, 0], "axis": 1}, {"indices": 2}],
    "moveaxis": [{"source": [0, 1], "destination": [1, 0]}],
    "expand_dims": [{"axis": (0, 2)}],
    "tile": [{"reps": 2}, {"reps": (2, 1, 1)}],
    "cumsum": [{"axis": 1}, {"dtype": "float32"}],
    "size": [{"axis": 1}],
    "zeros_like": [{"shape": (2,)}, {"dtype": int}],
    "where": [{}],
}


@pytest.mark.parametrize("name", ANSWERED)
def test_what_numpy_callers_use_is_answered(name):
    for named in ANSWERED[name]:
        assert check(f"np.{name}", getattr(np, name), [X], named)


def test_axes_that_a_tensor_does_not_have_are_refused():
    for call in (lambda: np.std(tf.constant(1.0), axis=0), lambda: np.transpose(tf.constant([1.0]), 1)):
        with pytest.raises(ValueError, match="axis [01] is out of bounds"):
            call()


def test_the_largest_of_no_elements_is_no_norm():
    with pytest.raises(ValueError, match=r"np.linalg.norm: the shape is \(0,\), and tensors have no norm of nothing"):
        np.linalg.norm(tf.zeros([0]), np.inf)


@pytest.mark.parametrize("order", [None, 1, 2, -1, np.inf, -np.inf, "fro"])
def test_norms_of_matrices_are_numpys(order):
    assert check("np.linalg.norm", np.linalg.norm, [X], {"ord": order})
    assert check("np.linalg.norm", np.linalg.norm, [np.stack([X, X + 1])], {"ord": order, "axis": (0, 2)})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((2, 3, 4), (5, 4, 2)),
        ((4,), (4,)),
        ((2, 4), (4,)),
        ((4,), (3, 4, 2)),
        ((4,), (4, 2)),
        ((), (2,)),
        ((2, 3), (3, 4)),
    ],
)
def test_dot_is_numpys_for_every_rank(a, b):
    rng = np.random.default_rng(0)
    assert check("np.dot", np.dot, [rng.normal(size=a), rng.normal(size=b)], {})


def test_where_takes_both_choices_or_none():
    places = np.where(tf.constant([[True, False], [False, True]]))
    assert isinstance(places, tuple) and [p.numpy().tolist() for p in places] == [[0, 1], [0, 1]]
    with pytest.raises(ValueError, match="both"):
        np.where(tf.constant([True]), tf.constant([1.0]))


def test_an_argument_that_tensors_do_not_take_is_refused_by_its_name():
    t = tf.constant(X)
    for call in (
        lambda: np.sum(t, initial=1.0),
        lambda: np.add.reduce(t, initial=1.0),
        lambda: np.sum(t, 0, None, None, False, 1.0),
    ):
        with pytest.raises(TypeError, match=r"^np\.(sum|add): tensors do not take its argument 'initial', .*1\.0"):
            call()
    for call in (lambda: np.einsum("ij->i", t, out=np.zeros(2)), lambda: np.einsum(t, [0, 1])):
        with pytest.raises(TypeError, match="np.einsum: tensors take a text.* none of its other arguments"):
            call()
    with pytest.raises(TypeError, match="np.add: tensors do not take its argument 'dtype'"):
        np.add(t, t, dtype="float32")
