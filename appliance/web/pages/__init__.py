"""One file a page, found by itself: each has a `PAGE`."""
