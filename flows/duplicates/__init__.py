"""Duplicates in a lake and in a corpus: the fingerprint index and what is decided with it."""
