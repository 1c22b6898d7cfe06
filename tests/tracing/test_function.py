"""`function`: a traced program gives what plain Python gives, whatever it is called with."""

import collections
import threading

import numpy as np
import proofs
import pytest
from hypothesis import given, settings, strategies as st
from test_programs import course_loss, programs

import course as tf
from course.tracing import plan


def same(a, b):
    """Equal bit for bit, NaN with NaN; nestings, None and sparse gradients too."""
    if isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
    elif a is None or b is None:
        assert a is None and b is None
    elif isinstance(a, tf.IndexedSlices):
        same([a.values, a.indices, a.dense_shape], [b.values, b.indices, b.dense_shape])
    else:
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)


def with_gradients(proof, arguments):
    """A function of tensors: an operation's outputs, and the gradients of their weighted sum."""

    def compute(*xs):
        with tf.GradientTape() as tape:
            tape.watch(list(xs))
            ys = proofs.listed(proof.call(tf, *xs, **arguments))
        weights = [tf.constant(proofs.weights(y.shape), y.dtype) for y in ys]
        return ys, tape.gradient(ys, list(xs), output_gradients=weights)

    return compute


CASES = [
    pytest.param(proof, shapes, arguments, id=f"{proof.name} {i}")
    for proof in proofs.PROOFS
    for i, (shapes, arguments) in enumerate(proof.examples())
]


@pytest.mark.parametrize("proof, shapes, arguments", CASES)
def test_every_operation_and_its_gradient_are_traced_without_a_value_of_the_first_call(proof, shapes, arguments):
    plain = with_gradients(proof, arguments)
    traced = tf.function(plain)
    for seed in range(3):
        xs = [tf.constant(x) for x in proof.inputs(shapes, seed)]
        same(traced(*xs), plain(*xs))
    assert traced.trace_count == 1


@settings(max_examples=60, deadline=None)
@given(programs(), st.integers(0, 1000))
def test_random_programs_give_what_eager_gives(program, seed):
    rng = np.random.default_rng(seed)
    starts = {"w": rng.uniform(-1, 1, 2), "v": rng.uniform(-1, 1)}
    xs = [rng.uniform(-1, 1, (2, 2)) for _ in range(3)]
    results = []
    for trace in (lambda f: f, tf.function):
        variables = {name: tf.Variable(value) for name, value in starts.items()}

        @trace
        def step(x, variables=variables):
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = course_loss(program, x, variables, starts)
            gradients = tape.gradient(loss, [x, variables["w"], variables["v"]])
            if gradients[1] is not None:
                variables["w"].assign_sub(0.1 * gradients[1])
            return loss, gradients

        results.append([(step(tf.constant(x)), [v.numpy() for v in variables.values()]) for x in xs])
    for (a, va), (b, vb) in zip(*results):
        same(a[0], b[0])
        same(a[1], b[1])
        same(va, vb)


def line(size=1000):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(size, dtype=np.float32)
    return tf.constant(x), tf.constant(3 * x + 2 + rng.standard_normal(size, dtype=np.float32))


def make_step(trace, blocked=False):
    W, b = tf.Variable(5.0), tf.Variable(0.0)

    def step(inputs, outputs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(inputs * W + b - outputs))
        dW, db = tape.gradient(loss, [W, b])
        W.assign_sub(0.1 * dW)
        b.assign_sub(0.1 * db)
        return loss

    return tf.function(step, blocked=blocked) if trace else step


def test_the_tutorials_training_is_the_same_bit_for_bit():
    eager, traced = make_step(False), make_step(True)
    for _ in range(20):
        same(traced(*line()), eager(*line()))
    assert traced.trace_count == 1


