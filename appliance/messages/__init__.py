"""Short messages (A1 A5): their form on the wire, parts joined, sent in order with retries, who wants none. Sans-I/O; the box wires it."""
