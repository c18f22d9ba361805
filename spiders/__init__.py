"""Everything that uses Scrapy: the catalogue, discovery, fetching, the URL frontier and the raw archive."""
