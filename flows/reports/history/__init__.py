"""The history of each source: what every day of fetching brought, from the lake's tables and the frontier."""
