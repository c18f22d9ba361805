"""The raw archive: writing and reading WARC files, including those made by others."""
