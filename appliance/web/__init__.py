"""Pages and the interface under /api/v1 (A2 A6 E2)."""
