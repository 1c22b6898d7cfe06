"""Optimizers: every step equals Keras', state belongs to one variable, and sparse gradients touch only their rows."""

import copy
import json
import tracemalloc
import warnings
from pathlib import Path

import keras_cases as cases
import numpy as np
import pytest
from hypothesis import given, strategies as st

import course as tf

REFERENCE = json.loads(Path(cases.__file__).with_name("reference_keras.json").read_text())
ROUNDING = {"rtol": 1e-6, "atol": 1e-6}  # float32, after up to 100 steps over a range of about 1


def rows(values, indices, shape=None):
    return tf.IndexedSlices(tf.constant(values, "float32"), tf.constant(indices, "int32"), shape)


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_every_dense_step_is_that_of_keras(name):
    expected = REFERENCE[f"optimizer: {name}"]["dense"]
    np.testing.assert_allclose(cases.dense_run(tf, name), expected, **ROUNDING)


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_a_sparse_step_is_that_of_keras_on_each_row_with_a_gradient(name):
    opt, table, snapshots = cases.optimizer(tf, name), tf.Variable(cases.table()), []
    for t, (values, indices) in enumerate(cases.sparse_gradients(name)):
        opt.apply_gradients([(tf.IndexedSlices(values, indices), table)])
        if t in cases.SNAPSHOTS:
            snapshots.append(table.numpy())
    np.testing.assert_allclose(snapshots, REFERENCE[f"optimizer: {name}"]["sparse"], **ROUNDING)


