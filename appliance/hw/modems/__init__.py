"""One file a dialect; its name is the word in the profile (A1)."""
