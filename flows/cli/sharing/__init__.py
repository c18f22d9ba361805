"""Commands that take data out of the lake, or out of the world."""
