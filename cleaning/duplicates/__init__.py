"""Duplicates: fingerprints of texts, pairs of copies, and the stories they form. Pure: Arrow and numpy in, numpy
out."""
