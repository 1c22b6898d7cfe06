"""Checkpoints: all that decides how training goes on, in one file.

The file is NumPy's .npz: a zip of arrays, one for each variable under its path in the model, such as
`variables/model/layers/0/kernel`, and with them the format's version and the state of the random numbers. There are no
pickled objects in it, so reading a file from a stranger runs none of their code.
"""

import contextlib
import glob
import importlib
import io
import json
import math
import os
from types import SimpleNamespace

import numpy as np

from course import random
from course.engine.variable import Variable
from course.keras.module import Module, walk
from course.keras.optimizers import Optimizer

try:
    import fcntl

    fcntl.flock  # noqa: B018
except (ImportError, AttributeError):  # on Windows, and in a browser
    fcntl = None

FORMAT = 1  # to be raised when the entries change their meaning, so that files of the other kind are recognised
VARIABLES = "variables/"  # begins the names of their entries
LARGEST_STATE = 2**24  # bytes of the random numbers' state; it has a few thousand for each generator
LISTED = 40  # differences that a message names


class Checkpoint:
    """Models, optimizers and variables, to be saved and restored together, with the state of `course.random`.

        checkpoint = Checkpoint(model=model, optimizer=optimizer)
        path = checkpoint.save("run.npz")
        checkpoint.restore(path)

    A run that is restored goes on as it would have without a stop, bit for bit. Unlike TensorFlow's, `save` writes to
    the path that it is given, without a number, and `restore` needs variables to restore into: call a new model once,
    or give it an `Input`, before.

    Args:
        objects: by name, what to save: a `Module` (so any layer or model), an `Optimizer`, a `Variable`, or a list or
            dict of them. The names are part of the file. They are attributes, and can be set later too.

    Raises:
        AttributeError: a name that the checkpoint needs itself, such as "save".
    """

    def __init__(self, *unnamed, **objects):
        if unnamed:
            raise TypeError("Checkpoint: give each object a name, as in Checkpoint(model=model, optimizer=optimizer).")
        for name, part in objects.items():
            setattr(self, name, part)

    def __setattr__(self, name, part):
        if hasattr(type(self), name):
            raise AttributeError(f"Checkpoint: {name!r} is the name of something of its own. Choose another one.")
        super().__setattr__(name, part)

    def save(self, path):
        """Writes the file, or leaves the old one as it is if anything fails. Makes the folder where there is none.

        Returns:
            The file's path, which ends in .npz.

        Raises:
            ValueError: there is nothing to save, an object has no variables, or two would be saved under one name.
        """
        return _write(path, self._variables("save"), random=np.array(json.dumps(random.get_state())))

    def restore(self, path):
        """Sets everything to what the file holds, the random numbers too.

        Of an object that the file has and this checkpoint does not, nothing is read: a model alone can be restored from
        a file of model and optimizer. Of the objects here the file must have everything, and nothing more.

        Returns:
            A `RestoreStatus`, which knows what was left.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged or of another format, or its arrays do not fit, in which case the message names
                every difference. Then nothing has changed.
        """
        return RestoreStatus(path, _restore(path, lambda: self._variables("restore"), tuple(vars(self))))

    def _variables(self, method):
        """All variables, by their paths."""
        objects = vars(self)
        if not objects:
            raise ValueError(f"{method}: the checkpoint has no objects. Name some: Checkpoint(model=model).")
        for name, part in objects.items():
            if not any(_collect([part])):
                raise ValueError(
                    f"{method}: {name} has no variables. If it is a model, call it on a batch first, or give it an "
                    f"Input: so it creates them."
                )
        # An optimizer that is named here is met first, and goes by that name, also if a model was compiled with it.
        variables, optimizers = _collect(objects)
        owners = {id(v): _joined(path) for path, v in variables}
        trainable = [v for part in objects.values() if isinstance(part, Module) for v in part.trainable_variables]
        for path, optimizer in optimizers:
            optimizer.build(trainable)  # with what its first step would start from
            variables += _state(optimizer, path, owners)
        return _named(variables)


