"""Seatbox: a call centre in a box. Read docs/shape.md first."""

__version__ = "0.1.0"
