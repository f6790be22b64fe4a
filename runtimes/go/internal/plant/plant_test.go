package plant

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plantCase is a case of one plant or more, or a neighbour of such a case that
// every plant must leave alone. All plants run over all of them.
type plantCase struct {
	input   string
	want    string
	planted map[string]string // what a plant makes of it instead
}

var surfaces = []struct {
	name   string
	answer func(input string, opts Options) string
	cases  []plantCase
}{
	{"extract_json", extractAnswer, extractCases},
	{"validate", validateAnswer, validateCases},
	{"validation_error", validationErrorAnswer, validationErrorCases},
	{"subject_audit", chainAnswer, chainCases},
	// The cases of both surfaces, as one program serves them.
	{"subject_audit_files", auditAnswer, auditCases},
	{"audit_baselines", auditAnswer, nil},
	{"embedding", embeddingAnswer, embeddingCases},
	{"vectors", searchAnswer, vectorsCases},
	{"matrix", searchAnswer, matrixCases},
}

func surfaceNames() (names []string) {
	for _, surface := range surfaces {
		names = append(names, surface.name)
	}
	return names
}

func allNames() []string { return Names(surfaceNames()...) }

// shownElsewhere are the plants that take more than a few calls to be seen.
var shownElsewhere = map[string]bool{
	"near-missed": true, // thousands of vectors: TestRecallSeesWhatIsMissed of package index
}

func TestPlants(t *testing.T) {
	for _, name := range append(allNames(), "") {
		t.Run("plant="+name, func(t *testing.T) {
			t.Parallel() // most of the time goes by in waiting for the disk
			opts, err := Find(name, surfaceNames()...)
			if err != nil {
				t.Fatal(err)
			}
			hits := 0
			for _, surface := range surfaces {
				for _, tt := range surface.cases {
					want := tt.want
					if planted, ok := tt.planted[name]; ok {
						want = planted
						hits++
					}
					if got := surface.answer(tt.input, opts); got != want {
						t.Errorf("%s, input %.800q\ngot  %s\nwant %s", surface.name, tt.input, got, want)
					}
				}
			}
			if name != "" && hits == 0 && !shownElsewhere[name] {
				t.Error("no case shows it")
			}
		})
	}
}

func TestNamesAreTheContracts(t *testing.T) {
	contract, err := os.ReadFile("../../../../fixtures/contract/plants.toml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^name = "(.+)"\nsurface = "(.+)"$`).FindAllSubmatch(contract, -1) {
		name, surface := string(m[1]), string(m[2])
		want[surface] = append(want[surface], name)
		want[""] = append(want[""], name)
	}
	for _, surface := range surfaces {
		if got := Names(surface.name); !slices.Equal(got, want[surface.name]) {
			t.Errorf("Names(%q) = %q; plants.toml has %q", surface.name, got, want[surface.name])
		}
	}
	if got := allNames(); !slices.Equal(got, want[""]) {
		t.Errorf("all the names are %q; plants.toml has %q", got, want[""])
	}
}

func TestUnknownPlant(t *testing.T) {
	// That another surface has it does not make it known.
	for _, name := range []string{"first-object", "ssn-phone"} {
		opts, err := Find(name, "extract_json", "validation_error")
		if err == nil || opts != (Options{}) {
			t.Fatalf("Find = %v, %v; want an error", opts, err)
		}
		for _, known := range append(Names("extract_json", "validation_error"), name) {
			if !strings.Contains(err.Error(), known) {
				t.Errorf("the error does not name %s: %v", known, err)
			}
		}
	}
}