class RestoreStatus:
    """What `Checkpoint.restore` returns. Everything that the checkpoint holds has been restored by then."""

    def __init__(self, path, unread):
        self._path, self._unread = path, unread

    def assert_consumed(self):
        """Raises an AssertionError if the file holds objects that the checkpoint does not. Returns the status."""
        if self._unread:
            raise AssertionError(f"{self._path} holds more than was restored: {', '.join(_few(self._unread))}.")
        return self

    def __repr__(self):
        return f"<restored from {self._path}{', but for ' if self._unread else ''}{', '.join(_few(self._unread))}>"

    def assert_existing_objects_matched(self):
        """Always true here, since `restore` raises otherwise. Returns the status."""
        return self

    def expect_partial(self):
        """Says that it is all right if the file holds more. Returns the status."""
        return self


def save_weights(model, path):
    """Writes the variables of a model. Returns the file's path."""
    variables = _named(_collect(model)[0])
    if not variables:
        raise ValueError(f"save_weights: {model.name} has no weights yet. Call it on a batch first.")
    return _write(path, variables)


def load_weights(model, path):
    """Sets the variables of a model from a file of `save_weights`; raises as `Checkpoint.restore`."""
    _restore(path, lambda: _named(_collect(model)[0]))


def _collect(root):
    """The variables and the optimizers within, each once, as two lists of pairs (path, object). A path is a tuple: the
    names of attributes, keys of dicts and places in lists."""
    found = {}
    for _, _, leaves in walk(root):
        for path, leaf in leaves:
            if isinstance(leaf, SimpleNamespace):  # what `compile` made: its optimizer stands beside the layers
                path, leaf = (*path[:-1], "optimizer"), leaf.optimizer
            found.setdefault(id(leaf), (path, leaf))
    return [[pair for pair in found.values() if isinstance(pair[1], kind)] for kind in (Variable, Optimizer)]


def _state(optimizer, path, owners):
    """An optimizer's variables by path: what it keeps for one of the model's variables under that one's path."""
    paths = {}
    for number, (reference, slots) in enumerate(optimizer._state.items()):
        owner = owners.get(id(reference.deref()), f"variable {number}")
        paths |= {id(variable): (*path, owner, slot) for slot, variable in slots.items()}
    return [(paths.get(id(v), (*path, v._name)), v) for v in optimizer.variables]


def _joined(path):
    return "/".join(map(str, path))


def _named(pairs):
    """The variables by the names of their entries, which no two may share."""
    paths, variables = {}, {}
    for path, variable in pairs:
        name = _joined(path)
        if name in variables:
            raise ValueError(
                f"two variables would be saved as {name!r}, those at {paths[name]} and {path}: 1 and '1' are one name "
                f"in a file, and '/' parts names. Give one of them another key."
            )
        paths[name], variables[name] = path, variable
    return variables


def _with_suffix(path):
    if not isinstance(path, str | os.PathLike) or not os.path.basename(path):
        raise ValueError(f"a checkpoint's path ends in the name of a file, such as 'runs/first', and is not {path!r}.")
    path = os.fspath(path)
    return path if path.endswith(".npz") else path + ".npz"


def _write(path, variables, **entries):
    """Writes to a temporary file in the same folder, and renames it when it is complete and on the disk: whatever
    happens, `path` is the old file or the new one."""
    path = _with_suffix(path)
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    _sweep(path)
    entries |= {"format": np.array(FORMAT)} | {VARIABLES + name: v._value for name, v in variables.items()}
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb") as file:
            _lock(file)
            np.savez(file, **entries)
            file.flush()
            os.fsync(file.fileno())
            if fcntl:  # while it is locked, so that nobody sweeps it away; Windows renames closed files only
                os.replace(temporary, path)
        if not fcntl:
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return path


def _sweep(path):
    """Removes what saves that were killed left behind: temporary files that are begun, and that nobody has locked."""
    for left in glob.glob(f"{glob.escape(path)}.{'[0-9a-f]' * 8}.tmp") if fcntl else ():
        with contextlib.suppress(OSError), open(left, "rb") as file:
            if file.read(1):
                _lock(file)
                os.unlink(left)


def _lock(file):
    """Locks the file until it is closed, where the system can; an OSError, if another has locked it. A lock ends with
    its process, however that ends."""
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _restore(path, variables, objects=None):
    """Sets what `variables()` gives to what a file holds, and the random numbers where it is a checkpoint, of `objects`
    by name; None for a file of weights alone. Returns the names of entries that belong to no such object."""
    path = _with_suffix(path)
    with open(path, "rb") as file:
        read = _read(path, file, variables, objects)
    if objects is not None:
        random.set_state(read.state)
    for variable, array in read.values:
        variable.assign(array)
    return read.unread


