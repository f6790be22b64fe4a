"""What a run leaves for people and for machines: summary.json, Markdown pages, and the matrix on the terminal."""
