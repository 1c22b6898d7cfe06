"""Nested lists, tuples and dicts of tensors, as `tf.nest` handles them."""

import copy

NESTED = (list, tuple, dict)


def flatten(structure):
    """The leaves, as a list; a dict's in the order of its `keys`."""
    if not isinstance(structure, NESTED):
        return [structure]
    leaves = []
    for part in _parts(structure):
        if isinstance(part, NESTED):
            leaves += flatten(part)
        else:
            leaves.append(part)
    return leaves


def pack_sequence_as(structure, flat_sequence):
    """The leaves in `flat_sequence` in the nesting of `structure`: the inverse of `flatten`."""
    n = len(flatten(structure))
    if n != len(flat_sequence):
        raise ValueError(f"pack_sequence_as: {len(flat_sequence)} leaves for a structure of {n}. Give one for each.")
    return pack(structure, iter(flat_sequence))


def map_structure(function, *structures):
    """`function` of every leaf, in the same nesting; given several structures, of the leaves in the same place."""
    leaves = zip(*map(flatten, structures), strict=True)
    return pack_sequence_as(structures[0], [function(*same) for same in leaves])


def keys(structure):
    """A dict's keys in sorted order; as they were put in, if they cannot be sorted."""
    try:
        return sorted(structure)
    except TypeError:
        return list(structure)


def _parts(structure):
    return [structure[key] for key in keys(structure)] if isinstance(structure, dict) else structure


def pack(structure, leaves):
    """The same from an iterator over as many leaves as the structure has."""
    if not isinstance(structure, NESTED):
        return next(leaves)
    parts = [pack(p, leaves) if isinstance(p, NESTED) else next(leaves) for p in _parts(structure)]
    if isinstance(structure, dict):
        packed = copy.copy(structure)  # a dict of the same kind, with what it knows beside its items
        packed.update(zip(keys(structure), parts))
        return packed
    return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
