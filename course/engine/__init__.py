"""The engine: tensors, the operations on them, variables, and the tape. It imports NumPy and nothing else of `course`.

To read it in an evening, take the files in this order: recorder, tensor, operation, indexed_slices, variable, ops,
tape; then explain, jacobian, custom_gradient, nest and arguments.
"""
