"""Exports: rows of a lake as a file for other tools, for a stated use, with dictionary and licence beside it."""
