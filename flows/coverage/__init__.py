"""Coverage: which of the URLs that discovery listed became what, and how many no way listed."""