def test_in_blocks_it_is_the_same_to_rounding(monkeypatch):
    monkeypatch.setattr(plan, "BLOCK", 1000)
    monkeypatch.setattr(plan, "LARGE", 2000)
    eager, traced = make_step(False), make_step(True, blocked=True)
    inputs, outputs = line(10_500)
    for _ in range(5):
        np.testing.assert_allclose(traced(inputs, outputs), eager(inputs, outputs), rtol=1e-5)
    assert "for start in range" in traced.get_concrete_function(inputs, outputs).source


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["x * w", "+ y", "* y", "square", "tanh", "relu", "row", "sum", "mean"]), min_size=2, max_size=8
    )
)
def test_chains_of_any_steps_are_the_same_in_blocks(names):
    w = tf.Variable(np.float64(0.7))

    def compute(x, y):
        with tf.GradientTape() as tape:
            tape.watch(x)
            z, total = x, 0.0
            for name in names:
                if name == "sum":
                    total = total + tf.reduce_sum(z)
                elif name == "mean":
                    z = z - tf.reduce_mean(z)
                else:
                    z = {
                        "x * w": lambda z: z * w,
                        "+ y": lambda z: z + y,
                        "* y": lambda z: z * y,
                        "square": tf.square,
                        "tanh": tf.tanh,
                        "relu": tf.nn.relu,
                        "row": lambda z: z * y[0],
                    }[name](z)
            total = total + tf.reduce_sum(z)
        return z, total, tape.gradient(total, [x, w])

    rng = np.random.default_rng(0)
    x, y = (tf.constant(rng.standard_normal((50, 3))) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "BLOCK", 21)
        patch.setattr(plan, "LARGE", 100)
        traced = tf.function(compute)
        traced.get_concrete_function(x, y)
    for a, b in zip(tf.nest.flatten(traced(x, y)), tf.nest.flatten(compute(x, y))):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_a_sum_of_products_in_blocks_is_one_pass_unless_the_product_is_needed(monkeypatch):
    monkeypatch.setattr(plan, "BLOCK", 30)
    monkeypatch.setattr(plan, "LARGE", 100)
    x, y = tf.constant(np.linspace(0, 1, 150).reshape(50, 3)), tf.constant(np.linspace(1, 2, 150).reshape(50, 3))

    def one(x, y):
        return tf.reduce_sum(x * y), tf.reduce_mean(tf.square(x - y))

    def needed(x, y):
        product = x * y
        return tf.reduce_sum(product), product

    for compute, passes in ((one, 2), (needed, 0)):
        traced = tf.function(compute)
        for a, b in zip(traced(x, y), compute(x, y)):
            np.testing.assert_allclose(a, b, rtol=1e-13)
        assert traced.get_concrete_function(x, y).source.count("dot(") == passes


def test_a_chain_reads_a_variable_after_the_change_before_it_and_keeps_what_a_sum_needs(monkeypatch):
    monkeypatch.setattr(plan, "BLOCK", 30)
    monkeypatch.setattr(plan, "LARGE", 100)
    x, results = tf.constant(np.linspace(0, 1, 150).reshape(50, 3)), []
    for trace in (lambda f: f, tf.function):
        v = tf.Variable(np.float64(1))

        @trace
        def compute(x, v=v):
            a, b = tf.exp(x), tf.sin(x)
            product = a * b
            between = tf.reduce_sum(tf.tanh(tf.cos(x) + x) + tf.sqrt(x) * x)
            v.assign_add(1.0)
            others = tf.cos(x) * v + tf.tanh(x)
            return between, tf.reduce_sum(product), tf.reduce_sum(tf.exp(others))

        results.append([float(y) for _ in range(2) for y in compute(x)])
    assert "dot(" in compute.get_concrete_function(x).source
    assert results[1] == pytest.approx(results[0], rel=1e-13)


def test_python_runs_while_tracing_only():
    seen = []

    @tf.function
    def double(x):
        seen.append(x.shape)
        return x + x

    for _ in range(3):
        same(double(tf.constant([1.0, 2.0])), np.float32([2, 4]))
    assert seen == [(2,)]