@pytest.mark.parametrize("name", cases.SCHEDULES)
def test_schedules_are_those_of_keras_step_by_step_and_for_arrays_of_steps(name):
    schedule, steps = cases.schedule(tf, *cases.SCHEDULES[name]), np.arange(cases.STEPS + 1)
    expected = REFERENCE[f"schedule: {name}"]
    np.testing.assert_allclose([float(schedule(int(t))) for t in steps], expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(schedule(steps), expected, rtol=1e-6, atol=1e-7)


# State


@pytest.mark.parametrize("name", [name for name in cases.OPTIMIZERS if name != "global_clipnorm"])  # that one mixes
def test_two_variables_of_one_optimizer_move_as_with_an_optimizer_each(name):
    together, separate = cases.optimizer(tf, name), [cases.optimizer(tf, name) for _ in range(2)]
    pair, singles = ([tf.Variable([1.0, 2.0]), tf.Variable([1.0, 2.0])] for _ in range(2))
    for t in range(5):
        gradients = [cases.waves(2, seed=t), cases.waves(2, seed=-5 * t)]
        together.apply_gradients(zip(gradients, pair))
        for opt, g, v in zip(separate, gradients, singles):
            opt.apply_gradients([(g, v)])
    for v, w in zip(pair, singles):
        np.testing.assert_array_equal(v, w)


def test_a_variable_that_comes_later_gets_state_of_its_own():
    opt = tf.optimizers.SGD(1.0, momentum=0.5)
    first, late = tf.Variable(0.0), tf.Variable(0.0)
    opt.apply_gradients([(1.0, first)])
    opt.apply_gradients([(1.0, first), (1.0, late)])
    assert (float(first), float(late)) == (-2.5, -1.0)
    assert len(opt.variables) == 4  # iterations, learning rate and two velocities


def test_momentum_can_begin_later_and_end():
    opt, v = tf.optimizers.SGD(1.0), tf.Variable(0.0)
    opt.apply_gradients([(1.0, v)])
    opt.momentum = 0.5
    opt.apply_gradients([(1.0, v)])
    opt.apply_gradients([(1.0, v)])
    opt.momentum = 0.0
    opt.apply_gradients([(1.0, v)])
    assert float(v) == -1 - 1 - 1.5 - 1


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_state_saved_and_restored_goes_on_bit_for_bit(name):
    def run(opt, variables, steps):
        for t in steps:
            opt.apply_gradients(zip([cases.waves(2, seed=t), cases.waves(seed=t)], variables))

    opt, variables = cases.optimizer(tf, name), [tf.Variable([1.0, 2.0]), tf.Variable(3.0)]
    run(opt, variables, range(3))
    saved, weights = [v.numpy() for v in opt.variables], [v.numpy() for v in variables]
    run(opt, variables, range(3, 6))

    restored, again = cases.optimizer(tf, name), [tf.Variable(w) for w in weights]
    restored.build(again)
    assert [v.name for v in restored.variables] == [v.name for v in opt.variables]
    for v, value in zip(restored.variables, saved):
        v.assign(tf.constant(value))
    run(restored, again, range(3, 6))
    for v, w in zip(variables + opt.variables, again + restored.variables):
        np.testing.assert_array_equal(v, w)


def test_what_was_read_before_a_step_stays():
    opt, v, table = tf.optimizers.Adam(0.1), tf.Variable([1.0, 2.0]), tf.Variable([[1.0], [2.0]])

    def step():
        opt.apply_gradients([(tf.ones(2), v), (rows([[1.0]], [1]), table)])

    step()
    read = [x.numpy() for x in (v, table, *opt.variables)]
    texts = [repr(x) for x in read]
    step()
    assert [repr(x) for x in read] == texts
    assert all(np.any(x.numpy() != old) for x, old in zip((v, table), read))


def test_a_copy_of_model_and_optimizer_trains_on_by_itself():
    opt, v = tf.optimizers.SGD(1.0, momentum=0.5), tf.Variable(0.0)
    opt.apply_gradients([(1.0, v)])
    twin, w = copy.deepcopy((opt, v))
    for o, x in ((opt, v), (twin, w)):
        o.apply_gradients([(1.0, x)])
    assert float(v) == float(w) == -2.5 and len(twin.variables) == 3


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_the_dtype_of_variable_and_state_stays(name, dtype):
    opt, v, table = cases.optimizer(tf, name), tf.Variable([1.0], dtype=dtype), tf.Variable([[1.0]], dtype=dtype)
    g = np.ones((1, 1), dtype)
    opt.apply_gradients([(np.ones(1, dtype), v), (tf.IndexedSlices(g, [0]), table)])
    opt.apply_gradients([(np.ones(1, dtype), v), (tf.IndexedSlices(g, [0]), table)])
    assert {x.dtype.name for x in (v, table, *opt.variables[2:])} - {"float32"} <= {dtype}


@pytest.mark.parametrize("dtype", cases.DTYPES)
@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_steps_along_extreme_gradients_are_those_of_keras(name, dtype):
    expected = np.array(REFERENCE[f"extreme steps: {name}, {dtype}"], float)
    # Of float64 variables Keras rounds the hyperparameters to float32.
    tolerance = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-6}[dtype]
    np.testing.assert_allclose(cases.extreme_steps(tf, name, dtype), expected, tolerance, tolerance / 100)


def test_centered_rmsprop_stays_finite_where_rounding_makes_the_variance_negative():
    opt, gradients = tf.optimizers.RMSprop(0.01, centered=True), np.arange(1, 2000, 0.5, "float32")
    v = tf.Variable(np.ones_like(gradients))
    for _ in range(300):
        opt.apply_gradients([(gradients, v)])
    mean_square, mean = (x.numpy() for x in opt.variables[2:])
    np.testing.assert_allclose(mean, gradients, rtol=1e-4)
    assert np.any(mean_square - mean**2 < -1e-6) and np.all(np.isfinite(v))


# Sparse gradients

some_rows = st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=8)


@given(some_rows, st.sampled_from(["SGD", "clipvalue", "Adagrad"]))
def test_without_averages_a_sparse_step_is_the_dense_one(steps, name):
    sparse, dense = cases.optimizer(tf, name), cases.optimizer(tf, name)
    table, whole = tf.Variable(cases.waves(6, 2)), tf.Variable(cases.waves(6, 2))
    for t, indices in enumerate(steps):
        g = rows(cases.waves(len(indices), 2, seed=t).reshape(-1, 2), indices, (6, 2))
        sparse.apply_gradients([(g, table)])
        dense.apply_gradients([(g.dense(), whole)])
    np.testing.assert_allclose(table, whole, rtol=1e-5, atol=1e-6)


