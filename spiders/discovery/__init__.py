"""Discovery: feeds, sitemaps and section pages, and what they list."""