def test_a_new_signature_is_traced_again_and_an_old_one_is_not():
    @tf.function
    def scaled(x, factor=1, deep=None):
        return x * factor + (deep["a"][0] if deep else 0)

    calls = [
        (tf.ones([2]),),
        (tf.ones([3]),),
        (tf.ones([3], "float64"),),
        (tf.ones([2]), 2),
        (tf.ones([2]), 2.0),
        (tf.ones([2]), 2, {"a": [tf.ones([])]}),
    ]
    for count, call in enumerate(calls, 1):
        scaled(*call)
        scaled(*call)
        assert scaled.trace_count == count
    scaled(np.ones(2, np.float32))
    assert scaled.trace_count == len(calls), "an array has the signature of a tensor"
    scaled(tf.ones([2]), factor=3)
    assert scaled.trace_count == len(calls) + 1


def test_variables_are_read_and_changed_at_every_call_in_the_programs_order():
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def walk(x):
        before = v + 0.0
        v.assign(v * x)
        middle = v.value()
        v.assign_add([1.0, 1.0])
        v.assign_sub(v / 2.0)
        v.scatter_add(tf.IndexedSlices([[10.0]], [0]) if v.ndim > 1 else tf.IndexedSlices([10.0], [0]))
        return before, middle, v

    for x in (2.0, 3.0):
        start = v.numpy().copy()
        before, middle, after = walk(tf.constant(x))
        same(before, start)
        same(middle, start * np.float32(x))
        same(after, (start * np.float32(x) + 1) / 2 + np.float32([10, 0]))
        same(v, after)
    v.assign([5.0, 5.0])
    same(walk(tf.constant(1.0))[0], np.float32([5, 5]))


def test_what_was_read_stays_when_the_variable_changes_in_place():
    table = tf.Variable(np.zeros((4, 2), np.float32))

    @tf.function
    def step(rows):
        before = table.value()
        table.scatter_update(tf.IndexedSlices(tf.ones([2, 2]), rows))
        table.assign_add(tf.ones([4, 2]))
        return before * 1.0, before

    step(tf.constant([0, 1]))
    expected = table.numpy().copy()
    product, before = step(tf.constant([2, 3]))
    same(product, expected)
    same(before, expected)


def test_a_gradient_uses_the_value_that_was_read_and_not_a_later_one():
    results = []
    for trace in (lambda f: f, tf.function):
        table = tf.Variable(np.arange(1.0, 5.0).reshape(2, 2))

        @trace
        def slope(x, table=table):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(table * x)
            table.scatter_add(tf.IndexedSlices(np.ones((1, 2)), [0]))
            return tape.gradient(y, x)

        results.append([slope(tf.constant(np.ones((2, 2)))).numpy().copy() for _ in range(4)])
    same(*results)


def test_tracing_leaves_variables_and_random_numbers_as_they_were():
    v = tf.Variable(1.0)

    @tf.function
    def step(x):
        v.assign_add(x)
        return tf.random.normal([2])

    tf.random.set_seed(1)
    expected = tf.random.normal([2])
    tf.random.set_seed(1)
    step.get_concrete_function(tf.constant(1.0))
    assert float(v) == 1.0
    same(step(tf.constant(1.0)), expected)
    assert float(v) == 2.0


def test_random_numbers_are_drawn_anew_and_are_those_of_eager():
    def draw(x):
        tf.random.normal([2])  # nobody uses it, and still the next numbers are other ones
        return tf.random.uniform([3]) + x, tf.random.shuffle(tf.range(5)), tf.random.uniform([2], 0, 9, tf.int32)

    traced = tf.function(draw)
    for f in (draw, traced):
        tf.random.set_seed(3)
        results = [f(tf.constant(0.5)) for _ in range(3)]
        if f is draw:
            expected = results
    same(results, expected)
    assert not np.array_equal(results[0][0], results[1][0])


