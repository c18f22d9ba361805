"""What the commands share: consoles, options, errors in a line or two, tables, progress."""
