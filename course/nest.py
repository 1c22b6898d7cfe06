"""Nested lists, tuples and dicts of tensors, as `tf.nest` handles them."""


def flatten(structure):
    """The leaves, as a list; a dict's in the order of its sorted keys."""
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def pack_sequence_as(structure, flat_sequence):
    """The leaves in `flat_sequence` in the nesting of `structure`: the inverse of `flatten`."""
    leaves = iter(flat_sequence)

    def pack(part):
        if isinstance(part, dict):
            packed = {key: pack(part[key]) for key in sorted(part)}
            return type(part)((key, packed[key]) for key in part)
        if isinstance(part, (list, tuple)):
            parts = [pack(p) for p in part]
            return type(part)(*parts) if hasattr(part, "_fields") else type(part)(parts)
        return next(leaves)

    return pack(structure)


def map_structure(function, structure):
    """`function` of every leaf, in the same nesting."""
    return pack_sequence_as(structure, [function(leaf) for leaf in flatten(structure)])