def test_a_later_call_never_changes_what_an_earlier_one_returned():
    v = tf.Variable(tf.ones([3]))

    @tf.function
    def compute(x):
        y = tf.exp(x)
        v.assign(y + 1.0)
        return x, y, y[1:], tf.transpose(tf.stack([y, y])), v, v.value(), tf.constant([1.0]), y * 2.0

    first = compute(tf.constant([0.0, 1.0, 2.0]))
    copies = [np.array(t) for t in first]
    compute(tf.constant([5.0, 6.0, 7.0]))
    v.assign_sub([1.0, 1.0, 1.0])
    same(list(first), copies)


def test_a_model_may_make_its_variables_in_the_first_call_which_then_runs_as_plain_python():
    results = []
    for trace in (lambda f: f, tf.function):
        tf.random.set_seed(0)
        layers = [tf.keras.layers.Dense(4), tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(2)]
        model, made = tf.keras.Sequential(layers), []

        @trace
        def step(x, model=model, made=made):
            if not made:
                made.append(tf.optimizers.Adam(0.1))
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(model(x, training=True)))
            made[0].apply_gradients(zip(tape.gradient(loss, model.variables), model.variables))
            return loss

        results.append([step(tf.ones([3, 2])) for _ in range(3)])
    same(*results)
    assert step.trace_count == 1


def test_each_model_given_to_one_function_may_make_its_variables_once():
    @tf.function
    def apply(model, x):
        return model(x)

    models, x = [tf.keras.layers.Dense(2) for _ in range(2)], tf.ones([1, 3])
    for model in models * 2:
        same(apply(model, x), model(x))
    assert apply.trace_count == 2


def test_variables_made_at_every_call_or_before_there_is_a_call_are_refused():
    @tf.function
    def compute(x):
        return tf.Variable(1.0) * x

    with pytest.raises(ValueError, match="first called. Call it once first"):
        compute.get_concrete_function(tf.constant(1.0))
    compute(tf.constant(1.0))
    with pytest.raises(ValueError, match="new variable, 'Variable', at every call.*outside"):
        compute(tf.constant(1.0))


def test_a_value_out_of_the_range_of_its_variable_is_refused_by_the_program_too():
    v = tf.Variable(0)
    assign = tf.function(lambda x: v.assign(x))
    assign(tf.constant(3, "int64"))
    with pytest.raises(ValueError, match="out of the range of int32"):
        assign(tf.constant(2**40, "int64"))
    assert int(v) == 3


def test_a_view_of_a_variable_is_copied_before_it_is_returned_whatever_the_layout_while_tracing():
    v = tf.Variable(np.arange(4.0).reshape(2, 2))
    v.assign(tf.transpose(v))
    flat = tf.function(lambda: tf.reshape(v, [-1]))
    flat()
    row = tf.IndexedSlices(np.ones((1, 2)), [0])
    v.scatter_add(row)
    result = flat()
    copy = np.array(result)
    v.scatter_add(row)
    same(result, copy)


def test_a_method_is_traced_for_each_object_and_gives_that_objects_program():
    class Scale(tf.Module):
        def __init__(self, w):
            super().__init__()
            self.w = tf.Variable(w)

        @tf.function
        def scaled(self, x):
            return self.w * x

    one, other = Scale(2.0), Scale(3.0)
    for _ in range(2):
        assert [float(m.scaled(tf.constant(1.0))) for m in (one, other)] == [2.0, 3.0]
    assert [m.scaled.trace_count for m in (one, other)] == [1, 1]
    assert one.scaled.get_concrete_function(tf.constant(1.0)).steps[0].target is one.w


