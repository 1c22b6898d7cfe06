"""What TensorFlow keeps under `tf.train`."""

from course.keras.checkpoint import Checkpoint
