"""The interface under /api/v1 (E2), one file a noun; the contract's words. Each file has one `NOUN`."""
