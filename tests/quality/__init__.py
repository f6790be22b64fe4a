"""Plants bugs and expects them found."""
