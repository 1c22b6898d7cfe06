"""Module: an object that finds the variables in its attributes."""

from course.engine.variable import Variable


class Module:
    """A base class for models. Keep variables and other modules in attributes, also within lists, tuples and dicts.

    Args:
        name: by default the class's name in lower case.
    """

    def __init__(self, name=None):
        self._name = name

    @property
    def name(self):
        """The module's name."""
        return getattr(self, "_name", None) or type(self).__name__.lower()

    @property
    def variables(self):
        """All variables of the module and of its submodules, each once, as a tuple: attributes in alphabetical order,
        the module's own before its submodules'."""
        found = {}
        for module in (self, *self.submodules):
            for leaf in _leaves(vars(module)):
                if isinstance(leaf, Variable):
                    found[id(leaf)] = leaf
        return tuple(found.values())

    @property
    def trainable_variables(self):
        """The variables that training changes: those with `trainable`."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self):
        """The variables that training leaves alone."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self):
        """All modules within this one, at any depth, each once, as a tuple."""
        found, to_visit = {id(self): self}, [self]
        while to_visit:
            for leaf in _leaves(vars(to_visit.pop(0))):
                if isinstance(leaf, Module) and id(leaf) not in found:
                    found[id(leaf)] = leaf
                    to_visit.append(leaf)
        return tuple(found.values())[1:]


def _leaves(part):
    """The leaves of nested lists, tuples and dicts. A dict's keys need not be strings."""
    if isinstance(part, dict):
        return [leaf for key in sorted(part, key=str) for leaf in _leaves(part[key])]
    if isinstance(part, list | tuple):
        return [leaf for p in part for leaf in _leaves(p)]
    return [part]
