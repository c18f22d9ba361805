"""Cleaning what a user has on disk: reading it in, and the worker processes."""
