"""Modules find their variables and submodules wherever they are kept."""

import course as tf


class Dense(tf.Module):
    def __init__(self, n, name=None):
        super().__init__(name=name)
        self.w = tf.Variable(tf.zeros((n, n)), name="w")
        self.b = tf.Variable(tf.zeros((n,)), name="b", trainable=False)


class Network(tf.Module):
    def __init__(self):
        super().__init__()
        self.layers = [Dense(2), {"deep": (Dense(3),)}]
        self.scale = tf.Variable(1.0)
        self.again = self.layers[0]
        self.settings = {1: "one", "rate": 0.1}


def test_variables_are_found_within_lists_tuples_and_dicts_each_once_and_in_a_fixed_order():
    net = Network()
    first, deep = net.layers[0], net.layers[1]["deep"][0]
    expected = [net.scale, first.b, first.w, deep.b, deep.w]
    assert [id(v) for v in net.variables] == [id(v) for v in expected]
    assert isinstance(net.variables, tuple)


def test_trainable_variables_are_those_that_training_changes():
    net = Network()
    assert [v.name for v in net.trainable_variables] == ["Variable:0", "w:0", "w:0"]
    assert [v.name for v in net.non_trainable_variables] == ["b:0", "b:0"]


def test_submodules_are_found_at_any_depth_and_a_cycle_ends():
    net = Network()
    net.layers[0].parent = net
    assert [type(m) for m in net.submodules] == [Dense, Dense]
    assert len(net.variables) == 5


def test_names_default_to_the_class():
    assert Dense(1).name == "dense" and Dense(1, name="first").name == "first"


def test_a_subclass_need_not_call_init():
    class Line(tf.Module):
        def __init__(self):
            self.w = tf.Variable(5.0)

        def __call__(self, x):
            return self.w * x

    line = Line()
    assert line.name == "line" and float(line(3.0)) == 15.0 and len(line.trainable_variables) == 1


def test_variables_added_and_removed_later_are_noticed():
    net = Dense(1)
    net.extra = tf.Variable(1.0)
    assert len(net.variables) == 3
    del net.extra
    assert len(net.variables) == 2
