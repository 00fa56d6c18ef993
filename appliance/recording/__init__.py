"""Recordings (A7): two channels, written while the call runs, every byte covered by the journal's chain."""
