"""The box's configuration: usable on any laptop, imports nothing of appliance/ (E2 E3)."""
