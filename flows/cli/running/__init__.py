"""Commands that do the work of the flows by hand, and the standing server that does it on schedule."""
