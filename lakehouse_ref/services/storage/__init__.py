"""The files of the audit chain and of the baselines: how they are read, and how they are written whole or not at all.

What the bytes mean, `lakehouse_ref.subject_audit` and `lakehouse_ref.audit_baselines` say. The contract is
`fixtures/contract/audit.md`.
"""