@given(some_rows, st.sampled_from([name for name in cases.OPTIMIZERS if "norm" not in name]))
def test_each_row_moves_as_if_it_were_alone(steps, name):
    opt, table = cases.optimizer(tf, name), tf.Variable(cases.waves(6, 2))
    optimizers, alone = [cases.optimizer(tf, name) for _ in range(6)], [tf.Variable(row) for row in cases.waves(6, 2)]
    for t, indices in enumerate(steps):
        values = cases.waves(len(indices), 2, seed=t).reshape(-1, 2)
        opt.apply_gradients([(rows(values, indices), table)])
        for i in set(indices):
            optimizers[i].iterations.assign(t)
            optimizers[i].apply_gradients([(values[np.equal(indices, i)].sum(axis=0), alone[i])])
    np.testing.assert_allclose(table, [row.numpy() for row in alone], rtol=1e-5, atol=1e-6)


@given(some_rows, st.sampled_from(list(cases.OPTIMIZERS)))
def test_rows_without_a_gradient_stay_bit_for_bit(steps, name):
    opt, table = cases.optimizer(tf, name), tf.Variable(cases.waves(6, 2))
    opt.apply_gradients([(cases.waves(6, 2, seed=9.0), table)])  # every row has some state, and momentum
    for t, indices in enumerate(steps):
        all_state = [table, *opt.variables[-len(opt.slots()) :]] if opt.slots() else [table]
        before = [v.numpy() for v in all_state]
        opt.apply_gradients([(rows(cases.waves(len(indices), 2, seed=t).reshape(-1, 2), indices), table)])
        untouched = [i for i in range(6) if i not in indices]
        for v, old in zip(all_state, before):
            np.testing.assert_array_equal(v.numpy()[untouched], old[untouched])


@pytest.mark.parametrize("name", ["Adam", "Adagrad", "RMSprop", "clipnorm", "global_clipnorm"])
def test_duplicates_are_summed_before_the_rule_squares_them_and_before_clipping(name):
    tables = [tf.Variable(np.zeros((3, 1), "float32")) for _ in range(2)]
    gradients = rows([[1.0], [-2.0], [4.0]], [2, 0, 2]), rows([[-2.0], [5.0]], [0, 2])
    for table, g in zip(tables, gradients):
        cases.optimizer(tf, name).apply_gradients([(g, table)])
    np.testing.assert_allclose(*tables, rtol=1e-6)


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_a_sparse_step_allocates_nothing_of_the_size_of_the_table(name):
    opt, table = cases.optimizer(tf, name), tf.Variable(np.zeros((100_000, 8), "float32"))
    opt.build([table])

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table, [3, 99_999, 3]) - 1.0))
        opt.apply_gradients([(tape.gradient(loss, table), table)])

    step()
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000, f"{peak} bytes, for a table of {table.numpy().nbytes}"
    assert table.numpy()[3, 0] != 0 and table.numpy()[4, 0] == 0


# The learning rate


def test_the_learning_rate_is_a_number_a_schedule_or_a_function_and_can_be_assigned():
    opt, v = tf.optimizers.SGD(0.5), tf.Variable(0.0)

    def moved():
        before = float(v)
        opt.apply_gradients([(1.0, v)])
        return before - float(v)

    assert moved() == 0.5
    opt.learning_rate = 0.25
    assert moved() == 0.25 and float(opt.learning_rate) == 0.25
    opt.learning_rate.assign(2.0)
    assert moved() == 2.0
    opt.learning_rate = tf.optimizers.schedules.PiecewiseConstantDecay([3, 4], [8.0, 4.0, 1.0])
    assert [moved() for _ in range(4)] == [8.0, 4.0, 1.0, 1.0] and float(opt.learning_rate) == 1.0
    opt.learning_rate = lambda: 3.0
    assert moved() == 3.0 and [x.name for x in opt.variables] == ["iterations:0"]
    opt.learning_rate = 1
    assert moved() == 1.0 and len(opt.variables) == 2


