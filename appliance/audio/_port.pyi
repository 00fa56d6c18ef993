"""Ports of the audio thread: nothing here for Python."""
