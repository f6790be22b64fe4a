"""The witness: compares a share of the answers under load with those of other runtimes, in a process of its own.

python -m loadgen.witness --runtimes python,rust --under go

Standard input has a sample a line (`loadgen/samples.py`), standard output JSON Lines: `{"ready":["python","rust"]}`
when the others are up, `{"progress":{...}}` at most once a second, and at the end `{"parity":{...}}`, which is the
`Parity` of `loadgen/summary.py`. It ends when standard input does, or at SIGTERM. What comes faster than it can compare
is dropped and counted, so whoever writes is never held up.
"""
