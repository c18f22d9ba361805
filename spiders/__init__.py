"""Everything that knows Scrapy: catalogue, discovery, fetching, the ledger of URLs, the raw archive."""
