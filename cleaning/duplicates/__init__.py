"""Duplicates: fingerprints of texts, pairs of copies, the stories they make. Pure: Arrow and numpy in, numpy out."""