def test_a_schedule_of_ones_own():
    class Inverse(tf.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 1.0 / (tf.cast(step, tf.float32) + 1.0)

    opt, v = tf.optimizers.SGD(Inverse()), tf.Variable(0.0)
    for _ in range(3):
        opt.apply_gradients([(1.0, v)])
    assert float(v) == pytest.approx(-(1 + 1 / 2 + 1 / 3))


@given(st.integers(0, 200), st.floats(0.01, 1), st.integers(1, 50), st.integers(1, 100), st.floats(0, 1))
def test_warm_up_rises_to_its_target_and_never_leaves_its_bounds(step, target, warm, decay, alpha):
    schedule = tf.optimizers.schedules.CosineDecay(0.0, decay, alpha, warmup_target=target, warmup_steps=warm)
    rate, later = float(schedule(step)), float(schedule(step + 1))
    assert -1e-7 <= rate <= target * (1 + 1e-6)
    assert later >= rate - 1e-7 if step + 1 <= warm else later <= rate + 1e-7
    assert float(schedule(warm)) == pytest.approx(target)
    assert float(schedule(warm + decay + 5)) == pytest.approx(alpha * target, abs=1e-7)


# Using them


@pytest.mark.parametrize("name", ["sgd", "adagrad", "rmsprop", "adam", "adamw"])
def test_a_training_loop_finds_the_line(name):
    x = cases.waves(200, 1)
    y = 3 * x + 2
    W, b = tf.Variable([[5.0]]), tf.Variable([0.0])
    opt = tf.optimizers.get(name)
    opt.learning_rate = {"sgd": 0.3, "adagrad": 1.0}.get(name, 0.1)
    for _ in range(150):
        with tf.GradientTape() as tape:
            loss = tf.losses.MeanSquaredError()(y, x @ W + b)
        opt.apply_gradients(zip(tape.gradient(loss, [W, b]), [W, b]))
    assert float(W) == pytest.approx(3, abs=0.02) and float(b) == pytest.approx(2, abs=0.02)
    assert opt.iterations.numpy() == 150 and opt.iterations.dtype == tf.int64


def test_minimize_takes_a_function_or_a_loss_with_its_tape():
    opt, v, watched = tf.optimizers.SGD(0.1), tf.Variable(3.0), tf.Variable(1.0, trainable=False)
    assert opt.minimize(lambda: tf.square(v) + watched, [v, watched]) is opt.iterations
    assert float(v) == pytest.approx(2.4) and float(watched) == pytest.approx(0.9)
    with tf.GradientTape() as tape:
        loss = tf.square(v)
    opt.minimize(loss, [v], tape=tape)
    assert float(v) == pytest.approx(1.92)
    opt.minimize(lambda: tf.square(v), lambda: [v])
    assert float(v) == pytest.approx(1.536) and int(opt.iterations) == 3
    with pytest.raises(ValueError, match="needs its tape"):
        opt.minimize(loss, [v])


def test_a_rule_of_ones_own_is_a_few_lines():
    class SignDescent(tf.optimizers.Optimizer):
        def slots(self):
            return {"steps": 0.0}

        def step(self, g, learning_rate, steps):
            steps += 1
            return -learning_rate * np.sign(g) / steps

    opt, v = SignDescent(1.0), tf.Variable([4.0, -4.0])
    for _ in range(2):
        opt.apply_gradients([(tf.constant([0.1, -20.0]), v)])
    assert v.numpy().tolist() == [2.5, -2.5]
    SignDescent.step = lambda self, g, learning_rate, steps: np.float64(2.0) * g
    opt.apply_gradients([(tf.ones(2), v)])
    assert v.numpy().tolist() == [4.5, -0.5] and v.dtype == tf.float32
    SignDescent.step = lambda self, g, learning_rate, steps: g[:, None]
    with pytest.raises(ValueError, match=r"SignDescent.step returned shape \(2, 1\) for a gradient of shape \(2,\)"):
        opt.apply_gradients([(tf.ones(2), v)])
    assert v.numpy().tolist() == [4.5, -0.5]
    with pytest.raises(NotImplementedError, match="must define step"):
        tf.optimizers.Optimizer(0.1).apply_gradients([(1.0, tf.Variable(1.0))])


def test_steps_within_a_recording_tape_are_not_recorded():
    opt, v = tf.optimizers.Adam(0.1), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        loss = v * v
        opt.apply_gradients([(1.0, v)])
    assert float(tape.gradient(loss, v)) == 2.0


def test_clipping_limits_what_it_names():
    a, b = np.array([3.0, 4.0], "float32"), np.array([12.0], "float32")

    def steps(**options):
        v, w = tf.Variable([0.0, 0.0]), tf.Variable([0.0])
        tf.optimizers.SGD(1.0, **options).apply_gradients([(a, v), (b, w)])
        return [*-v.numpy(), *-w.numpy()]

    assert steps() == [3, 4, 12]
    assert steps(clipvalue=3.5) == [3, 3.5, 3.5]
    assert steps(clipnorm=10) == [3, 4, 10]
    assert steps(global_clipnorm=6.5) == [1.5, 2, 6] and steps(global_clipnorm=13) == [3, 4, 12]


def test_names_give_optimizers():
    adam = tf.optimizers.get("Adam")
    assert type(adam) is tf.optimizers.Adam and float(adam.learning_rate) == pytest.approx(0.001)
    assert tf.optimizers.get(adam) is adam and tf.optimizers.get(None) is None
    assert type(tf.optimizers.get("sgd")) is tf.optimizers.SGD
    rates = {"sgd": 0.01, "adagrad": 0.001, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}
    for name, rate in rates.items():
        assert float(tf.optimizers.get(name).learning_rate) == np.float32(rate)
    assert tf.optimizers.AdamW().weight_decay == 0.004
    for wrong in ("adamm", tf.optimizers.Adam, 0.1):
        with pytest.raises(ValueError, match="or a name: sgd, adagrad"):
            tf.optimizers.get(wrong)


# Mistakes


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda o: o.SGD(-0.1), "learning_rate is -0.1, and must be ≥ 0"),
        (lambda o: o.SGD(float("nan")), "learning_rate is nan"),
        (lambda o: o.SGD(momentum=1.5), "momentum is 1.5, and must be from 0 to 1"),
        (lambda o: o.RMSprop(rho=1), "rho is 1, and must be from 0 to below 1"),
        (lambda o: o.RMSprop(momentum=-1), "momentum is -1"),
        (lambda o: o.Adam(beta_2=1.0), "beta_2 is 1.0"),
        (lambda o: o.Adam(epsilon=-1), "epsilon is -1"),
        (lambda o: o.Adagrad(initial_accumulator_value=-1), "initial_accumulator_value is -1"),
        (lambda o: o.AdamW(weight_decay=-1), "weight_decay is -1"),
        (lambda o: o.SGD(clipnorm=0), "clipnorm is 0, and must be > 0"),
        (lambda o: o.SGD(clipnorm=1, clipvalue=1), "only one of clipnorm, clipvalue and global_clipnorm"),
        (lambda o: o.schedules.CosineDecay(0.1, 0), "decay_steps is 0, and must be > 0"),
        (lambda o: o.schedules.CosineDecay(0.1, 10, warmup_target=1.0), "warmup_steps is 0"),
        (lambda o: o.schedules.ExponentialDecay(0.1, -1, 0.5), "decay_steps is -1"),
        (lambda o: o.schedules.PiecewiseConstantDecay([1, 2], [0.1]), "2 boundaries and 1 values"),
        (lambda o: o.schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]), "must increase"),
    ],
)
def test_hyperparameters_out_of_range_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make(tf.optimizers)


