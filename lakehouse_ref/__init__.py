"""The reference: what each surface means, written to be read.

One module a surface, pure functions over plain data. Clock, ids and storage are arguments. The rules that a function
carries out are named as in `fixtures/contract/`.
"""
