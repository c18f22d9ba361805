"""The report: one self-contained page about some days of a lake: charts, tables, and the queries for their rows."""
