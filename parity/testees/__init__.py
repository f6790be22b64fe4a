"""Runtimes made ready: tools found, built, tested, started or attached to, and ended again."""
