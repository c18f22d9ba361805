"""Boilerplate in text: rules as data, evidence from the form of a line, and what a site repeats."""
