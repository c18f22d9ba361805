"""What the frontier keeps of pages beyond its queue: coverage, losses, pages that are gone, erasures."""
