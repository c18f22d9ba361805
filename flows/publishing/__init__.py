"""From raw archive to tables: read, clean, plan one commit per batch, commit."""
