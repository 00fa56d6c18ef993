"""The simulated telephone exchange (A1): subscribers, trunks and modems on pseudo-terminals, a program of its own.

It shares no code with the drivers, so that a manual misread on one side shows. See docs/exchange.md.
"""
