"""Boilerplate in text: rules as data, what the form of a line shows, and what a site repeats."""
