"""Drivers: they know wires. Nothing here knows what a queue is. Rows A1, E1, E5."""
