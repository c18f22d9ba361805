"""Erasure: removes texts and names from tables, index, raw archive, frontier and logs, and keeps them out."""
