"""The thin shells over the reference: how a surface is reached, and nothing of what it means."""
