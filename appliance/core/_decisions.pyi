"""The forms of decisions.py once more, which see; for a type checker they are the same."""

CLASSES: tuple[type, ...]
