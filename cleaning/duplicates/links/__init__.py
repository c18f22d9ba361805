"""What a link between two texts consists of: the passages they share, and which step of a story each tells."""