def test_a_learning_rate_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="learning_rate must be a number, not 'fast'"):
        tf.optimizers.SGD("fast")


def test_a_missing_gradient_is_passed_over_with_a_warning_and_none_at_all_is_an_error():
    opt, v, w = tf.optimizers.SGD(1.0), tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w")
    with pytest.warns(UserWarning, match=r"\['w:0'\] are None.*tape.explain") as seen:
        opt.apply_gradients([(1.0, v), (None, w)])
    assert seen[0].filename == __file__ and (float(v), float(w)) == (0.0, 1.0)
    with pytest.raises(ValueError, match=r"all gradients are None, of \['v:0', 'w:0'\]"):
        opt.apply_gradients([(None, v), (None, w)])
    assert int(opt.iterations) == 1


@pytest.mark.parametrize(
    "bad, error, words",
    [
        (lambda v: [(tf.ones([2, 1]), v)], ValueError, r"'v:0' has shape \(2,\) and the value has shape \(2, 1\)"),
        (lambda v: [(tf.ones(2), tf.Variable([1, 2]))], TypeError, "holds int32, and integers have no gradient"),
        (lambda v: [(v, tf.ones(2))], TypeError, r"pairs \(gradient, variable\)"),
        (lambda v: [tf.ones(2)], TypeError, r"Use zip\(gradients, variables\)"),
        (lambda v: [(rows([1.0], [2]), v)], IndexError, "index 2 is out of range for 2 rows"),
        (lambda v: [(rows([[1.0]], [0]), v)], ValueError, r"need values of shape \(1,\)"),
        (lambda v: [], ValueError, "A zip can be gone through once"),
    ],
)
def test_after_an_error_nothing_has_changed(bad, error, words):
    opt, first, v = tf.optimizers.Adam(0.1), tf.Variable([1.0, 1.0]), tf.Variable([1.0, 2.0], name="v")
    opt.apply_gradients([(tf.ones(2), first)])
    state = [x.numpy() for x in (first, v, *opt.variables)]
    pairs = bad(v)
    with pytest.raises(error, match=words), warnings.catch_warnings():
        warnings.simplefilter("error")
        opt.apply_gradients([(tf.ones(2), first), *pairs] if pairs else pairs)
    for x, before in zip((first, v, *opt.variables), state, strict=True):
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("rate, error", [(-0.1, ValueError), (np.nan, ValueError), (None, TypeError)])
def test_a_function_that_gives_no_learning_rate_is_refused_and_nothing_has_changed(rate, error):
    opt, v = tf.optimizers.SGD(lambda: rate), tf.Variable(1.0)
    with pytest.raises(error, match="learning_rate (is|must be)"):
        opt.apply_gradients([(1.0, v)])
    assert float(v) == 1 and int(opt.iterations) == 0
    with pytest.raises(TypeError, match=r"give zip\(gradients, variables\), not 3.0"):
        opt.apply_gradients(3.0)