def test_named_tuples_go_in_and_out_and_floats_count_by_their_bits():
    Pair = collections.namedtuple("Pair", "a b")
    swap = tf.function(lambda pair: Pair(pair.b, pair.a * 2.0))
    for a in (1.0, 2.0):
        result = swap(Pair(tf.constant(a), tf.constant(5.0)))
        assert (float(result.a), float(result.b)) == (5.0, 2 * a) and type(result) is Pair
    assert swap.trace_count == 1
    times = tf.function(lambda x, number: x * number)
    signs = [bool(np.signbit(times(tf.constant(1.0), number).numpy())) for number in (0.0, -0.0)]
    assert signs == [False, True]
    for _ in range(2):
        times(tf.constant(1.0), float("nan"))
    assert times.trace_count == 3


def test_results_keep_their_nesting():
    @tf.function
    def compute(x):
        return {"a": [x, (x + 1.0, None)], "b": 3, "c": "text"}

    result = compute(tf.constant(1.0))
    assert result["b"] == 3 and result["c"] == "text" and result["a"][1][1] is None
    assert float(result["a"][1][0]) == 2.0
    assert tf.function(lambda x: None)(tf.constant(1.0)) is None


def test_a_program_gives_an_indexed_slices_gradient_as_eager_does():
    table = tf.Variable(np.arange(8.0).reshape(4, 2))

    def gradient(ids):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table, ids)))
        return tape.gradient(loss, table)

    traced = tf.function(gradient)
    for ids in ([0, 1, 1], [3, 3, 2]):
        same(traced(tf.constant(ids)), gradient(tf.constant(ids)))


@pytest.mark.parametrize("make", [tf.optimizers.SGD, tf.optimizers.Adam, tf.optimizers.RMSprop, tf.optimizers.Adagrad])
def test_optimizers_take_the_same_steps_dense_and_sparse(make):
    results = []
    for trace in (lambda f: f, tf.function):
        table, w, optimizer = tf.Variable(np.ones((5, 2))), tf.Variable(np.ones(2)), make(0.1)

        @trace
        def step(ids, table=table, w=w, optimizer=optimizer):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(tf.gather(table, ids) * w))
            gradients = tape.gradient(loss, [table, w])
            optimizer.apply_gradients(zip(gradients, [table, w]))
            return loss, w * 2.0

        results.append([[*step(tf.constant(ids)), table.numpy(), w.numpy()] for ids in ([0, 1], [1, 1], [4, 0])])
        assert int(optimizer.iterations) == 3
    same(*results)


def test_an_optimizer_takes_slices_whose_whole_shape_is_unknown():
    results = []
    for trace in (lambda f: f, tf.function):
        table, optimizer = tf.Variable(np.ones((4, 2))), tf.optimizers.Adam(0.1)

        @trace
        def step(values, indices, table=table, optimizer=optimizer):
            optimizer.apply_gradients([(tf.IndexedSlices(values, indices), table)])
            return table

        results.append([np.array(step(tf.constant(np.ones((2, 2))), tf.constant(rows))) for rows in ([0, 1], [1, 3])])
    same(*results)


def test_functions_nest_and_methods_can_be_traced():
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(2.0)

        @tf.function
        def __call__(self, x):
            return self.w * x

        @tf.function
        def loss(self, x):
            return tf.square(self(x))

    one, other = Model(), Model()
    other.w.assign(3.0)
    assert [float(m.loss(tf.constant(2.0))) for m in (one, other)] == [16.0, 36.0]
    one.w.assign(1.0)
    assert float(one.loss(tf.constant(2.0))) == 4.0


