// Package identity is who this runtime says it is, in the hello of a helper and
// in the health of a service alike.
package identity

const (
	// Runtime is its name in parity.toml.
	Runtime = "go"
	// Version is that of all its programs.
	Version = "0.1.0"
)

// The surfaces, by their names in the contract.
const (
	ExtractJSON       = "extract_json"
	Validate          = "validate"
	ValidationError   = "validation_error"
	SubjectAudit      = "subject_audit"
	SubjectAuditFiles = "subject_audit_files"
	AuditBaselines    = "audit_baselines"
	Embedding         = "embedding"
	Vectors           = "vectors"
	Matrix            = "matrix"
)