class Fails(tf.optimizers.Optimizer):
    """A rule that raises, or gives a wrong shape, at gradients of 13, after it has changed its state."""

    def __init__(self, how):
        super().__init__(0.1)
        self.how = how

    def slots(self):
        return {"sum": 0.0}

    def step(self, g, learning_rate, sum):
        sum += g
        if np.any(g == 13) and self.how == "raises":
            raise ZeroDivisionError
        return sum[..., None] if np.any(g == 13) else -sum


@pytest.mark.parametrize("how, error", [("raises", ZeroDivisionError), ("shape", ValueError)])
def test_after_an_error_in_the_rule_nothing_has_changed(how, error):
    opt, a, b, table, new = (
        Fails(how),
        tf.Variable([1.0, 2.0]),
        tf.Variable(3.0),
        tf.Variable([[1.0], [2.0], [3.0]]),
        tf.Variable([4.0]),
    )
    pairs = [(tf.ones(2), a), (rows([[1.0], [2.0]], [2, 0]), table), (tf.constant(1.0), b), (tf.constant(2.0), b)]
    opt.apply_gradients(pairs)
    held = [a.value(), *opt.variables]
    before = [x.numpy() for x in (a, b, table, *opt.variables)]
    for bad in ([(tf.constant(13.0), b)], [(tf.ones(1), new), (rows([[13.0]], [1]), table)]):
        with pytest.raises(error):
            opt.apply_gradients([*pairs, *bad])
        for x, old in zip((a, b, table, *opt.variables), before, strict=True):
            np.testing.assert_array_equal(x, old)
    np.testing.assert_array_equal(held[0], before[0])
    opt.apply_gradients(pairs)  # and it goes on as if nothing had been
    assert b.numpy() == 3 - 1 - 3 - 4 - 6 and int(opt.iterations) == 2


