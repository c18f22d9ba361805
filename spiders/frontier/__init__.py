"""The URL frontier: what waits, who holds it, and how each URL ended."""
