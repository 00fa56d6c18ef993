"""What the box says and plays: figures in words, speech, prompts (A5)."""