def _read(path, file, variables, objects):
    """The variables with their arrays, the random numbers' state and the entries to be left, if all is as it must be.

    Sizes are read first, and compared: of what does not fit, or claims to be larger than the file, nothing more is.
    """
    with _refusing(path):
        zipfile = importlib.import_module("zipfile")  # here: it would take a third of the time to import `course`
        archive = zipfile.ZipFile(file)
        infos = archive.infolist()
        entries = {info.filename.removesuffix(".npy"): info for info in infos}
        if len(entries) != len(infos) or any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            raise ValueError("an entry is there twice, or compressed")
        described = {name: _described(archive, info) for name, info in entries.items()}
        version = _array(archive, entries["format"], 8) if "format" in entries else np.array(None)
    if version.dtype.kind not in "iu" or version.ndim:
        raise ValueError(f"{path} is no checkpoint: it does not say which format it has.")
    if version != FORMAT:
        age = "an older" if version < FORMAT else "a newer"
        raise ValueError(
            f"{path} has format {version}, that of {age} version of `course`, and this one reads format {FORMAT}. "
            f"Restore it with that version."
        )
    if (objects is None) != ("random" not in entries):
        raise ValueError(
            f"{path} is a whole checkpoint. Restore it with Checkpoint(model=model, …).restore(path)."
            if objects is None
            else f"{path} holds weights alone. Load them with model.load_weights(path)."
        )
    there = {name.removeprefix(VARIABLES): about for name, about in described.items() if name not in _OURS}
    unread = [name for name in there if objects and not any(f"{name}/".startswith(f"{o}/") for o in objects)]
    variables = variables()
    _compare(path, {name: about for name, about in there.items() if name not in unread}, variables)
    with _refusing(path):
        values = [(variable, _array(archive, entries[VARIABLES + name])) for name, variable in variables.items()]
        state = json.loads(str(_array(archive, entries["random"], LARGEST_STATE))) if objects is not None else None
    return SimpleNamespace(values=values, state=state, unread=unread)


_OURS = ("format", "random")  # the entries that hold no variable


@contextlib.contextmanager
def _refusing(path):
    """Turns what reading a damaged file raises, which can be about anything, into one error."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"{path} is damaged or no checkpoint, and nothing was restored: {error!r}") from None


def _described(archive, info):
    """The shape and the dtype of an entry, from its first bytes."""
    with archive.open(info) as entry:
        version = np.lib.format.read_magic(entry)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(entry)
        if dtype.hasobject:
            raise ValueError(f"{info.filename} holds objects, not numbers")
        if info.file_size != entry.tell() + math.prod(shape) * dtype.itemsize:
            raise ValueError(f"{info.filename} has {info.file_size} bytes, not those of shape {shape}, dtype {dtype}")
    return SimpleNamespace(shape=shape, dtype=dtype)


def _array(archive, info, largest=math.inf):
    """An entry's array; `read` compares the whole of it with its checksum, before anything in it is believed."""
    if info.file_size > largest + 2**14:
        raise ValueError(f"{info.filename} has {info.file_size} bytes")
    return np.lib.format.read_array(io.BytesIO(archive.read(info)), allow_pickle=False)


def _compare(path, there, variables):
    """Raises with the differences between a file's entries and the variables, if there are any."""
    differences = [f"{name} is in the file only, of shape {there[name].shape}" for name in there.keys() - variables]
    differences += [f"{name} is not in the file" for name in variables.keys() - there]
    for name in variables.keys() & there:
        ours, theirs = variables[name], there[name]
        if theirs.shape != ours.shape or theirs.dtype != ours.dtype:
            differences.append(
                f"{name} has shape {theirs.shape} and dtype {theirs.dtype} in the file, and {ours.shape} and "
                f"{ours.dtype} here"
            )
    if differences:
        hint = "" if variables else " The model has no variables yet: call it on a batch first."
        listing = "".join(f"\n  {line}" for line in _few(sorted(differences)))
        raise ValueError(f"{path} does not fit, and nothing was restored:{listing}{hint}")


def _few(names):
    """The first of many."""
    return names if len(names) <= LISTED else [*names[:LISTED], f"and {len(names) - LISTED} more"]
