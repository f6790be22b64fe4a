// Package plant holds the planted bugs of plants.toml that this runtime can be
// started with. It is the one place that turns a plant's name into options; the
// code that is spoilt by them knows no names.
package plant

import (
	"fmt"
	"slices"
	"strings"

	"lakehouse/internal/audit"
	"lakehouse/internal/auditlog"
	"lakehouse/internal/baselines"
	"lakehouse/internal/chain"
	"lakehouse/internal/extract"
	"lakehouse/internal/hash768"
	"lakehouse/internal/identity"
	"lakehouse/internal/ijson"
	"lakehouse/internal/index"
	"lakehouse/internal/jcs"
	"lakehouse/internal/matrix"
	"lakehouse/internal/validate"
	"lakehouse/internal/vectors"
	"lakehouse/internal/verror"
)

// Options are those of every surface. The zero value plants nothing.
type Options struct {
	Extract         extract.Options
	Validate        validate.Options
	ValidationError verror.Options
	SubjectAudit    chain.Options
	Audit           audit.Options // of subject_audit_files and audit_baselines
	Embedding       hash768.Options
	Vectors         vectors.Options
	Matrix          matrix.Options
}

type plant struct {
	surface string
	name    string
	opts    Options
}

// plants are in the order of plants.toml.
var plants = []plant{
	ofExtract("last-object", extract.Options{LastObject: true}),
	ofExtract("escaped-quote", extract.Options{IgnoreBackslash: true}),
	ofExtract("array-whole", extract.Options{WholeArray: true}),
	ofExtract("untagged-fence", extract.Options{SkipUntagged: true}),
	ofExtract("code-point-order", extract.Options{Writer: jcs.Options{CodePointOrder: true}}),
	ofExtract("integer-rounded", extract.Options{Reader: ijson.Options{RoundIntegers: true}}),
	ofExtract("negative-zero", extract.Options{Writer: jcs.Options{NegativeZero: true}}),
	ofExtract("duplicate-member", extract.Options{Reader: ijson.Options{DuplicateMembers: true}}),
	ofExtract("html-escaped", extract.Options{Writer: jcs.Options{EscapeHTML: true}}),
	ofExtract("lone-surrogate", extract.Options{Reader: ijson.Options{ReplaceLoneSurrogates: true}}),
	ofValidate("flat-error", validate.Options{FlatCompleteness: true}),
	ofValidate("ssn-phone", validate.Options{PhoneIsSSN: true}),
	ofValidate("sms-161", validate.Options{LongerSMS: true}),
	ofValidate("sms-bytes", validate.Options{SMSInBytes: true}),
	ofValidate("empty-echo", validate.Options{OmitEmptyID: true}),
	ofValidate("rule-order", validate.Options{ExcludedEarly: true}),
	ofValidate("city-case", validate.Options{CityCase: true}),
	ofValidate("status-422", validate.Options{MalformedIs422: true}),
	ofValidate("trailing-garbage", validate.Options{IgnoreBehind: true}),
	ofValidate("unknown-refused", validate.Options{RefuseUnknown: true}),
	{identity.ValidationError, "unknown-variant-default", Options{ValidationError: verror.Options{UnknownIsPolicy: true}}},
	ofChain("trace-id-omitted", chain.Options{OmitEmptyTraceID: true}),
	ofChain("nanos-trimmed", chain.Options{TrimNanos: true}),
	ofChain("last-row-unchecked", chain.Options{LastUnchecked: true}),
	ofChain("row-code-point-order", chain.Options{CodePointOrder: true}),
	ofChain("torn-is-tampered", chain.Options{TornIsTampered: true}),
	ofChain("subject-unbound", chain.Options{SubjectUnbound: true}),
	ofChain("mac-prefix", chain.Options{MACPrefix: true}),
	ofFiles("key-for-all", auditlog.Options{KeyForAll: true}),
	ofFiles("torn-mode", auditlog.Options{TornMode640: true}),
	ofFiles("tip-remembered", auditlog.Options{RememberTip: true}),
	ofBaselines("drift-at-20-warn", baselines.Options{WarnAt20: true}),
	ofBaselines("drift-zero-zero-warn", baselines.Options{WarnAtZero: true}),
	{identity.Embedding, "upper-folded", Options{Embedding: hash768.Options{FoldAll: true}}},
	ofVectors("ties-by-insertion", vectors.Options{Index: index.Options{TiesByInsertion: true}}),
	ofVectors("deleted-returned", vectors.Options{Index: index.Options{DeletedReturned: true}}),
	ofVectors("dropped-keeps", vectors.Options{DroppedKeeps: true}),
	ofVectors("crash-forgets", vectors.Options{CrashForgets: true}),
	ofVectors("near-missed", vectors.Options{Index: index.Options{NearMissed: true}}),
	ofMatrix("role-gate-off", matrix.Options{RoleGateOff: true}),
	ofMatrix("boosted-twice", matrix.Options{BoostedTwice: true}),
	ofMatrix("boost-on-similarity", matrix.Options{BoostOnSimilarity: true}),
	ofMatrix("excluded-leaks", matrix.Options{ExcludedLeaks: true}),
	ofMatrix("injected-uncounted", matrix.Options{InjectedUncounted: true}),
	{identity.Matrix, "naive-hnsw", Options{Vectors: vectors.Options{PlainGraph: matrix.Memory}}},
}

func ofExtract(name string, opts extract.Options) plant {
	return plant{identity.ExtractJSON, name, Options{Extract: opts}}
}

func ofValidate(name string, opts validate.Options) plant {
	return plant{identity.Validate, name, Options{Validate: opts}}
}

func ofChain(name string, opts chain.Options) plant {
	return plant{identity.SubjectAudit, name, Options{SubjectAudit: opts}}
}

func ofFiles(name string, opts auditlog.Options) plant {
	return plant{identity.SubjectAuditFiles, name, Options{Audit: audit.Options{Files: opts}}}
}

func ofBaselines(name string, opts baselines.Options) plant {
	return plant{identity.AuditBaselines, name, Options{Audit: audit.Options{Baselines: opts}}}
}

func ofVectors(name string, opts vectors.Options) plant {
	return plant{identity.Vectors, name, Options{Vectors: opts}}
}

func ofMatrix(name string, opts matrix.Options) plant {
	return plant{identity.Matrix, name, Options{Matrix: opts}}
}

// Names lists the known plants of those surfaces.
func Names(surfaces ...string) []string {
	names := []string{}
	for _, p := range plants {
		if slices.Contains(surfaces, p.surface) {
			names = append(names, p.name)
		}
	}
	return names
}

// Find returns what the plant of that name changes. An empty name plants
// nothing; the error of one that none of the surfaces has lists the known ones.
func Find(name string, surfaces ...string) (Options, error) {
	if name == "" {
		return Options{}, nil
	}
	for _, p := range plants {
		if p.name == name && slices.Contains(surfaces, p.surface) {
			return p.opts, nil
		}
	}
	return Options{}, fmt.Errorf("no planted bug is named %q; known are %s", name, strings.Join(Names(surfaces...), ", "))
}
