"""Commands that show what a lake holds and what it lacks."""
