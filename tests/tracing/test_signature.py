"""What decides the program of a call: however arguments are given, and whatever they hold, it is never a stale one."""

import collections
import dataclasses
import enum
import fractions
import functools
import gc
import types
import weakref

import numpy as np
import pytest

import course as tf

x = tf.constant([1.0, 2.0])


def test_one_call_is_one_program_however_its_arguments_are_given():
    @tf.function
    def f(a, flag=False, *more, scale=1.0, **others):
        return a * scale * (2.0 if flag else 1.0) + sum(others.values())

    calls = [((x,), {}), ((x, False), {}), ((), {"a": x}), ((x,), {"flag": False}), ((), {"scale": 1.0, "a": x})]
    for args, kwargs in calls:
        assert f(*args, **kwargs).numpy().tolist() == [1, 2]
    assert f.trace_count == 1
    for args, kwargs, factor in [((x, True), {}, 2), ((x,), {"flag": True}, 2), ((x,), {"scale": 3.0}, 3)]:
        assert f(*args, **kwargs).numpy().tolist() == [factor, 2 * factor]
    assert f.trace_count == 3
    assert f(x, more_of_it=1.0).numpy().tolist() == [2, 3]
    assert f(x, more_of_it=x).numpy().tolist() == [2, 4]
    assert f(x, more_of_it=x + 1.0).numpy().tolist() == [3, 5]


def test_a_wrong_call_is_refused_by_the_function_itself():
    f = tf.function(lambda a, b=1: a)
    for args, kwargs, what in [((), {}, "missing"), ((x,), {"c": 1}, "unexpected"), ((x, 1, 2), {}, "3 were given")]:
        with pytest.raises(TypeError, match=what):
            f(*args, **kwargs)


def test_a_default_that_is_a_tensor_is_an_argument_like_others():
    f = tf.function(lambda a, b=x: a + b)
    assert f(x).numpy().tolist() == [2, 4] and f(x, x * 2.0).numpy().tolist() == [3, 6]
    assert f.trace_count == 1


class Config:
    def __init__(self, rate):
        self.rate = rate


class Slotted:
    __slots__ = ("rate", "__hidden")

    def __init__(self, rate):
        self.rate = rate


@dataclasses.dataclass
class Record:
    rate: float


@dataclasses.dataclass(frozen=True)
class Frozen:
    rate: float


class Comparable(Config):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class OnlyEqual(Config):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "make",
    [Config, Slotted, Record, Comparable, OnlyEqual, lambda rate: types.SimpleNamespace(rate=rate)],
    ids=["object", "slots", "dataclass", "with a hash", "without a hash", "namespace"],
)
def test_an_attribute_that_changes_is_never_stale(make):
    f = tf.function(lambda a, config: a * config.rate)
    config = make(1.0)
    for rate in (1.0, 0.5, 0.25, 0.5):
        config.rate = rate
        for _ in range(2):
            assert f(x, config).numpy().tolist() == [rate, 2 * rate]
    assert f.trace_count == 3


def test_an_attribute_of_its_class_is_never_stale():
    class Base:
        rate, parts = 1.0, [1.0]

    class Derived(Base):
        pass

    config, f = Derived(), tf.function(lambda a, config: a * config.rate * config.parts[0])
    assert f(x, config).numpy().tolist() == [1, 2]
    Base.rate = 2.0
    assert f(x, config).numpy().tolist() == [2, 4]
    Derived.rate = 3.0
    assert f(x, config).numpy().tolist() == [3, 6]
    Base.parts[0] = 2.0
    config.rate = 1.0
    assert f(x, config).numpy().tolist() == [2, 4]


