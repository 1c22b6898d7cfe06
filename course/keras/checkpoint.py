"""Checkpoints: all that decides how training goes on, in one file.

The file is NumPy's .npz: a zip of arrays, one for each variable under its path in the model, such as
`variables/model/layers/0/kernel`, and with them the format's version and the state of the random numbers. There are no
pickled objects in it, so reading a file from a stranger runs none of their code.
"""

import contextlib
import io
import json
import os
import zipfile
from types import SimpleNamespace

import numpy as np

from course import random
from course.engine.variable import Variable
from course.keras.module import Module
from course.keras.optimizers import Optimizer

FORMAT = 1  # to be raised when the entries change their meaning, so that files of the other kind are recognised
VARIABLES = "variables/"  # begins the names of their entries


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
            dict of them. The names are part of the file.
    """

    def __init__(self, **objects):
        self._objects = objects

    def save(self, path):
        """Writes the file, or leaves the old one as it is if anything fails. Returns its path, which ends in .npz."""
        return _write(path, self._variables("save"), random=np.array(json.dumps(random.get_state())))

    def restore(self, path):
        """Sets everything to what the file holds, the random numbers too.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged or of another format, or its arrays do not fit, in which case the message names
                every difference. Then nothing has changed.
        """
        path, arrays, state = _read(path)
        if state is None:
            raise ValueError(f"{path} holds weights alone. Load them with model.load_weights(path).")
        variables = self._variables("restore")
        _compare(path, arrays, variables)
        random.set_state(state)
        for name, variable in variables.items():
            variable.assign(arrays[name])

    def _variables(self, method):
        """All variables, by their paths."""
        for name, part in self._objects.items():
            if not any(_walk(part)):
                raise ValueError(
                    f"{method}: {name} has no variables. If it is a model, call it on a batch first, or give it an "
                    f"Input: so it creates them."
                )
        # An optimizer that is named here goes by that name, also if a model was compiled with it.
        named_first = sorted(self._objects.items(), key=lambda item: not isinstance(item[1], Optimizer))
        variables, optimizers = _walk(dict(named_first))
        owners = {id(v): path for path, v in variables.items()}
        trainable = [v for part in self._objects.values() if isinstance(part, Module) for v in part.trainable_variables]
        for path, optimizer in optimizers.items():
            optimizer.build(trainable)  # with what its first step would start from
            variables |= _state(optimizer, path, owners)
        return variables


def save_weights(model, path):
    """Writes the variables of a model. Returns the file's path."""
    variables, _ = _walk(model)
    if not variables:
        raise ValueError(f"save_weights: {model.name} has no weights yet. Call it on a batch first.")
    return _write(path, variables)


def load_weights(model, path):
    """Sets the variables of a model from a file of `save_weights`; raises as `Checkpoint.restore`."""
    path, arrays, state = _read(path)
    if state is not None:
        raise ValueError(f"{path} is a whole checkpoint. Restore it with Checkpoint(model=model, …).restore(path).")
    variables, _ = _walk(model)
    _compare(path, arrays, variables)
    for name, variable in variables.items():
        variable.assign(arrays[name])


def _walk(part):
    """The variables and the optimizers within, each once, as two dicts by path: the names of attributes, keys of dicts
    and places in lists, joined by "/"."""
    variables, optimizers, visited = {}, {}, set()

    def visit(part, path):
        if id(part) in visited:
            return
        if isinstance(part, Variable):
            variables["/".join(path)] = part
        elif isinstance(part, Optimizer):
            optimizers["/".join(path)] = part
        elif isinstance(part, Module | SimpleNamespace | dict | list | tuple):
            parts = vars(part) if isinstance(part, Module | SimpleNamespace) else part
            for key, inner in parts.items() if isinstance(parts, dict) else enumerate(parts):
                # What `compile` made stands beside the layers: model/optimizer.
                visit(inner, path if isinstance(inner, SimpleNamespace) else (*path, str(key)))
        else:
            return
        visited.add(id(part))

    visit(part, ())
    return variables, optimizers


def _state(optimizer, path, owners):
    """An optimizer's variables by path: what it keeps for one of the model's variables under that one's path."""
    names = {}
    for number, (reference, slots) in enumerate(optimizer._state.items()):
        owner = owners.get(id(reference.deref()), f"variable {number}")
        names |= {id(variable): f"{path}/{owner}/{slot}" for slot, variable in slots.items()}
    return {names.get(id(v), f"{path}/{v._name}"): v for v in optimizer.variables}


def _with_suffix(path):
    path = os.fspath(path)
    return path if path.endswith(".npz") else path + ".npz"


def _write(path, variables, **entries):
    """Writes to a temporary file in the same folder, and renames it when it is complete and on the disk: whatever
    happens, `path` is the old file or the new one."""
    path = _with_suffix(path)
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"cannot save {path}: there is no folder {folder}. Make it first, with os.makedirs.")
    entries |= {"format": np.array(FORMAT)} | {VARIABLES + name: v._value for name, v in variables.items()}
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb") as file:
            np.savez(file, **entries)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return path


def _read(path):
    """The path, the arrays by variable, and the random numbers' state if there is one, of a file that is whole."""
    path = _with_suffix(path)
    with open(path, "rb") as file:
        content = io.BytesIO(file.read())
    try:
        with zipfile.ZipFile(content) as archive:
            # `read` compares a whole entry with its checksum, before anything in it is believed.
            files = {file.filename: archive.read(file) for file in archive.infolist()}
        entries = {
            name.removesuffix(".npy"): np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
            for name, data in files.items()
        }
        state = json.loads(str(entries["random"])) if "random" in entries else None
    except Exception as error:  # a damaged file can raise about anything
        raise ValueError(f"{path} is damaged or no checkpoint, and nothing was restored: {error!r}") from None
    version = entries.get("format", np.array(None))
    if version.dtype.kind not in "iu" or version.ndim:
        raise ValueError(f"{path} is no checkpoint: it does not say which format it has.")
    if version != FORMAT:
        age = "an older" if version < FORMAT else "a newer"
        raise ValueError(
            f"{path} has format {version}, that of {age} version of `course`, and this one reads format {FORMAT}. "
            f"Restore it with that version."
        )
    arrays = {name.removeprefix(VARIABLES): a for name, a in entries.items() if name not in ("format", "random")}
    return path, arrays, state


def _compare(path, arrays, variables):
    """Raises with all differences between the file and the variables, if there are any."""
    differences = [f"{name} is in the file only, of shape {arrays[name].shape}" for name in arrays.keys() - variables]
    differences += [f"{name} is not in the file" for name in variables.keys() - arrays]
    for name in variables.keys() & arrays:
        ours, theirs = variables[name], arrays[name]
        if theirs.shape != ours.shape or theirs.dtype != ours.dtype:
            differences.append(
                f"{name} has shape {theirs.shape} and dtype {theirs.dtype} in the file, and {ours.shape} and "
                f"{ours.dtype} here"
            )
    if differences:
        hint = "" if variables else " The model has no variables yet: call it on a batch first."
        listing = "".join(f"\n  {line}" for line in sorted(differences))
        raise ValueError(f"{path} does not fit, and nothing was restored:{listing}{hint}")
