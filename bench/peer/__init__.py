"""The same work done by queues and schedulers that exist: N due reminders, each one text to the far end.

These run in an environment of their own (`bench/peers.py`) and know nothing of this project.
"""
