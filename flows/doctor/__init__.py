"""The checks of `newsmill doctor`: each returns findings, and each finding names its remedy."""
