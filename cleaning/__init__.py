"""News pages into clean articles: pure functions, no network, no clock, no disk writes."""
