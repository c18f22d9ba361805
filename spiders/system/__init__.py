"""Files and processes of the machine that a crawl runs on."""
