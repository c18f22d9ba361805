"""The standing server: Prefect's server and a worker, protected by a key, as one process tree that survives kills."""
