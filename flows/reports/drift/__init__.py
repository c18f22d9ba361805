"""Alarms: where a source leaves its own history, with the likely cause; opened once, and ended when it is over."""