def test_a_tape_outside_differentiates_through_it():
    w = tf.Variable(3.0)
    cube = tf.function(lambda x: w * x**3)
    x = tf.constant(2.0)
    cube(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = cube(x)
    assert [float(g) for g in tape.gradient(y, [x, w])] == [36.0, 8.0]


def test_second_derivatives_are_traced():
    @tf.function
    def curvature(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.sin(x) * x**2
            slope = inner.gradient(y, x)
        return outer.gradient(slope, x)

    for x in (0.5, 1.5):
        expected = 2 * np.sin(x) + 4 * x * np.cos(x) - x * x * np.sin(x)
        assert float(curvature(tf.constant(x, tf.float64))) == pytest.approx(expected)


@pytest.mark.parametrize(
    "ask",
    [
        lambda x: x if x > 0 else -x,
        lambda x: float(x),
        lambda x: x.numpy(),
        lambda x: tf.constant(f"{x:.2f}"),
        lambda x: tf.range(x),
        lambda x: tf.boolean_mask(tf.stack([x, x]), tf.stack([x, x]) > 0),
    ],
)
def test_python_that_needs_a_value_is_refused_and_told_of_where(ask):
    with pytest.raises(TypeError, match=r"ask.*while a function is traced.*where"):
        tf.function(ask, name="ask")(tf.constant(1.0))


def test_an_error_while_tracing_leaves_no_trace_among_the_tapes():
    v = tf.Variable(1.0)

    @tf.function
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        broken(tf.constant(1.0))
    assert broken.trace_count == 0
    with tf.GradientTape() as tape:
        y = v * 2.0
    assert float(tape.gradient(y, v)) == 2.0


def test_indices_out_of_range_are_refused_by_the_program_too():
    table = tf.Variable([1.0, 2.0, 3.0])
    pick = tf.function(lambda i: (tf.gather(table, i), table[i]))
    pick(tf.constant([0, 2]))
    for bad in (3, -4):
        with pytest.raises(IndexError, match="out of range"):
            pick(tf.constant([0, bad]))


def test_bad_use_is_told():
    with pytest.raises(TypeError, match="not a function"):
        tf.function(3)


def test_steps_that_nothing_needs_are_dropped_and_what_is_constant_is_computed_once():
    @tf.function
    def compute(x):
        _ = tf.exp(x) + tf.sin(x)
        return x * tf.reduce_sum(tf.ones([10]))

    program = compute.get_concrete_function(tf.ones([3]))
    assert [step.name for step in program.steps] == ["multiply"]
    same(compute(tf.ones([3])), np.float32([10, 10, 10]))


def test_buffers_are_shared_one_after_another_and_never_at_once():
    @tf.function
    def compute(x):
        for _ in range(20):
            x = tf.exp(-x) * tf.sin(x) + tf.sqrt(tf.abs(x))
        return tf.reduce_sum(x)

    program = compute.get_concrete_function(tf.ones([100]))
    assert len(program.steps) > 100 and len(program.buffers) <= 4
    for buffer in program.buffers:
        lives = [(first, last) for b, _, _, first, last in program.lifetimes if b == buffer]
        assert lives == sorted(lives)
        assert all(last <= first for (_, last), (first, _) in zip(lives, lives[1:])), "two arrays in one buffer at once"


def test_explain_prints_a_row_for_each_step_and_the_total(capsys):
    program = make_step(True).get_concrete_function(*line())
    program.explain()
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == len(program.steps) + 2
    assert rows[0].split() == ["step", "operation", "shapes", "buffer"]
    assert rows[-1].startswith(f"{len(program.steps)} steps, {len(program.buffers)} buffers")


def test_explain_names_operands_by_parameter_variable_and_letter(capsys):
    a, optimizer = tf.Variable([1.0, 2.0], name="a"), tf.optimizers.SGD(1.0)

    @tf.function
    def step(x, pair):
        d = x - a * pair[0]
        optimizer.apply_gradients([(d * 2.0, a)])
        return tf.reduce_sum(d, axis=0) + pair[1]

    step.get_concrete_function(tf.constant([1.0, 2.0]), (tf.constant(1.0), tf.constant(2.0))).explain()
    rows = [row.split("  ")[1:] for row in capsys.readouterr().out.splitlines()[1:-1]]
    assert [next(cell.strip() for cell in row if cell.strip()) for row in rows] == [
        "a = read a",
        "b = multiply(a, pair0)",
        "c = subtract(x, b)",
        "d = multiply(c, 2.0)",
        "sgd.apply_gradients(d)",
        "e = reduce_sum(c)",
        "f = add(e, pair1)",
    ]


def test_two_threads_may_call_it_at_once():
    compute = tf.function(lambda x: tf.reduce_sum(tf.exp(x) * x + tf.sin(x)))
    xs = [tf.constant(np.full(5000, value)) for value in (0.1, 0.7)]
    expected = [float(compute(x)) for x in xs]
    wrong = []

    def call(i):
        for _ in range(200):
            if float(compute(xs[i])) != expected[i]:
                wrong.append(i)

    threads = [threading.Thread(target=call, args=(i,)) for i in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_model_trains_as_in_eager_with_dropout_and_batch_normalization():
    rng = np.random.default_rng(0)
    inputs, labels = tf.constant(rng.standard_normal((32, 4), np.float32)), tf.constant(rng.integers(0, 3, 32))
    results = []
    for trace in (lambda f: f, tf.function):
        tf.random.set_seed(0)
        model = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(8, activation="relu"),
                tf.keras.layers.BatchNormalization(),
                tf.keras.layers.Dropout(0.5),
                tf.keras.layers.Dense(3),
            ]
        )
        model(inputs)
        optimizer = tf.keras.optimizers.Adam(0.01)
        loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        @trace
        def step(inputs, labels, model=model, optimizer=optimizer, loss_of=loss_of):
            with tf.GradientTape() as tape:
                loss = loss_of(labels, model(inputs, training=True))
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
            return loss

        results.append([[float(step(inputs, labels)) for _ in range(5)], [v.numpy() for v in model.variables]])
    same(*results)


def test_a_program_keeps_no_array_of_its_trace():
    @tf.function
    def compute(x):
        return tf.reduce_sum(tf.exp(x) * x)

    compute(tf.ones([100_000]))
    program = compute.get_concrete_function(tf.ones([100_000]))
    tensors = [t for step in program.steps for t in [*step.inputs, step.output]]
    assert all(np.asarray(t).strides == (0,) for t in tensors if t.ndim)
    assert sum(program.buffers.values()) <= 800_000


def test_a_traced_function_is_called_what_the_python_function_is():
    @tf.function
    def area(width, height):
        """Width times height."""
        return width * height

    assert (area.__name__, area.__doc__, area.__wrapped__) == ("area", "Width times height.", area.python_function)


def test_a_traced_function_as_an_argument_counts_by_identity():
    twice = tf.function(lambda x: x + x)
    outer = tf.function(lambda f, x: f(x))
    x = tf.constant([1.0, 2.0])
    same(outer(twice, x), np.float32([2, 4]))
    twice(tf.constant(3.0))  # now it holds one program more
    same(outer(twice, x), np.float32([2, 4]))
    assert outer.trace_count == 1
    same(outer(tf.function(lambda x: -x), x), np.float32([-1, -2]))
    assert outer.trace_count == 2


def test_buffers_of_a_chain_are_free_for_what_follows_it():
    @tf.function
    def compute(x, rounds):
        for _ in range(rounds):
            x = tf.cumsum(tf.exp(-x) * tf.sin(x) + 1.0)
            x = x / tf.reduce_max(x)
        return x

    x = tf.ones([2**19])
    programs = [compute.get_concrete_function(x, rounds) for rounds in (4, 8)]
    few, many = ([size for size in program.buffers.values() if size == 4 * 2**19] for program in programs)
    assert "for start in range" in programs[0].source and len(few) == len(many)


def test_arguments_that_change_nothing_are_taken_by_name_and_by_position():
    traced = tf.function(lambda x: 2 * x, None, False, None, True)
    assert traced(3.0) == tf.function(lambda x: 2 * x, autograph=False, jit_compile=True)(3.0) == 6
    with pytest.raises(TypeError, match="positional"):
        tf.function(lambda x: x, None, True, None, False, None, "one too many")
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    np.testing.assert_array_equal(tape.jacobian(y, x, "none", 10, False), [[2, 0], [0, 4]])
