"""One page that explains one cleaning: every line of the original, kept or removed, with its rule."""
