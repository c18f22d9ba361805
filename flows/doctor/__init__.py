"""What `newsmill doctor` looks at: each check gives findings, each finding its remedy."""
