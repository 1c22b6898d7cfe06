"""Jacobians, Hessians and Hessian-vector products, written for this package or TensorFlow as `tf`."""

import numpy as np


def jacobian_of_a_layer(tf):
    w, b, x = tf.Variable([[1.0, -2.0, 0.5], [0.3, 0.8, -1.0]]), tf.Variable([0.1, 0.2, 0.3]), tf.constant([[1.0, 2.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.tanh(x @ w + b)
    return tape.jacobian(y, [w, b, x])


def jacobian_of_a_scalar(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x**3
    return [tape.jacobian(y, x)]


def jacobian_with_zeros(tf):
    x, unused = tf.Variable([1.0, 2.0]), tf.Variable([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        y = tf.stack([x[0] * x[1], x[0]])
    return tape.jacobian(y, [x, unused], unconnected_gradients=tf.UnconnectedGradients.ZERO)


def jacobian_of_a_gather(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.square(tf.gather(table, [2, 0, 2]))
    return [tape.jacobian(y, table)]


def jacobian_of_an_empty_target(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x[2:] * 2.0
    return [tape.jacobian(y, x)]


def batch_jacobian(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    w = tf.constant([[1.0, -1.0, 2.0], [0.5, 3.0, 1.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x @ w)
    return [tape.batch_jacobian(y, x)]


def batch_jacobian_of_higher_rank(tf):
    x = tf.constant(np.arange(12.0).reshape(2, 3, 2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x**2, axis=1) * 0.5
    return [tape.batch_jacobian(y, x)]


def batch_jacobian_unconnected(tf):
    x, other = tf.constant([[1.0, 2.0]]), tf.constant([[3.0]])
    with tf.GradientTape() as tape:
        tape.watch([x, other])
        y = x * x
    return [tape.batch_jacobian(y, other)]


def rosenbrock(x):
    return (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2


def hessian(tf):
    x = tf.Variable([0.5, -1.5])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = rosenbrock(x)
        gradient = inner.gradient(y, x)
    return [gradient, outer.jacobian(gradient, x)]


def hessian_of_a_network(tf):
    x, t = tf.constant([[0.5, -1.0], [2.0, 1.0], [0.1, 0.2]]), tf.constant([[1.0], [0.0], [1.0]])
    w1, w2 = tf.Variable([[0.3, -0.6], [0.9, 0.2]]), tf.Variable([[0.7], [-0.4]])
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            logits = tf.tanh(x @ w1) @ w2
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=logits))
        g1, g2 = inner.gradient(loss, [w1, w2])
    return [g1, g2, *outer.jacobian(g1, [w1, w2]), *outer.jacobian(g2, [w1, w2])]


def hessian_vector_product(tf):
    x, v = tf.Variable([0.5, -1.5]), tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = rosenbrock(x)
        product = tf.reduce_sum(inner.gradient(y, x) * v)
    return [outer.gradient(product, x)]


def hessian_vector_product_by_output_gradients(tf):
    x, v = tf.Variable([0.5, -1.5]), tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = rosenbrock(x)
        gradient = inner.gradient(y, x)
    return [outer.gradient(gradient, x, output_gradients=v)]


def third_derivative(tf):
    x = tf.Variable([0.5, 1.0])
    with tf.GradientTape() as third:
        with tf.GradientTape() as second:
            with tf.GradientTape() as first:
                y = tf.sin(x) * tf.exp(x)
            d1 = first.gradient(y, x)
        d2 = second.gradient(d1, x)
    return [d1, d2, third.gradient(d2, x)]


CASES = {
    function.__name__.replace("_", " "): function
    for function in (
        jacobian_of_a_layer,
        jacobian_of_a_scalar,
        jacobian_with_zeros,
        jacobian_of_a_gather,
        jacobian_of_an_empty_target,
        batch_jacobian,
        batch_jacobian_of_higher_rank,
        batch_jacobian_unconnected,
        hessian,
        hessian_of_a_network,
        hessian_vector_product,
        hessian_vector_product_by_output_gradients,
        third_derivative,
    )
}
