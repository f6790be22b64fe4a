"""Runtimes under the same load by turns, and the ratios between them: `python -m loadgen.compare go rust`.

A noisy machine slows whoever runs just then, so rates of one run say little about another. Here every runtime is kept
running, each round gives each of them a turn, and only ratios within a round are compared: what drifts over the
rounds, drifts for all.
"""
