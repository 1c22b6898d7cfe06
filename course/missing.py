"""What to say to somebody who asks for a name of TensorFlow that the course does not have: one table, and
`help_with`, which the package calls for each public module.
"""

import importlib
import opcode
import re
import sys

import numpy as np

# Patterns of dotted names, without "tf.", and what to do instead. The first that fits counts.
ADVICE = {
    r"keras\.datasets(\..*)?|keras\.utils\.get_file":
        "Keras downloads its data; the course's come with it: from course import datasets, then datasets.digits(), "
        "datasets.penguins() or datasets.line(). NumPy arrays of your own work as well.",
    r"cond|case|switch_case": "Write Python's `if`, which runs as it stands; in a traced function, "
        "where(condition, x, y) computes both and chooses.",
    r"while_loop|scan|foldl|foldr|map_fn|vectorized_map": "Write a Python loop. Tapes record it, and a traced "
        "function unrolls it; stack(list) makes one tensor of the results.",
    r"TensorArray": "Append to a Python list, and make one tensor of it in the end: stack(list).",
    r"(keras\.layers\.)?(.*conv.*|.*pool.*|.*Conv.*|.*Pool.*|UpSampling.*|ZeroPadding.*|Cropping.*|.*dilation2d|"
    r".*erosion2d|.*depth_to_space|.*space_to_(depth|batch).*|batch_to_space|extract_volume.*|nn\.lrn|"
    r"nn\.local_response_normalization)": "Convolutions and pooling are out of scope: on NumPy alone they would be "
        "slow, and their idea, a Dense layer on patches, needs no name of its own. Flatten the images for Dense.",
    r"keras\.layers\.(.*RNN.*|.*LSTM.*|.*GRU.*|Bidirectional|TimeDistributed|RepeatVector|Masking|.*Attention|"
    r"EinsumDense)|nn\.RNN.*|nn\.ctc.*|nn\.collapse_repeated": "Recurrent layers and attention are out of scope. What "
        "they are made of is here: Dense, Embedding, softmax, einsum and a Python loop over time.",
    r"keras\.layers\.(Random.*|AugMix|AutoContrast|CutMix|MixUp|CenterCrop|Resizing|Rescaling|Solarization|"
    r"Equalization|RandAugment|ContrastLimited.*|MelSpectrogram|STFT.*|MaxNum.*|Pipeline)":
        "Layers that prepare images and sounds are out of scope. Prepare the arrays with NumPy, or in Dataset.map.",
    r"keras\.layers\.(TextVectorization|StringLookup|IntegerLookup|Hash.*|CategoryEncoding|Discretization)":
        "Tensors hold numbers, no text. Number the words with a Python dict, and look the numbers up in an Embedding.",
    r"keras\.layers\.(Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply|Subtract|add|average|concatenate|dot|maximum|"
    r"minimum|multiply|subtract)|keras\.(KerasTensor|Function|InputSpec)": "Layers that join several inputs belong to "
        "the functional API, which is out of scope. Derive a Model, and write its `call`: x + y, concat([x, y], -1).",
    r"keras\.layers\.(Permute|Identity|LeakyReLU|ELU|PReLU|ThresholdedReLU)": "Use a Lambda layer, such as "
        "Lambda(lambda x: tf.nn.leaky_relu(x)).",
    r"keras\.models\.(load_model|save_model|model_from_.*|clone_model)|saved_model(\..*)?|keras\.export":
        "Programs are not saved, weights are: make the model with your code, then model.save_weights(path) and "
        "model.load_weights(path), or train.Checkpoint for the whole state of a run.",
    r"keras\.(applications|preprocessing|wrappers|legacy|ops|tree|distillation|distribution|quantizers|random|"
    r"visualization|mixed_precision|dtype_policies|.*Policy|Quantizer|.*Scope|remat|config|constraints)(\..*)?":
        "This part of Keras is out of scope.",
    r"compat(\..*)?|Graph|Session|placeholder|get_variable|global_variables_initializer|contrib|app|flags|"
    r"gradients|control_dependencies|init_scope|graph_util|import_graph_def":
        "That is TensorFlow 1's way. In TensorFlow 2, and here, operations run at once: make Variables, compute, "
        "and take gradients with a GradientTape.",
    r"(.*\.)?(RaggedTensor.*|SparseTensor.*|ragged.*|sparse|sparse\..*|.*_sparse)": "Ragged and sparse tensors are out "
        "of scope: all rows of a tensor are equally long. Rows of gradients are sparse: see IndexedSlices.",
    r"strings?(\..*)?|as_string|io(\..*)?|image(\..*)?|audio(\..*)?|signal(\..*)?|lookup(\..*)?|sets(\..*)?|"
    r"data\.(TFRecord|TextLine|FixedLength).*|train\.(.*List|Features?|.*Example|FeatureLists)": "Text, files, images "
        "and sound are out of scope. Read them with Python into NumPy arrays.",
    r"distribute(\..*)?|tpu|dtensor|train\.(Cluster.*|Coordinator|Server.*|JobDef)|config(\..*)?|autograph(\..*)?|lite|"
    r"xla|mlir|profiler|summary(\..*)?|quantization|raw_ops|queue|feature_column|estimator|.*Spec|quint.*|qint.*|"
    r"resource|variant|load_.*library|sysconfig|test|tools|types|version|security|experimental|.*\.experimental":
        "This part of TensorFlow is out of scope: the course runs on one machine's NumPy, eagerly or traced by "
        "`function`. Chapter 12 shows training on several machines.",
    r"complex.*|(math\.)?(angle|conj|imag|real)|.*fft.*":
        "Complex numbers are out of scope: tensors hold real numbers.",
    r"linalg\.(eig.*|svd|qr|cholesky.*|lstsq|pinv|solve|.*_solve|matrix_rank|expm|logm|sqrtm|slogdet|logdet|lu.*)|"
    r"linalg\.LinearOperator.*|matrix_square_root|eig.*": "There is no gradient rule for it here. Outside of a tape "
        "use NumPy: np.linalg on tensor.numpy().",
    r"random\.(stateless.*|Generator|get_global_generator|.*rng.*|split|fold_in|categorical|gamma|poisson|.*sampler)":
        "Draw with random.normal or random.uniform, which set_seed makes repeatable; or with NumPy's generators, "
        "outside of traced functions.",
    r"(nn\.)?(.*candidate_sampler|nce_loss|sampled_softmax_loss)": "Sampled losses are out of scope.",
    r"(debugging\.)?assert_.*|Assert|debugging(\..*)?|check_pinned": "Write Python's `assert`, or raise an error.",
    r"(math\.)?a(sin|cos|tan)h": "Write it with log and sqrt: asinh x is log(x + sqrt(x² + 1)).",
    r"(identity|shape)_n|no_gradient|tuple|group|no_op": "Python does it: a list comprehension, or nothing at all.",
    r"keras\.initializers\.[iI]dentity.*": "A function serves: lambda shape, dtype: tf.eye(*shape, dtype=dtype).",
    r"bfloat16": "NumPy has no bfloat16: use float16 or float32.",
    r"(numpy|py)_function": "Call the function: operations run at once. What it computes in NumPy is not recorded.",
}  # fmt: skip

