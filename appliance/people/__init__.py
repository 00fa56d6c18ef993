"""People: who may sign in, with what right (E2)."""
