"""What everyone may import: clock, ids, errors, numbers."""