CHANGES = {
    "a list": (lambda: [1.0], lambda part, rate: part.__setitem__(0, rate), lambda part: part[0]),
    "a dict": (lambda: {"a": 1.0}, lambda part, rate: part.update(a=rate), lambda part: part["a"]),
    "a queue": (lambda: collections.deque([1.0]), lambda p, r: p.__setitem__(0, r), lambda part: part[0]),
    "a set": (lambda: {1.0}, lambda part, rate: (part.clear(), part.add(rate)), lambda part: next(iter(part))),
    "an array": (lambda: np.ones(3), lambda part, rate: part.fill(rate), lambda part: float(part[0])),
    "an object": (lambda: Config(1.0), lambda part, rate: setattr(part, "rate", rate), lambda part: part.rate),
    "a method": (lambda: Config(1.0).__init__, lambda p, r: p(r), lambda part: part.__self__.rate),
    "a partial": (
        lambda: functools.partial(min, [1.0]),
        lambda p, r: p.args[0].__setitem__(0, r),
        lambda part: part.args[0][0],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("wrap", [lambda part: part, Config], ids=["itself", "in an object"])
def test_what_an_argument_holds_is_never_stale(change, wrap):
    make, set_, get = CHANGES[change]
    part = make()
    config = wrap(part)
    f = tf.function(lambda a, c: a * get(c.rate if isinstance(c, Config) and wrap is Config else c))
    if isinstance(config, np.ndarray):
        f = tf.function(lambda a, c: a * tf.cast(c[0], "float32"))
    for rate in (1.0, 0.5):
        set_(part, rate)
        assert f(x, config).numpy().tolist() == [rate, 2 * rate]


def test_a_method_sees_the_attributes_that_its_object_has_now():
    class Model:
        def __init__(self):
            self.rate, self.parts = 1.0, [Config(2.0)]
            self.parent = self

        @tf.function
        def scaled(self, a):
            return a * self.rate * self.parts[0].rate

    model = Model()
    assert model.scaled(x).numpy().tolist() == [2, 4]
    model.rate = 3.0
    assert model.scaled(x).numpy().tolist() == [6, 12]
    model.parts[0].rate = 1.0
    assert model.scaled(x).numpy().tolist() == [3, 6]
    assert model.scaled.trace_count == 3


class Color(enum.Enum):
    RED = 1
    BLUE = 2


Pair = collections.namedtuple("Pair", "a b")
VALUES = [
    lambda: slice(0, 2), lambda: slice(1, 2), lambda: Color.RED, lambda: Color.BLUE, lambda: (1, "a"),
    lambda: Pair(1, "a"), lambda: [1, "a"], lambda: Frozen(1.0), lambda: Frozen(2.0), lambda: Record(1.0),
    lambda: fractions.Fraction(1, 3), lambda: 1, lambda: 1.0, lambda: True, lambda: 1 + 0j, lambda: None, lambda: "1",
    lambda: b"1", lambda: range(3), lambda: range(4), lambda: frozenset([1]), lambda: {1}, lambda: {"a": 1},
    lambda: {1: 1, "a": 2}, lambda: {"a": 2, 1: 1}, lambda: float("nan"), lambda: -0.0, lambda: 0.0,
    lambda: np.dtype("f4"), lambda: np.float32, lambda: np.str_("s"), lambda: ..., lambda: Color, lambda: len,
]  # fmt: skip


def test_values_that_are_equal_share_a_program_and_others_do_not():
    f = tf.function(lambda a, value: (a * 1.0, value))
    for _ in range(2):
        for make in VALUES:
            result = f(x, make())[1]
            assert type(result) is type(make()) and repr(result) == repr(make())
    assert f.trace_count == len(VALUES)


def test_nested_arguments_and_results_keep_their_kinds():
    def swap(pair, table, mixed):
        return (
            Pair(pair.b, pair.a * 2.0),
            collections.OrderedDict((key, table[key]) for key in reversed(table)),
            {key: value + 1.0 for key, value in mixed.items()},
            table,
        )

    traced = tf.function(swap)
    for number in (1.0, 2.0):
        a = tf.constant(number)
        table = collections.defaultdict(list, b=a, a=a + 1.0)
        args = Pair(a, [a]), table, {1: a, "one": a * 3.0, None: a}
        for f in (swap, traced):
            pair, ordered, mixed, same_table = f(*args)
            assert type(pair) is Pair and float(pair.b) == 2 * number and float(pair.a[0]) == number
            assert type(ordered) is collections.OrderedDict and list(ordered) == ["a", "b"]
            assert [float(v) for v in ordered.values()] == [number + 1, number]
            assert {k: float(v) for k, v in mixed.items()} == {1: number + 1, "one": 3 * number + 1, None: number + 1}
            assert type(same_table) is collections.defaultdict and same_table.default_factory is list
    assert traced.trace_count == 1


def test_sparse_rows_are_arguments():
    f = tf.function(lambda s: tf.IndexedSlices(s.values * 2.0, s.indices, s.dense_shape))
    for start in (0.0, 1.0):
        result = f(tf.IndexedSlices([[start]], [1], (3, 1)))
        assert result.numpy().tolist() == [[0], [2 * start], [0]]
    assert f.trace_count == 1


def test_a_method_does_not_keep_its_object_nor_an_argument_an_object():
    class Model:
        def __init__(self):
            self.v, self.children = tf.Variable([1.0] * 10), [types.SimpleNamespace(parent=self)]

        @tf.function
        def scaled(self, a):
            return a * self.v

    apply = tf.function(lambda model, a: a * model.v)
    gone = []
    for _ in range(3):
        model = Model()
        model.scaled(tf.constant(1.0))
        apply(model, tf.constant(1.0))
        gone += [weakref.ref(model), weakref.ref(model.v)]
        del model
    gc.collect()
    gc.collect()  # the programs, which the first one set free
    assert [ref() for ref in gone] == [None] * 6
    assert not apply._programs and not Model.scaled._programs


def test_a_method_can_be_reached_through_its_class_and_its_object():
    class Model:
        def __init__(self, w):
            self.w = tf.Variable(w)

        @tf.function
        def scaled(self, a):
            return a * self.w

        @staticmethod
        @tf.function
        def doubled(a):
            return a * 2.0

    one, other = Model(2.0), Model(3.0)
    assert [Model.scaled(m, x).numpy().tolist() for m in (one, other)] == [[2, 4], [3, 6]]
    assert [m.scaled(x).numpy().tolist() for m in (one, other)] == [[2, 4], [3, 6]]
    assert Model.scaled.trace_count == 2 and one.scaled.trace_count == 1
    assert one.doubled(x).numpy().tolist() == Model.doubled(x).numpy().tolist() == [2, 4]
    run = tf.function(lambda f, a: f(a))
    for _ in range(2):
        assert run(one.scaled, x).numpy().tolist() == [2, 4]
    assert run.trace_count == 1


@pytest.mark.parametrize(
    "options",
    [{"jit_compile": True}, {"reduce_retracing": True}, {"experimental_relax_shapes": True}, {"autograph": False}],
)
def test_tensorflows_options_are_taken(options):
    assert tf.function(**options)(lambda a: a + 1.0)(x).numpy().tolist() == [2, 3]
    assert tf.function(lambda a: a + 1.0, **options)(x).numpy().tolist() == [2, 3]


def spec(shape, dtype="float32"):
    return types.SimpleNamespace(shape=shape, dtype=dtype)


def test_an_input_signature_says_what_is_taken():
    @tf.function(input_signature=[spec([None, 2]), {"a": spec([])}])
    def f(a, b):
        return a * b["a"]

    assert f([[1, 2]], {"a": 3}).numpy().tolist() == [[3, 6]]
    assert f(tf.ones([4, 2]), {"a": 3.0}).shape == (4, 2)
    f([[1, 2]], {"a": 4})
    assert f.trace_count == 2
    for a, b in [(x, 1.0), (tf.ones([1, 3]), 1.0), (tf.ones([1, 2], "float64"), 1.0), ([[1, 2]], [1.0])]:
        with pytest.raises(ValueError, match="does not fit its input_signature"):
            f(a, {"a": b})
    with pytest.raises(ValueError, match="another nesting"):
        f(x)
    with pytest.raises(ValueError, match="another nesting"):
        f([[1, 2]], 1.0)


def test_an_input_signature_of_a_method_leaves_its_object_out():
    class Model:
        @tf.function(input_signature=[spec(None)])
        def doubled(self, a):
            return a * 2.0

    assert Model().doubled([1, 2]).numpy().tolist() == [2, 4]


def test_a_concrete_function_can_be_called_on_what_it_was_made_for():
    v = tf.Variable(1.0)

    @tf.function
    def f(a, scale=2.0):
        v.assign_add(1.0)
        return a * scale * v

    program = f.get_concrete_function(x)
    assert float(v) == 1
    assert program(x * 2.0).numpy().tolist() == [8, 16] and program(a=x, scale=2.0).numpy().tolist() == [6, 12]
    for args in [(tf.ones([3]),), (x, 3.0), (tf.ones([2], "float64"),)]:
        with pytest.raises(TypeError, match="program for other arguments.*Call f itself"):
            program(*args)
    with tf.GradientTape() as tape:
        y = program(x)
    assert float(tape.gradient(y, v)) == 6


def test_a_concrete_function_for_a_spec_takes_all_that_fits_it():
    twice = tf.function(lambda x, n=2: n * x)
    concrete = twice.get_concrete_function(tf.TensorSpec([None]))
    assert concrete(tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    assert [step.name for step in concrete.steps] == ["multiply"]
    assert twice.get_concrete_function(tf.TensorSpec(None, tf.int32), n=3)(tf.constant(5), n=3) == 15
    assert concrete(n=2, x=tf.constant([1.0])).numpy().tolist() == [2.0]
    for other in (tf.constant([[1.0]]), tf.constant([1])):
        with pytest.raises(ValueError, match=r"shape \(None,\) and dtype float32"):
            concrete(other)
        with pytest.raises(ValueError, match=r"shape \(None,\) and dtype float32"):
            concrete(n=2, x=other)


def test_a_concrete_function_without_arguments_is_the_one_of_the_input_signature():
    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None])])
        def total(self, x):
            return tf.reduce_sum(x)

    one = tf.function(lambda x: x + 1, input_signature=[tf.TensorSpec([], tf.int32)])
    assert one.get_concrete_function()(2) == 3
    model = Model()
    assert model.total.get_concrete_function()(tf.constant([1.0, 2.0])) == 3.0


def test_a_default_before_any_number_of_arguments_is_filled_in_only_where_it_is_missing():
    total = tf.function(lambda a, b=10, *rest: a + b + sum(rest))
    x = tf.constant(1)
    assert [int(total(x)), int(total(x, 2)), int(total(x, 2, 3)), int(total(x, 2, 3, 4))] == [11, 3, 6, 10]
