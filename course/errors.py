"""What TensorFlow keeps under `tf.errors`: names for Python's own exceptions, for use after `except`.

The package raises ValueError, TypeError, IndexError and RuntimeError, whose messages say what to do.
"""

OpError = Exception
InvalidArgumentError = (ValueError, IndexError)
OutOfRangeError = (StopIteration, IndexError)
NotFoundError = FileNotFoundError
