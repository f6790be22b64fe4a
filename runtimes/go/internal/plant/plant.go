// Package plant holds the planted bugs of plants.toml that this runtime can be
// started with. It is the one place that turns a plant's name into options; the
// code that is spoilt by them knows no names.
package plant

import (
	"fmt"
	"strings"

	"lakehouse/internal/extract"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// plants are in the order of plants.toml.
var plants = []struct {
	name string
	opts extract.Options
}{
	{"last-object", extract.Options{LastObject: true}},
	{"escaped-quote", extract.Options{IgnoreBackslash: true}},
	{"array-whole", extract.Options{WholeArray: true}},
	{"untagged-fence", extract.Options{SkipUntagged: true}},
	{"code-point-order", extract.Options{Writer: jcs.Options{CodePointOrder: true}}},
	{"integer-rounded", extract.Options{Reader: ijson.Options{RoundIntegers: true}}},
	{"negative-zero", extract.Options{Writer: jcs.Options{NegativeZero: true}}},
	{"duplicate-member", extract.Options{Reader: ijson.Options{DuplicateMembers: true}}},
	{"html-escaped", extract.Options{Writer: jcs.Options{EscapeHTML: true}}},
	{"lone-surrogate", extract.Options{Reader: ijson.Options{ReplaceLoneSurrogates: true}}},
}

// Names lists the known plants.
func Names() []string {
	names := make([]string, len(plants))
	for i, p := range plants {
		names[i] = p.name
	}
	return names
}

// Options returns what the plant of that name changes. An empty name plants
// nothing; the error of an unknown one lists the known ones.
func Options(name string) (extract.Options, error) {
	if name == "" {
		return extract.Options{}, nil
	}
	for _, p := range plants {
		if p.name == name {
			return p.opts, nil
		}
	}
	return extract.Options{}, fmt.Errorf("no planted bug is named %q; known are %s", name, strings.Join(Names(), ", "))
}