def test_a_variable_that_is_given_twice_takes_both_steps():
    for opt in (tf.optimizers.SGD(1.0), type("Mine", (tf.optimizers.SGD,), {"step": lambda self, g, r: -g})(1.0)):
        v = tf.Variable([0.0, 0.0])
        opt.apply_gradients([(tf.ones(2), v), (tf.constant([1.0, 2.0]), v)])
        assert v.numpy().tolist() == [-2, -3]


@pytest.mark.parametrize("shape", [(70_001,), (301, 257), (1, 70_000), (2, 3, 12_000)])
@pytest.mark.parametrize("name", ["SGD", "Nesterov", "decayed SGD", "centered RMSprop", "Adagrad", "AMSGrad", "AdamW"])
def test_large_variables_are_changed_in_blocks_bit_for_bit_as_small_ones(name, shape):
    start, gradients = cases.waves(*shape), [cases.waves(*shape, seed=t) for t in (1.0, 2.0, 3.0)]
    kept = tf.Variable(start)
    opt, large = cases.optimizer(tf, name), tf.Variable(start)
    whole, rule = tf.Variable(start), cases.optimizer(tf, name)
    rule.__class__ = type("Whole", (type(rule),), {"step": lambda self, *a, **k: super(type(self), self).step(*a, **k)})
    for g in gradients:
        before = large.value() if g is gradients[1] else None  # a step in place would change what was read
        opt.apply_gradients([(g, large)])
        rule.apply_gradients([(g, whole)])
        if before is not None:
            assert np.any(before.numpy() != large.numpy())
    np.testing.assert_array_equal(large, whole)
    for ours, theirs in zip(opt.variables, rule.variables, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(kept, start)


def test_a_step_of_a_large_variable_that_nobody_holds_allocates_a_few_blocks_only():
    opt, v, g = tf.optimizers.Adam(), tf.Variable(np.zeros((1000, 1000), "float32")), tf.ones((1000, 1000))
    opt.apply_gradients([(g, v)])
    tracemalloc.start()
    opt.apply_gradients([(g, v)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.25 * 4e6


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_global_norm_that_is_not_finite_is_not_overlooked(number):
    a, b = tf.Variable([1.0, 1.0]), tf.Variable([1.0])
    opt = tf.optimizers.SGD(1.0, global_clipnorm=1.0)
    with np.errstate(all="raise"):
        opt.apply_gradients([(np.float32([number, 1.0]), a), (np.float32([3.0]), b)])
    assert np.all(np.isnan(a)) and np.all(np.isnan(b))  # as in Keras


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
@pytest.mark.parametrize("dtype, scale", [("float16", 6e3), ("float32", 1e20), ("float32", 1e-25), ("float64", 1e100)])
def test_a_norm_is_right_also_where_the_squares_are_out_of_range(option, dtype, scale):
    v = tf.Variable(np.zeros(2, dtype))
    limit = min(scale, 1.0)
    tf.optimizers.SGD(1.0, **{option: limit}).apply_gradients([(np.array([3 * scale, 4 * scale], dtype), v)])
    np.testing.assert_allclose(v, [-0.6 * limit, -0.8 * limit], rtol=1e-3)


def test_the_learner_is_told_which_names_of_keras_are_missing():
    with pytest.raises(ValueError, match="'Nadam' is an optimizer of Keras that this course does not have; Adam is"):
        tf.optimizers.get("Nadam")


def test_a_zip_that_was_used_up_is_an_error():
    opt, v = tf.optimizers.SGD(), tf.Variable(1.0)
    pairs = zip([1.0], [v])
    opt.apply_gradients(pairs, name="step")
    with pytest.raises(ValueError, match="make a new one"):
        opt.apply_gradients(pairs)


def test_a_step_returns_the_number_of_steps_eager_and_traced():
    v, opt = tf.Variable(1.0), tf.optimizers.SGD(0.1)
    assert int(opt.apply_gradients([(1.0, v)])) == 1
    step = tf.function(lambda: opt.apply_gradients([(tf.constant(1.0), v)]))
    assert [int(step()), int(step()), int(opt.minimize(lambda: v * v, [v]))] == [2, 3, 4]
