"""Sound: the 20 ms thread, who hears whom, ports, prompts, recording taps (A4, A7). `bridge.py` is the only face."""
