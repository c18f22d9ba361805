"""Crawl processes: starting them, supervising them, and recording them as runs."""
