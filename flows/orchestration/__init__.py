"""What runs the work: this process alone, or a Prefect flow with its tasks, artifacts and log."""
