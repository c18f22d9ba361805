"""The lake: its Parquet files, its partitions, its index of what was published, and lookups."""
