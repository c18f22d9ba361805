"""The raw archive: writing and reading WARC files, those of others included."""
