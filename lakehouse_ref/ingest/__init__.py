"""Workers: made from a seed, written and read as Parquet, kept in storage, added to an index.

A program, `python -m lakehouse_ref.ingest`; `fixtures/contract/workers.md` says what it makes. A module a step:
`generate`, `parquet`, `storage`, `index`; `run` has them in their order.
"""
