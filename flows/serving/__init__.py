"""The standing server: Prefect's server and a worker, locked, as one process tree that heals after any end."""
