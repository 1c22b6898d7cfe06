"""Module: an object that finds the variables in its attributes."""

from course.engine.variable import Variable

NESTED = dict | list | tuple
ADDED = "_added"  # the attribute for weights that `add_weight` made: last, so that a name of the learner's comes first


class Module:
    """A base class for models. Keep variables and other modules in attributes, also within lists, tuples and dicts.

    Args:
        name: by default the class's name in lower case.
    """

    def __init__(self, name=None):
        self._name = name

    def __setattr__(self, name, value):
        try:
            super().__setattr__(name, value)
        except AttributeError:
            found = getattr(type(self), name, None)
            if not isinstance(found, property) or found.fset:
                raise
            raise AttributeError(
                f"{type(self).__name__}: `{name}` is known from the other attributes, and cannot be assigned. Use "
                f"another name for yours."
            ) from None

    @property
    def name(self):
        """The module's name."""
        return getattr(self, "_name", None) or type(self).__name__.lower()

    @property
    def variables(self):
        """All variables of the module and of its submodules, each once, as a tuple: attributes in alphabetical order,
        the module's own before its submodules'."""
        return variables_in(walk(self, by_name=True))

    @property
    def trainable_variables(self):
        """The variables that training changes: those with `trainable`."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self):
        """The variables that training leaves alone."""
        trainable = set(map(id, self.trainable_variables))
        return tuple(v for v in self.variables if id(v) not in trainable)

    @property
    def submodules(self):
        """All modules within this one, at any depth, each once, as a tuple."""
        return tuple(module for _, module, _ in walk(self, by_name=True))[1:]


def walk(root, by_name=False, enter=lambda module: True):
    """`root` and every module within it, each once, however they refer to each other.

    Args:
        root: a module, or a list, tuple or dict.
        by_name: attributes in alphabetical order, and modules level by level; else in the order in which they were set,
            and each module with those within it before the next one.
        enter: whether to go into a module.

    Yields:
        (path, module, leaves): the names, keys and places that lead to it, and the leaves among its attributes as pairs
        (path, leaf).
    """
    to_visit, visited = [((), root)], set()
    while to_visit:
        path, part = to_visit.pop(0)
        if id(part) in visited or not enter(part):
            continue
        visited.add(id(part))
        leaves = [((*path, *inner), leaf) for inner, leaf in leaves_of(part, by_name)]
        yield path, part, leaves
        within = [(inner, leaf) for inner, leaf in leaves if isinstance(leaf, Module)]
        to_visit = to_visit + within if by_name else within + to_visit


def leaves_of(part, by_name=False):
    """What is in a module's attributes, or in a list, tuple or dict, and in those within it, as pairs (path, leaf). A
    list that holds itself is gone through once."""
    to_visit, visited = [((), part if isinstance(part, NESTED) else vars(part))], set()
    while to_visit:
        path, part = to_visit.pop()
        if not isinstance(part, NESTED):
            yield path, part
        elif id(part) not in visited:
            visited.add(id(part))
            items = list(part.items() if isinstance(part, dict) else enumerate(part))
            if isinstance(part, dict):
                items.sort(key=lambda item: (item[0] == ADDED, by_name and str(item[0])))
            to_visit += [((*path, key), inner) for key, inner in reversed(items)]


def variables_in(modules):
    """The variables among the leaves of what `walk` yields, each once."""
    found = {id(leaf): leaf for _, _, leaves in modules for _, leaf in leaves if isinstance(leaf, Variable)}
    return tuple(found.values())
