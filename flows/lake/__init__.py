"""The lake: its Parquet files, its partitions, its memory of what was published, and lookups."""
