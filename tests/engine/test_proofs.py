"""Every differentiable operation, proven three ways: finite differences, autograd, and what TensorFlow gave."""

import inspect
import json
import sys
import warnings
from pathlib import Path

import autograd
import autograd.numpy as anp
import jacobians
import numpy as np
import proofs
import pytest
from examples import examples
from hypothesis import given, strategies as st

import course as tf
from course.engine.operation import Operation, each

FEW = examples(8)
REFERENCE = json.loads(Path(proofs.__file__).with_name("reference.json").read_text())
CASES = {key: (proof, inputs, arguments) for key, proof, inputs, arguments in proofs.cases()}
every_proof = pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.name)

# Public functions through which no gradient flows, and why.
NOT_DIFFERENTIABLE = {
    "stop there on purpose": ["stop_gradient"],
    "answer with booleans": [
        *["equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "is_nan", "is_inf", "is_finite"],
        *["logical_and", "logical_or", "logical_not", "logical_xor", "reduce_all", "reduce_any", "is_tensor"],
    ],
    "answer with integers, or jump between them": [
        *[
            "argmax",
            "argmin",
            "argsort",
            "floor",
            "ceil",
            "round",
            "floordiv",
            "rank",
            "shape",
            "size",
            "zero_fraction",
        ],
    ],
    "start from plain numbers": [
        *["constant", "zeros", "ones", "zeros_like", "ones_like", "eye", "range", "linspace", "one_hot", "as_dtype"],
        *["normal", "truncated_normal", "uniform", "shuffle", "set_seed", "checked_seed", "generator", "derived"],
        *["get_state", "set_state"],
    ],
    "take functions or structures": ["custom_gradient", "flatten", "map_structure", "pack_sequence_as"],
}
ENGINE = [f"course.engine.{name}" for name in ("operation", "custom_gradient", "ops", "nest")]
ENGINE += [f"course.{name}" for name in ("composed", "protocols", "nn", "math", "linalg", "random")]


def public_functions():
    modules = [tf, *[sys.modules[f"course.{name}"] for name in ("math", "nn", "linalg", "random")]]
    ours = {*ENGINE, "course.engine.tensor"}
    return {
        name
        for module in modules
        for name, function in vars(module).items()
        if inspect.isfunction(function) and not name.startswith("_") and exported(module, function, ours)
    }


def exported(module, function, ours):
    """Whether users call it: all of what `course`, `math` and `linalg` collect; of the others, what they define."""
    if module.__name__ in ("course.nn", "course.random"):
        return function.__module__ == module.__name__ or function.__qualname__ in (
            "sigmoid",
            "softplus",
            "relu",
            "relu6",
            "elu",
            "selu",
            "softsign",
        )
    if module.__name__ == "course.linalg":
        ours = ours - {"course.engine.operation"}
    return function.__module__ in ours


def operations():
    """Every Operation that a module of the engine holds, also within the functions that `unary` and `binary` made."""
    found = {}
    for name in ENGINE:
        for value in vars(sys.modules[name]).values():
            cells = [cell.cell_contents for cell in (getattr(value, "__closure__", None) or ())]
            found |= {id(x): x for x in (value, *cells) if isinstance(x, Operation)}
    return list(found.values())


def differentiable(operation):
    return isinstance(operation.rules, each) or any(rule is not None for rule in operation.rules)


def recorded_by(proof):
    """The operations that a tape records in a proof's examples, those of second order included."""
    found = set()
    for shapes, arguments in proof.examples():
        xs = [tf.constant(x) for x in proof.inputs(shapes)]
        with tf.GradientTape() as outer:
            outer.watch(xs)
            with tf.GradientTape() as inner:
                inner.watch(xs)
                ys = proofs.listed(proof.call(tf, *xs, **arguments))
            _ = [tf.convert_to_tensor(g) for g in inner.gradient(ys, xs) if g is not None]
        found |= {record[0].name for record in outer._records}
    return found


def test_every_differentiable_operation_has_all_three_proofs():
    """Finite differences and autograd run for every entry of the table, TensorFlow for every key of the reference."""
    recorded = set().union(*(recorded_by(proof) for proof in proofs.PROOFS))
    wanted = {operation.name for operation in operations() if differentiable(operation)}
    assert len(wanted) > 50
    assert wanted - recorded == set(), "operations with a gradient rule that no entry of proofs.py reaches"
    assert set(CASES) == {key for key in REFERENCE if key != "tensorflow" and not key.startswith("jacobians: ")}, (
        "tests/references/reference.json is not up to date: run `make reference`"
    )


def test_every_public_function_is_proven_or_listed_as_not_differentiable():
    proven = {proof.name.split()[0] for proof in proofs.PROOFS} - {"getitem"}
    listed = {name for names in NOT_DIFFERENTIABLE.values() for name in names}
    assert proven & listed == set()
    assert public_functions() - proven - listed == set(), "functions without proofs"
    assert proven - public_functions() == set(), "proofs of functions that are not public"


@pytest.mark.parametrize("name", [name for names in NOT_DIFFERENTIABLE.values() for name in names])
def test_what_is_listed_as_not_differentiable_has_no_gradient_rule(name):
    named = [operation for operation in operations() if operation.name == name]
    assert not any(differentiable(operation) for operation in named)


def drawn_shapes(proof):
    """A Hypothesis strategy for the shapes and arguments of a proof's inputs, of rank 0 to 4, some without elements."""
    if proof.shapes == "any":
        return st.tuples(array_shapes().map(lambda shape: (shape,)), st.just({}))
    if proof.shapes == "broadcast":
        return st.tuples(broadcasting_shapes(), st.just({}))
    if proof.shapes == "reduce":
        return reductions({"reduce_sum": 0, "reduce_prod": 0, "reduce_std": 2}.get(proof.name, 1))
    return st.sampled_from(proof.shapes)


def array_shapes(min_side=0):
    return st.lists(st.integers(min_side, 3), max_size=4).map(tuple)


@st.composite
def broadcasting_shapes(draw):
    shape = draw(array_shapes())
    shapes = []
    for _ in range(2):
        cut = draw(st.integers(0, len(shape)))
        shapes.append(tuple(draw(st.sampled_from([n, 1])) for n in shape[cut:]))
    return tuple(shapes)


@st.composite
def reductions(draw, min_side):
    shape = draw(array_shapes(min_side).filter(lambda shape: shape or min_side < 2))
    axes = draw(st.sets(st.integers(0, len(shape) - 1), min_size=1)) if shape else set()
    negative = draw(st.booleans())
    axis = draw(st.sampled_from([None, [a - len(shape) if negative else a for a in sorted(axes)]])) if axes else None
    if isinstance(axis, list) and len(axis) == 1 and draw(st.booleans()):
        axis = axis[0]
    return (shape,), {"axis": axis, "keepdims": draw(st.booleans())}


def ours(proof, inputs, arguments):
    with np.errstate(all="ignore"):  # at edges 1 / 0 is meant
        return proofs.derivatives(tf, lambda *xs: proof.call(tf, *xs, **arguments), inputs)


def or_zeros(gradients, inputs):
    return [np.zeros_like(x) if g is None else g for g, x in zip(gradients, inputs)]


def total(ys, shift=0.0):
    return sum(float(np.sum(np.asarray(y, np.float64) * proofs.weights(np.shape(y), shift))) for y in ys)


@every_proof
@FEW
@given(data=st.data())
def test_gradients_equal_central_differences(proof, data):
    """In a direction of no symmetry: first order from values, second order from gradients. h = ε^(1/3)."""
    shapes, arguments = data.draw(drawn_shapes(proof))
    inputs = proof.inputs(shapes, data.draw(st.integers(0, 9)))
    _, gradients, seconds = ours(proof, inputs, arguments)
    step = np.finfo(proof.dtype).eps ** (1 / 3)
    tolerance = 1e-6 if proof.dtype == "float64" else 1e-3

    def moved(t):
        return [np.asarray(x + t * proofs.weights(x.shape, 3.0 + i), x.dtype) for i, x in enumerate(inputs)]

    def slope(function):
        return (function(moved(step)) - function(moved(-step))) / (2 * step)

    def along(gs):
        return sum(float(np.sum(g * proofs.weights(g.shape, 3.0 + i))) for i, g in enumerate(or_zeros(gs, inputs)))

    def weighted_gradient(xs):
        gs = ours(proof, xs, arguments)[1]
        return sum(float(np.sum(g * proofs.weights(g.shape, 0.5 + i))) for i, g in enumerate(or_zeros(gs, xs)))

    values = slope(lambda xs: total(proofs.listed(proof.call(tf, *map(tf.constant, xs), **arguments))))
    assert along(gradients) == pytest.approx(values, rel=tolerance, abs=tolerance)
    assert along(seconds) == pytest.approx(slope(weighted_gradient), rel=10 * tolerance, abs=10 * tolerance)


@every_proof
@FEW
@given(data=st.data())
def test_values_and_gradients_equal_those_of_autograd(proof, data):
    """In float64 closely; in float32 and float16 to their precision, and with gradients in the inputs' dtype."""
    shapes, arguments = data.draw(drawn_shapes(proof))
    dtype = data.draw(st.sampled_from(["float64", "float32", "float16"]))
    inputs = [np.asarray(x, dtype) for x in proof.inputs(shapes, data.draw(st.integers(0, 9)))]
    wide = [np.asarray(x, np.float64) for x in inputs]
    indices = list(range(len(inputs)))

    def weighted(*xs):
        ys = proofs.listed(proof.same(anp, *xs, **arguments))
        return sum(anp.sum(y * proofs.weights(anp.shape(y))) for y in ys)

    def weighted_gradient(*xs):
        gs = autograd.grad(weighted, indices)(*xs)
        return sum(anp.sum(g * proofs.weights(anp.shape(g), 0.5 + i)) for i, g in enumerate(gs))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # autograd warns where an output does not depend on an input
        expected = (
            proofs.listed(proof.same(np, *wide, **arguments)),
            autograd.grad(weighted, indices)(*wide),
            autograd.grad(weighted_gradient, indices)(*wide),
        )
    actual = ours(proof, inputs, arguments)
    tolerance = {"float64": 1e-9, "float32": 2e-4, "float16": 0.1}[dtype]
    if proof.name == "cast":
        tolerance = max(tolerance, 1e-5)
    for gs, references in zip(actual, expected, strict=True):
        for g, reference, x in zip(gs, references, wide if gs is not actual[0] else gs, strict=True):
            g = np.zeros_like(x) if g is None else g
            assert g.shape == np.shape(reference)
            scale = max(1.0, float(np.max(np.abs(reference), initial=0.0)))
            np.testing.assert_allclose(g, reference, rtol=tolerance, atol=tolerance * scale)
    assert all(g is None or g.dtype == dtype for g in actual[1])


def read(entry):
    return entry if entry is None else np.array([float(v) for v in entry["values"]]).reshape(entry["shape"])


@pytest.mark.parametrize("key", CASES)
def test_values_and_gradients_equal_those_that_tensorflow_gave(key):
    """Ties and edges included; but for second derivatives where TensorFlow's are not right, as the table says."""
    proof, inputs, arguments = CASES[key]
    assert key in REFERENCE, "TensorFlow's values are not there yet: make reference"
    entry = {name: [read(x) for x in part] for name, part in REFERENCE[key].items()}
    for x, recorded in zip(inputs, entry["inputs"], strict=True):
        np.testing.assert_allclose(
            x, recorded, rtol=1e-11, err_msg="the reference file has other inputs: make reference"
        )
    actual = ours(proof, [np.asarray(x, proof.dtype) for x in entry["inputs"]], arguments)
    tolerance = 2e-8 if proof.dtype == "float64" else 1e-5  # TensorFlow keeps leaky_relu's alpha in float32
    for name, values in zip(("outputs", "gradients", "seconds"), actual):
        if name == "seconds" and proof.tensorflow:
            continue
        for value, expected in zip(values, entry[name], strict=True):
            if name == "seconds":  # zero and unconnected are the same to whoever asks for a second derivative
                value, expected = (0.0 if v is None else v for v in (value, expected))
            assert (value is None) == (expected is None), name
            if value is not None:
                np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("name", jacobians.CASES)
def test_jacobians_and_hessians_equal_those_that_tensorflow_gave(name):
    values, expected = jacobians.CASES[name](tf), REFERENCE[f"jacobians: {name}"]["outputs"]
    for value, reference in zip(values, expected, strict=True):
        assert list(value.shape) == reference["shape"] and value.dtype == reference["dtype"]
        np.testing.assert_allclose(value.numpy(), read(reference), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("key", [key for key in CASES if key.endswith("edge")])
def test_gradient_rules_warn_of_nothing_at_edges(key):
    proof, inputs, arguments = CASES[key]
    xs = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape, np.errstate(all="ignore"):
        tape.watch(xs)
        y = proof.call(tf, *xs, **arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tape.gradient(y, xs)
