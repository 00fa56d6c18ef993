"""What was, kept (A7, E5): the journal, the bus that feeds it, tables made from it, and the check of it all."""
