"""What a publisher reserves: every signal on a page and around it, and the uses that are left."""
