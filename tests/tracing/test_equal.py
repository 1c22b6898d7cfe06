"""A traced function equals the eager one, and leaves the same state: random programs, arguments and calls."""

import collections

import numpy as np
import pytest
from examples import examples
from hypothesis import given, strategies as st

import course as tf

Pair = collections.namedtuple("Pair", "first second")

LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every other": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "repeated": lambda a: np.broadcast_to(a[:1], a.shape),
}


class Settings:
    def __init__(self, rate):
        self.rate, self.inner = rate, [rate]


@tf.custom_gradient
def reshape(a):
    return a * 2.0, lambda g: g * 6.0


# Each makes a value (3 × 3) of two earlier ones; s is the state: variables, settings, optimizer, whether to fail.
STEPS = {
    "add": lambda a, b, s: a + b,
    "multiply": lambda a, b, s: a * b,
    "tanh": lambda a, b, s: tf.tanh(a - b),
    "where": lambda a, b, s: tf.where(a > b, a, 0.5 * b),
    "transpose": lambda a, b, s: tf.transpose(a),
    "reshape": lambda a, b, s: tf.reshape(tf.reshape(a, [-1]), [3, 3]),
    "custom": lambda a, b, s: reshape(a),
    "row": lambda a, b, s: a + b[1],
    "sum": lambda a, b, s: a - tf.reduce_sum(b, axis=0),
    "mean": lambda a, b, s: a * tf.reduce_mean(b),
    "largest": lambda a, b, s: a / (1.0 + tf.reduce_max(tf.abs(b), axis=1, keepdims=True)),
    "matmul": lambda a, b, s: tf.tanh(a @ tf.transpose(b)),
    "rate": lambda a, b, s: a * s.settings.rate + s.settings.inner[0],
    "draw": lambda a, b, s: a + tf.random.uniform([3, 3], dtype="float64"),
    "read": lambda a, b, s: a - s.v,
    "assign": lambda a, b, s: s.v.assign(tf.tanh(a)) * 1.0,
    "assign_add": lambda a, b, s: s.v.assign_add(tf.tanh(b)) + a,
    "scatter": lambda a, b, s: s.v.scatter_sub(tf.IndexedSlices(tf.tanh(a[:2]), s.rows)) + b,
    "optimizer": lambda a, b, s: (s.optimizer.apply_gradients([(tf.tanh(a), s.w)]), b - s.w)[1],
    "gather": lambda a, b, s: (tf.gather(s.v, s.rows), a)[1],
    "fail": lambda a, b, s: a if not s.fail else 1 / 0,
}
LATER = {"assign", "read", "scatter", "assign_add"}  # these meet a variable in whichever layout it has by then

programs = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), max_size=9)
calls = st.lists(
    st.tuples(
        st.sampled_from(sorted(LAYOUTS)),
        st.sampled_from(["place", "keyword", "default", "method", "class"]),
        st.sampled_from([1.0, 0.5]),
        st.booleans(),
        st.sampled_from([(0, 1), (2, 0), (1, 9)]),
    ),
    min_size=2,
    max_size=5,
)


class Model:
    def __init__(self, settings):
        self.v, self.w = tf.Variable(np.eye(3)), tf.Variable(np.ones((3, 3)))
        self.settings, self.optimizer = settings, tf.optimizers.Adam(0.1)


def make_step(program, trace):
    def step(self, pair, table, fail=False):
        self.rows, self.fail = table["rows"], fail
        with tf.GradientTape() as tape:
            tape.watch([pair.first, table["x"]])
            values = [pair.first, table["x"], pair.second[0]]
            for name, i, j in program:
                values.append(STEPS[name](values[i % len(values)], values[j % len(values)], self))
            total = tf.reduce_sum(values[-1])
        gradients = tape.gradient(total, [pair.first, table["x"], self.w], unconnected_gradients="zero")
        del self.rows, self.fail
        return {"last": values[-1], 1: [total, gradients], "pair": Pair(values[0], None)}

    return trace(step)


def run(program, calls, trace):
    """The results and states of all calls, as arrays and errors."""
    seen, settings = [], Settings(1.0)
    kind = type("Traced", (Model,), {"step": make_step(program, trace)})
    model, other = kind(settings), kind(settings)
    rng = np.random.default_rng(0)
    tf.random.set_seed(4)
    for layout, way, rate, fail, rows in calls:
        settings.rate = settings.inner[0] = rate
        a, b, c = (tf.constant(0.0, "float64") + LAYOUTS[layout](rng.uniform(-1, 1, (3, 3))) for _ in range(3))
        a, b, c = (tf.Tensor(LAYOUTS[layout](t.numpy())) for t in (a, b, c))
        pair, table = Pair(a, [c]), collections.defaultdict(list, x=b, rows=tf.constant(rows), none=None)
        f = {"class": kind.step, "method": model.step}.get(way, other.step)
        try:
            if way == "class":
                result = f(model, pair, table, fail)
            elif way == "keyword":
                result = f(table=table, fail=fail, pair=pair)
            elif way == "default" and not fail:
                result = f(pair, table)
            else:
                result = f(pair, table, fail)
            seen += [np.array(t) for t in tf.nest.flatten(result) if t is not None]
        except (ZeroDivisionError, IndexError) as error:
            seen.append(type(error).__name__)
            for m in (model, other):
                vars(m).pop("rows", None), vars(m).pop("fail", None)
        for m in (model, other):
            seen += [u.numpy() for u in (m.v, m.w, *m.optimizer.variables)]
        seen.append(str(tf.random.get_state() if hasattr(tf.random, "get_state") else ""))
    return seen


