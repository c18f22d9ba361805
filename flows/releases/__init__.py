"""Releases: editions of the data that do not change, with manifest, Croissant metadata, datasheet and citation."""
