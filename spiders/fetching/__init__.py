"""One fetch: address guard, robots.txt, rate limits, size limits, browser."""
