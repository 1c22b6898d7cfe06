"""What TensorFlow keeps under `tf.train`."""

from course.checkpoint import Checkpoint
