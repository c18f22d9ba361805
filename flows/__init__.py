"""Prefect flows, the Parquet lake and the command line: every side effect that is not fetching."""
