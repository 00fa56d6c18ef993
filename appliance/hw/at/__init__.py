"""AT commands without I/O: bytes to lines, one command at a time, each with a deadline (A1)."""
