"""Crawl processes: started, supervised, and recorded as runs."""