# What to say of the other names of a module.
OTHERWISE = {
    "keras.callbacks": "Derive a class from keras.callbacks.Callback: its methods on_epoch_end(epoch, logs) and "
    "the like are a few lines.",
    "keras.optimizers.schedules": "A schedule is a function of the step: derive a class from "
    "LearningRateSchedule with a method __call__(step).",
    "keras.optimizers": "Here are SGD, Adagrad, RMSprop, Adam and AdamW; chapter 6 shows how to write another, "
    "in a few lines on Optimizer.",
    "keras.metrics": "Derive a class from keras.metrics.Metric, or give compile a function of y_true and y_pred.",
    "keras.losses": "A loss is a function of y_true and y_pred that returns one for each example; write yours, "
    "and give it to compile or to a training loop.",
    "keras.layers": "Derive a class from keras.layers.Layer: build(input_shape) makes weights, call(inputs) computes.",
    "keras.initializers": "Any function of a shape and a dtype that returns a tensor serves as an initializer.",
    "keras.activations": "Any function of a tensor serves as an activation.",
    "keras.regularizers": "Any function of a variable that returns a scalar serves as a regularizer.",
    "keras.backend": "Use the operation itself: tf.reduce_mean for K.mean, variable.assign for K.set_value.",
    "keras.utils": "This part of Keras is out of scope.",
    "errors": "The exceptions here are Python's own: ValueError, TypeError, IndexError and RuntimeError.",
    "data": "See dir(tf.data.Dataset) for what datasets do here.",
    "train": "Here are Checkpoint, CheckpointManager and latest_checkpoint; np.load reads their files.",
    "nn": "Compose it of the operations that are there: gradients follow by themselves.",
}

PLACES = ("", "math", "nn", "linalg", "random", "data", "keras", "keras.layers", "keras.losses", "keras.metrics",
          "keras.optimizers", "keras.models", "keras.callbacks", "keras.activations", "keras.utils",
          "train")  # fmt: skip


def help_with(module):
    """Gives a public module the `__getattr__` that Python calls for a name which the module lacks: it raises an
    AttributeError that says what to do instead."""

    def __getattr__(name):
        if name.startswith("_"):
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        asking = sys._getframe(1)
        imports = asking.f_code.co_code[asking.f_lasti] == opcode.opmap["IMPORT_FROM"]
        # `from course.keras.layers import Conv2D` would replace an AttributeError by one without these words.
        raise (ImportError if imports else AttributeError)(words(module.__name__, name))

    module.__getattr__ = __getattr__


def words(module, name):
    """What is missing, as a learner wrote it, and what to do instead."""
    home = module.partition(".")[2].replace("keras.train", "train")
    path = f"{home}.{name}" if home else name
    start = f"the course has no tf.{path}. "
    for pattern, advice in ADVICE.items():
        if re.fullmatch(pattern, path):
            return start + advice
    for place in PLACES:
        if name in vars(sys.modules.get(f"course.{place}".rstrip("."), object)) and place != home:
            return f"{start}It is {f'tf.{place}.{name}'.replace('..', '.')}."
    found = vars(sys.modules[module])
    known = [n for n in found if n[0] != "_" and (not home or getattr(found[n], "__module__", module) == module)]
    difflib = importlib.import_module("difflib")  # only a slip needs it
    near = difflib.get_close_matches(name, known, 1, 0.75)
    if near:
        start += f"Did you mean tf.{f'{home}.' if home else ''}{near[0]}? "
        return (start + OTHERWISE.get(home, "")).strip()
    if hasattr(np, name):
        return f"{start}NumPy has np.{name}: use it on tensor.numpy(), where no gradient should pass."
    return start + OTHERWISE.get(home, "Compose it of the operations that are there; README says what is out of scope.")
