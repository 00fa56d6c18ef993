"""Simulated modems, one file a dialect: bytes and time in, bytes and acts out; nothing here reads a clock or a port."""
