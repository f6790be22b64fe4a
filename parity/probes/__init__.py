"""The probes of the lakehouse: one module a surface, declarations only, and the words that they share."""
