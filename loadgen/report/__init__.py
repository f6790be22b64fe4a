"""What a load run leaves: summary.json for machines, a Markdown page for a diff, and an HTML page with plots."""
