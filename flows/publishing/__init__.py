"""From raw archive to tables: read, clean, plan one commit a batch, commit."""
