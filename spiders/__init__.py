"""Everything that knows Scrapy: catalogue, discovery, fetching, the frontier of URLs, the raw archive."""
