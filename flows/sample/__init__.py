"""The sample web: original sites on loopback that the demo and the tests crawl, with the truth about them as data."""
