"""vectors and matrix: named indexes, and search that learns from recordings.

The contract is `fixtures/contract/search.md`; the rules are named as in `vectors.rules.toml` and `matrix.rules.toml`.
Begin with `calls`, which names the stages of a request in their order; below it are

    index       one index in memory: `rows` of unit vectors, and the `neighbours` of a query among them
    playbooks   what is recorded, and what it does to a search, over a `store`
    records     what is kept of an index in a file
"""
