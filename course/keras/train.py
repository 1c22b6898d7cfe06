"""What TensorFlow keeps under `tf.train`."""

import os
import re

from course.engine.arguments import integer
from course.keras.checkpoint import Checkpoint


class CheckpointManager:
    """Numbers the files of a `Checkpoint` in a folder, and keeps the newest.

    Args:
        checkpoint: the `Checkpoint`.
        directory: the folder; it is made where there is none.
        max_to_keep: how many files to keep, at least 1; None keeps all.
        checkpoint_name: what the files are called: ckpt-1.npz, ckpt-2.npz, …
    """

    def __init__(self, checkpoint, directory, max_to_keep, checkpoint_name="ckpt"):
        what = "CheckpointManager: max_to_keep, unless it is None for all,"
        self.max_to_keep = None if max_to_keep is None else integer(what, max_to_keep)
        self.checkpoint, self.directory, self._name = checkpoint, os.fspath(directory), checkpoint_name

    @property
    def checkpoints(self):
        """The paths of the files, the oldest first."""
        return [path for _, path in _numbered(self.directory, self._name)]

    @property
    def latest_checkpoint(self):
        """The path of the newest file, or None."""
        return self.checkpoints[-1] if self.checkpoints else None

    def save(self, checkpoint_number=None):
        """Writes the next file, and then removes the oldest beyond `max_to_keep`. Returns the new file's path."""
        if checkpoint_number is None:
            checkpoint_number = max((n for n, _ in _numbered(self.directory, self._name)), default=0) + 1
        path = self.checkpoint.save(os.path.join(self.directory, f"{self._name}-{int(checkpoint_number)}.npz"))
        for old in self.checkpoints[: -self.max_to_keep] if self.max_to_keep else ():
            os.remove(old)
        return path


def latest_checkpoint(checkpoint_dir):
    """The path of the file with the highest number in a folder of `CheckpointManager`, or None."""
    return max(_numbered(checkpoint_dir), default=(0, None))[1]


def _numbered(directory, name=None):
    """Pairs of a number and a path, in the order of the numbers: of the files with this name, or of all."""
    name = ".*" if name is None else re.escape(name)
    names = os.listdir(directory) if os.path.isdir(directory) else ()
    matches = [(re.fullmatch(rf"{name}-(\d+)\.npz", file), os.path.join(directory, file)) for file in names]
    return sorted((int(match[1]), path) for match, path in matches if match)
