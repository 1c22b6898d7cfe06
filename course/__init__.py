"""Training from first principles, on NumPy alone.

`import course as tf` runs beginners' TensorFlow 2 code: names, signatures and behaviour are TensorFlow's, and
docs/differences.md lists where they differ on purpose. To read it, begin with `course/engine/`, an evening's reading,
whose `__init__.py` gives the order.
"""

import sys as _sys

import numpy as _np

from course import data, environment, errors, keras, linalg, math, nn, protocols, random
from course.composed import (
    argsort,
    boolean_mask,
    clip_by_global_norm,
    clip_by_norm,
    eye,
    gather_nd,
    linspace,
    meshgrid,
    one_hot,
    ones,
    ones_like,
    pad,
    range_ as range,
    rank,
    reverse,
    scatter_nd,
    shape,
    size,
    slice_ as slice,
    sort,
    split,
    tile,
    unstack,
    zeros,
    zeros_like,
)
from course.engine import nest
from course.engine.custom_gradient import custom_gradient
from course.engine.indexed_slices import IndexedSlices
from course.engine.jacobian import UnconnectedGradients
from course.engine.operation import cast, convert_to_tensor, identity, stop_gradient
from course.engine.ops import (
    broadcast_to,
    clip_by_value,
    concat,
    expand_dims,
    fill,
    gather,
    reshape,
    squeeze,
    stack,
    transpose,
    where,
)
from course.engine.tape import GradientTape
from course.engine.tensor import (
    Tensor,
    TensorShape,
    as_dtype,
    bool_ as bool,
    constant,
    float16,
    float32,
    float64,
    int32,
    int64,
    is_tensor,
    uint8,
)
from course.engine.variable import Variable
from course.environment import (
    TensorSpec,
    __version__,
    device,
    executing_eagerly,
    print_ as print,
    timestamp,
)
from course.keras import (
    activations,
    callbacks,
    checkpoint,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    train,
)
from course.keras.module import Module
from course.linalg import einsum, norm, tensordot
from course.math import *  # noqa: F403
from course.missing import help_with as _help_with
from course.nn import (
    elu,
    embedding_lookup,
    gelu,
    l2_loss,
    leaky_relu,
    log_softmax,
    moments,
    relu,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
)
from course.tracing.function import function

# What lives in a room of its own goes on being found here: `from course.optimizers import Adam`.
for _module in (
    activations, callbacks, checkpoint, initializers, layers, losses, metrics, models, optimizers, train,
):  # fmt: skip
    _sys.modules[_module.__name__.replace("keras.", "")] = _module

matmul = linalg.matmul
newaxis = None
double, half = float64, float16
int8, int16, uint16, uint32, uint64 = map(as_dtype, ("int8", "int16", "uint16", "uint32", "uint64"))
constant_initializer = initializers.Constant
ones_initializer, zeros_initializer = initializers.Ones, initializers.Zeros
random_normal_initializer, random_uniform_initializer = initializers.RandomNormal, initializers.RandomUniform

_rooms = [_module for _name, _module in _sys.modules.items() if _name.startswith("course.keras")]
for _module in [_sys.modules[__name__], data, errors, linalg, math, nn, random, *_rooms]:
    _help_with(_module)

# glibc returns large freed blocks to the kernel until it has seen one of nearly this size freed; then it keeps them,
# and arrays of 100 kB and more no longer cost a page fault for every 4 KiB at each step. Since nothing is written to
# this one, it takes no memory.
_MOST_THAT_GLIBC_KEEPS = 2**25  # bytes, on machines of 64 bits
_np.empty(_MOST_THAT_GLIBC_KEEPS - 2**16, _np.uint8)