@examples(150)
@given(programs, calls)
def test_random_programs_give_what_eager_gives_and_leave_its_state(program, calls):
    eager, traced = run(program, calls, lambda f: f), run(program, calls, tf.function)
    exact = not LATER & {name for name, _, _ in program}
    assert len(eager) == len(traced)
    for a, b in zip(eager, traced):
        if isinstance(a, str):
            assert a == b
        elif exact:
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


@given(st.sampled_from(sorted(LAYOUTS)), st.sampled_from(sorted(LAYOUTS)))
def test_another_layout_of_an_argument_gives_the_eager_bits(first, later):
    def compute(a):
        return tf.reduce_sum(tf.tanh(a)), tf.reduce_sum(a, axis=0), a @ tf.transpose(a), tf.exp(a) - a

    traced, rng = tf.function(compute), np.random.default_rng(0)
    for layout in (first, later, later, first):
        a = tf.Tensor(LAYOUTS[layout](rng.normal(size=(40, 30)).astype("float32")))
        for one, other in zip(compute(a), traced(a)):
            np.testing.assert_array_equal(one, other)
    assert traced.trace_count == len({first, later})


def within(units, value, right, magnitude):
    """Whether a sum is right to so many units in the last place of the sum of its terms' magnitudes."""
    return abs(float(value) - float(right)) <= units * float(np.spacing(np.abs(magnitude)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["normal", "constant", "rising", "one large"])
def test_sums_over_many_elements_are_within_16_units_in_the_last_place(dtype, kind):
    n = 2**20 + 12_345
    numbers = {
        "normal": lambda: np.random.default_rng(0).normal(size=n),
        "constant": lambda: np.full(n, 0.1),
        "rising": lambda: np.linspace(0, 1, n) ** 3,
        "one large": lambda: np.where(np.arange(n) == n // 3, 1e4, 1e-3),
    }[kind]()
    a = tf.constant(numbers.astype(dtype))
    b = tf.constant(numbers[::-1].astype(dtype).copy())

    def compute(a, b):
        return tf.reduce_sum(a * 1.5), tf.reduce_sum(a * b), tf.reduce_sum(tf.square(a - b)), tf.sin(a) - b

    traced = tf.function(compute)
    traced(a, b)
    results, eager = traced(a, b), compute(a, b)
    a, b = (t.numpy() for t in (a, b))
    for result, other, terms in zip(results, eager, (a * a.dtype.type(1.5), a * b, np.square(a - b))):
        magnitude = np.abs(terms).sum(dtype=np.longdouble).astype(dtype)
        right = terms.sum(dtype=np.longdouble)
        assert within(16, result, right, magnitude) and within(32, result, other, magnitude)
    np.testing.assert_array_equal(results[3], eager[3])


def test_a_variable_in_another_layout_changes_rounding_only():
    def compute(v):
        return tf.reduce_sum(tf.tanh(v)), v @ tf.transpose(v), tf.exp(v)

    v = tf.Variable(np.random.default_rng(0).normal(size=(300, 200)).astype("float32"))
    traced = tf.function(compute)
    traced(v)
    v.assign(tf.transpose(tf.constant(np.random.default_rng(1).normal(size=(200, 300)).astype("float32"))))
    results, eager, array = traced(v), compute(v), v.numpy()
    assert within(16, results[0], eager[0], np.abs(np.tanh(array)).sum())
    units = np.spacing(np.abs(array) @ np.abs(array.T))
    assert np.all(np.abs(results[1].numpy() - eager[1].numpy()) <= 16 * units)
    np.testing.assert_array_equal(results[2], eager[2])


@pytest.mark.parametrize("held", [False, True], ids=["alone", "held by a tensor"])
@pytest.mark.parametrize("method", ["scatter_sub", "scatter_add", "scatter_update"])
def test_an_update_of_the_rows_that_were_gathered_is_the_eager_one(method, held):
    def step(table, rows):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table, rows) - 1.0))
        before = tf.identity(table) if held else loss
        getattr(table, method)(0.1 * tape.gradient(loss, table))
        return before

    traced = tf.function(step)
    tables = [tf.Variable(np.arange(12, dtype="float32").reshape(6, 2)) for _ in range(2)]
    for rows in ([0, 3], [5, 5], [2, 6], [-1, 0], [1, 4]):
        for table, f in zip(tables, (step, traced)):
            if min(rows) >= 0 and max(rows) < 6:
                result = f(table, tf.constant(rows))
                assert not held or not np.array_equal(result, table)
            else:
                with pytest.raises(IndexError, match="out of range for 6 rows"):
                    f(table, tf.constant(rows))
        np.testing.assert_array_equal(tables[0], tables[1])
    assert traced.trace_count == 1
