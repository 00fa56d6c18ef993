"""Live calls: the only writer of live state (A1 A2 A3 A4)."""
