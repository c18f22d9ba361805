"""The URL frontier: which URLs wait, who has claimed them, and how each ended."""
