//! The surfaces that this runtime has.

/// What the harness compares under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// `extract_json.rules.toml`, in [`crate::extract`].
    ExtractJson,
    /// `validate.rules.toml`, in [`crate::validate`].
    Validate,
    /// `validation_error.rules.toml`, in [`crate::validation_error`].
    ValidationError,
    /// `subject_audit.rules.toml`, in [`crate::subject_audit`].
    SubjectAudit,
    /// `subject_audit_files.rules.toml`, in [`crate::audit`].
    SubjectAuditFiles,
    /// `audit_baselines.rules.toml`, in [`crate::audit`].
    AuditBaselines,
    /// `embedding.rules.toml`, in [`crate::embedding`].
    Embedding,
    /// `vectors.rules.toml`, in [`crate::search`].
    Vectors,
    /// `matrix.rules.toml`, in [`crate::search`].
    Matrix,
}

impl Surface {
    /// Its name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ExtractJson => "extract_json",
            Self::Validate => "validate",
            Self::ValidationError => "validation_error",
            Self::SubjectAudit => "subject_audit",
            Self::SubjectAuditFiles => "subject_audit_files",
            Self::AuditBaselines => "audit_baselines",
            Self::Embedding => "embedding",
            Self::Vectors => "vectors",
            Self::Matrix => "matrix",
        }
    }
}
