package matrixd_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"lakehouse/internal/matrix"
	"lakehouse/internal/matrixd/matrixdtest"
	"lakehouse/internal/vectors"
)

func schema(field, reason string) string {
	return `{"Schema":{"field":"` + field + `","reason":"` + reason + `"}}`
}

func state(reason string) string { return `{"State":{"reason":"` + reason + `"}}` }

// refusals are of a request alone, by the rule that decides them. Where it stands
// for both surfaces, one of them is enough.
var refusals = []struct{ rule, call, want string }{
	{"unknown-path", `GET /vectors/index/`, "404 " + schema("", "unknown-path")},
	{"unknown-path", `GET /vectors/index/A`, "404 " + schema("", "unknown-path")},
	{"unknown-path", `GET /vectors/index/` + strings.Repeat("a", 65), "404 " + schema("", "unknown-path")},
	{"unknown-path", `GET /vectors/index/a/`, "404 " + schema("", "unknown-path")},
	{"unknown-path", `POST /vectors/index/a/add/ {}`, "404 " + schema("", "unknown-path")},
	{"unknown-path", `POST /v1/matrix {}`, "404 " + schema("", "unknown-path")},
	{"unknown-path", `GET /vectors/index/_-0?x`, "404 " + state("unknown-index")},
	{"method-not-allowed", `GET /vectors/index/a/add`, "405 " + schema("", "method-not-allowed")},
	{"method-not-allowed", `POST /vectors/index/a {}`, "405 " + schema("", "method-not-allowed")},
	{"method-not-allowed", `GET /v1/tenant`, "405 " + schema("", "method-not-allowed")},
	{"malformed-json", `POST /vectors/index/a/save `, "400 " + schema("", "malformed-json")},
	{"malformed-json", `POST /vectors/index/a/search {"k":NaN}`, "400 " + schema("", "malformed-json")},
	{"number-out-of-range", `POST /vectors/index/a/search {"k":1e400}`, "400 " + schema("", "number-out-of-range")},
	{"duplicate-member", `POST /vectors/index/a/search {"k":1,"k":1}`, "400 " + schema("", "duplicate-member")},
	{"not-an-object", `POST /vectors/index/a/save []`, "422 " + schema("", "not-an-object")},
	{"missing-field", `POST /vectors/index/a/add {}`, "422 " + schema("items", "missing-field")},
	{"missing-field", `POST /vectors/index/a/search {"vector":[1]}`, "422 " + schema("k", "missing-field")},
	{"missing-field", `POST /v1/matrix/search {"query_text":"x","k":0}`, "422 " + schema("query_role", "missing-field")},
	{"missing-field", `POST /v1/matrix/playbooks/record {"query_text":"x","role":"r","answer_id":"a"}`, "422 " + schema("score", "missing-field")},
	{"wrong-type", `POST /vectors/index/a/add {"items":[{"id":""},1]}`, "422 " + schema("items.1", "wrong-type")},
	{"wrong-type", `POST /vectors/index/a/add {"items":[{"id":"a","vector":null}]}`, "422 " + schema("items.0.vector", "wrong-type")},
	{"wrong-type", `POST /vectors/index/a/search {"vector":[1,"x"],"k":0}`, "422 " + schema("vector.1", "wrong-type")},
	{"wrong-type", `POST /vectors/index/a/search {"vector":[1],"k":1,"excluded_ids":["a",1]}`, "422 " + schema("excluded_ids.1", "wrong-type")},
	{"wrong-type", `POST /vectors/index/a/add {"items":[{"id":"a","vector":[1],"metadata":{"x":"` + strings.Repeat("é", 257) + `","y":true}}]}`, "422 " + schema("items.0.metadata", "wrong-type")},
	{"vector-or-text", `POST /vectors/index/a/search {"vector":null,"text":"x","k":1}`, "422 " + schema("", "vector-or-text")},
	{"vector-or-text", `POST /vectors/index/a/add {"items":[{"id":"a"}]}`, "422 " + schema("items.0", "vector-or-text")},
	{"empty-id", `POST /vectors/index/a/add {"items":[{"id":""}]}`, "422 " + schema("items.0.id", "empty-id")},
	{"empty-id", `POST /v1/matrix/playbooks/record {"query_text":"x","role":"r","answer_id":""}`, "422 " + schema("answer_id", "empty-id")},
	{"too-long", `POST /vectors/index/a/add {"items":[{"id":"` + strings.Repeat("é", 257) + `"}]}`, "422 " + schema("items.0.id", "too-long")},
	{"too-long", `POST /v1/matrix/retrieve {"query_text":"` + strings.Repeat(".", 8193) + `"}`, "422 " + schema("query_text", "too-long")},
	{"too-long", `POST /vectors/index/a/add {"items":[{"id":"a","vector":[1],"metadata":{"` + strings.Repeat("x", 65) + `":1}}]}`, "422 " + schema("items.0.metadata", "too-long")},
	{"zero-vector", `POST /vectors/index/a/search {"vector":[1e-7,0],"k":0}`, "422 " + schema("vector", "zero-vector")},
	{"zero-vector", `POST /vectors/index/a/add {"items":[{"id":"a","text":"..."}]}`, "422 " + schema("items.0.text", "zero-vector")},
	{"zero-vector", `POST /v1/matrix/search {"query_text":"","query_role":1}`, "422 " + schema("query_text", "zero-vector")},
	{"out-of-range", `POST /vectors/index/a/add {"items":[]}`, "422 " + schema("items", "out-of-range")},
	{"out-of-range", `POST /vectors/index/a/add {"items":[` + strings.Repeat(`{},`, 1000) + `{}]}`, "422 " + schema("items", "out-of-range")},
	{"out-of-range", `POST /vectors/index/a/search {"vector":[],"k":1}`, "422 " + schema("vector", "out-of-range")},
	{"out-of-range", `POST /vectors/index/a/search {"vector":[1,-1000001],"k":1}`, "422 " + schema("vector.1", "out-of-range")},
	{"out-of-range", `POST /vectors/index/a/search {"vector":[1],"k":1001}`, "422 " + schema("k", "out-of-range")},
	{"out-of-range", `POST /vectors/index/a/search {"vector":[1],"k":1,"only_ids":[` + strings.Repeat(`"a",`, 1000) + `"a"]}`, "422 " + schema("only_ids", "out-of-range")},
	{"out-of-range", `POST /v1/matrix/playbooks/record {"query_text":"x","role":"r","answer_id":"a","score":1.001}`, "422 " + schema("score", "out-of-range")},
	{"not-whole", `POST /vectors/index/a/search {"vector":[1],"k":0.5}`, "422 " + schema("k", "not-whole")},
	{"not-whole", `POST /vectors/index/a/search {"vector":[1],"k":20e-1}`, "404 " + state("unknown-index")},
	{"duplicate-id", `POST /vectors/index/a/add {"items":[{"id":"a","vector":[1]},{"id":"b","vector":[1]},{"id":"a","vector":[1]}]}`, "422 " + schema("items.2.id", "duplicate-id")},
	{"blank", `POST /v1/matrix/search {"query_text":"x","query_role":" \t","k":1}`, "422 " + schema("query_role", "blank")},
	{"bad-name", `POST /v1/matrix/retrieve {"query_text":"x","k":1,"index":"A"}`, "422 " + schema("index", "bad-name")},
	{"unknown-index", `POST /v1/matrix/retrieve {"query_text":"x","k":1}`, "404 " + state("unknown-index")},
	{"unknown-snapshot", `POST /vectors/index/a/reload {"snapshot":"x"}`, "404 " + state("unknown-snapshot")},
	{"unknown-index", `DELETE /v1/tenant`, `200 {"dropped":0}`},
}

func run(calls ...string) string {
	return matrixdtest.Run(strings.Join(calls, "\n"), vectors.Options{}, matrix.Options{})
}

func TestRefusals(t *testing.T) {
	for _, tt := range refusals {
		if got := run(tt.call); got != tt.want {
			t.Errorf("%s, %.200s\ngot  %s\nwant %s", tt.rule, tt.call, got, tt.want)
		}
	}
}

// sequences are what a request does to what is stored, by the rule, with the
// answer to the last call.
var sequences = []struct {
	rule string
	want string
	run  []string
}{
	{"batch", `404 ` + state("unknown-index"), []string{`POST /vectors/index/a/add {"items":[{"id":"a","vector":[1]},{"id":"b","vector":[0]}]}`, `GET /vectors/index/a`}},
	{"wrong-dimension", `409 ` + state("wrong-dimension"), []string{`POST /vectors/index/a/add {"items":[{"id":"a","vector":[1]},{"id":"b","vector":[1,2]}]}`}},
	{"wrong-dimension", `404 ` + state("unknown-index"), []string{`POST /vectors/index/a/add {"items":[{"id":"a","vector":[1]},{"id":"b","text":"x"}]}`, `GET /vectors/index/a`}},
	{"wrong-dimension", `409 ` + state("wrong-dimension"), []string{addA, `POST /vectors/index/a/search {"vector":[1],"k":1}`}},
	{"wrong-dimension", `409 ` + state("wrong-dimension"), []string{`POST /vectors/index/playbook_memory/add {"items":[{"id":"a","vector":[1]}]}`, `POST /v1/matrix/playbooks/record {"query_text":"x","role":"r","answer_id":"a","score":1}`}},
	{"unknown-id", `404 ` + state("unknown-id"), []string{addA, `POST /vectors/index/a/delete {"id":""}`}},
	{"updated", `200 {"added":0,"size":1,"updated":1}`, []string{addA, addA}},
	{"cosine", `200 {"hits":[{"distance":0.292893,"id":"a","metadata":{},"rank":1}],"size":1}`, []string{addA, `POST /vectors/index/a/search {"vector":[1000000,1000000],"k":1}`}},
	{"tie", `200 {"hits":[{"distance":0,"id":"A","metadata":{},"rank":1},{"distance":0,"id":"a","metadata":{},"rank":2}],"size":2}`, []string{addA, `POST /vectors/index/a/add {"items":[{"id":"A","vector":[2,0]}]}`, `POST /vectors/index/a/search {"vector":[3,0],"k":3}`}},
	{"fewer-than-k", `200 {"hits":[],"size":0}`, []string{addA, `POST /vectors/index/a/delete {"id":"a"}`, `POST /vectors/index/a/search {"vector":[3,0],"k":3}`}},
	{"deleted", `200 {"added":1,"size":1,"updated":0}`, []string{addA, `POST /vectors/index/a/delete {"id":"a"}`, addA}},
	{"dimension-kept", `200 {"dimension":2,"size":0}`, []string{addA, `POST /vectors/index/a/delete {"id":"a"}`, "restart", `GET /vectors/index/a`}},
	{"excluded", `200 {"hits":[],"size":1}`, []string{addA, `POST /vectors/index/a/search {"vector":[3,0],"k":3,"excluded_ids":["a"]}`}},
	{"only", `200 {"hits":[],"size":1}`, []string{addA, `POST /vectors/index/a/search {"vector":[3,0],"k":3,"only_ids":[]}`}},
	{"metadata", `200 {"hits":[{"distance":2,"id":"a","metadata":{"a":"<é>","b":1,"c":0},"rank":1}],"size":1}`, []string{`POST /vectors/index/a/add {"items":[{"id":"a","vector":[1,0],"metadata":{"b":1.0,"a":"<\u00e9>","c":-0}}]}`, `POST /vectors/index/a/search {"vector":[-1,0],"k":3}`}},
	{"dropped", `200 {"dimension":1,"size":1}`, []string{addA, `DELETE /vectors/index/a`, `POST /vectors/index/a/add {"items":[{"id":"x","vector":[1]}]}`, "crash", `GET /vectors/index/a`}},
	{"saved", `200 {"dimension":2,"size":1}`, []string{addA, `POST /vectors/index/a/save {"x":1}`, `POST /vectors/index/a/delete {"id":"a"}`, `POST /vectors/index/a/reload {"snapshot":"{{snapshot}}"}`}},
	{"reloaded", `200 {"dimension":2,"size":1}`, []string{addA, `POST /vectors/index/a/save {}`, `DELETE /vectors/index/a`, "crash", `POST /vectors/index/a/reload {"snapshot":"{{snapshot}}"}`}},
	{"text-embedded", `200 {"hits":[{"distance":0,"id":"a","metadata":{},"rank":1}],"size":1}`, []string{`POST /vectors/index/a/add {"items":[{"id":"a","text":"Welder"}]}`, `POST /vectors/index/a/search {"text":"wELDER!","k":1}`}},

	{"retrieved", `200 {"hits":[{"distance":0,"id":"w-1","metadata":{},"rank":1}]}`, []string{addWorkers, `POST /v1/matrix/retrieve {"query_text":"welder","k":1}`}},
	{"playbook-unused", `200 {"boosted":0,"hits":[` + organic("w-1", "0", "1") + `],"injected":0}`, []string{addWorkers, recordW2("1"), matrixSearch(`"k":1`)}},
	{"recorded", `200 {"playbook_id":"pb-7dad4e111c0bf6d1","updated":false}`, []string{recordW2("1")}},
	{"record-updated", `200 {"boosted":1,"hits":[` + organic("w-1", "0", "1") + `,` + boosted("w-2", "0.75", "2") + `],"injected":0}`, []string{addWorkers, recordW2("1"), recordW2("0.5"), matrixSearch(`"k":2,"use_playbook":true`)}},
	{"boosted", `200 {"boosted":1,"hits":[` + organic("w-1", "0", "1") + `,` + boosted("w-2", "0.5", "2") + `],"injected":0}`, []string{addWorkers, recordW2("1"), matrixSearch(`"k":2,"use_playbook":true`)}},
	{"best-score", `200 {"boosted":1,"hits":[` + boosted("w-2", "0.5", "1") + `],"injected":0}`, []string{addWorkers, recordW2("1"), strings.ReplaceAll(recordW2("0.1"), "Welder", "WELDER"), matrixSearch(`"k":1,"use_playbook":true,"excluded_ids":["w-1"]`)}},
	{"injected", `200 {"boosted":0,"hits":[` + injected("w-3", "0.5", "1") + `],"injected":1}`, []string{addWorkers, strings.ReplaceAll(recordW2("1"), "w-2", "w-3"), matrixSearch(`"k":1,"use_playbook":true,"excluded_ids":["w-1"]`)}},
	{"answer-not-there", `200 {"boosted":0,"hits":[` + organic("w-1", "0", "1") + `],"injected":0}`, []string{addWorkers, strings.ReplaceAll(recordW2("1"), "w-2", "w-9"), matrixSearch(`"k":1,"use_playbook":true`)}},
	{"role-gate", `200 {"boosted":0,"hits":[` + organic("w-2", "1", "1") + `],"injected":0}`, []string{addWorkers, strings.ReplaceAll(recordW2("1"), "Welder", "CNC"), matrixSearch(`"k":1,"use_playbook":true,"excluded_ids":["w-1"]`)}},
	{"recording-too-far", `200 {"boosted":0,"hits":[` + organic("w-2", "1", "1") + `],"injected":0}`, []string{addWorkers, strings.ReplaceAll(recordW2("1"), `"welder"`, `"nothing alike"`), matrixSearch(`"k":1,"use_playbook":true,"excluded_ids":["w-1"]`)}},
	{"not-a-recording", `200 {"boosted":0,"hits":[` + organic("w-2", "1", "1") + `],"injected":0}`, []string{addWorkers, `POST /vectors/index/playbook_memory/add {"items":[{"id":"x","text":"welder","metadata":{"answer_id":"w-2","role":"Welder","score":1.5}},{"id":"y","text":"welder","metadata":{"role":"Welder","score":1}}]}`, matrixSearch(`"k":1,"use_playbook":true,"excluded_ids":["w-1"]`)}},
	{"cut-to-k", `200 {"boosted":0,"hits":[` + organic("w-1", "0", "1") + `],"injected":0}`, []string{addWorkers, recordW2("1"), matrixSearch(`"k":1,"use_playbook":true`)}},
	{"memory-dropped", `200 {"boosted":0,"hits":[` + organic("w-2", "1", "1") + `],"injected":0}`, []string{addWorkers, recordW2("1"), `DELETE /vectors/index/playbook_memory`, matrixSearch(`"k":1,"use_playbook":true,"excluded_ids":["w-1"]`)}},
}

const (
	addA       = `POST /vectors/index/a/add {"items":[{"id":"a","vector":[1,0]}]}`
	addWorkers = `POST /vectors/index/workers/add {"items":[{"id":"w-1","text":"welder"},{"id":"w-2","text":"picker"},{"id":"w-3","text":"forklift"}]}`
)

func recordW2(score string) string {
	return `POST /v1/matrix/playbooks/record {"query_text":"welder","role":"Welder","answer_id":"w-2","score":` + score + `}`
}

func matrixSearch(more string) string {
	return `POST /v1/matrix/search {"query_text":"Welder","query_role":"welder",` + more + `}`
}

func hit(id, distance, rank string, boosted, injected bool) string {
	return fmt.Sprintf(`{"boosted":%t,"distance":%s,"id":"%s","injected":%t,"metadata":{},"rank":%s}`, boosted, distance, id, injected, rank)
}

func organic(id, distance, rank string) string  { return hit(id, distance, rank, false, false) }
func boosted(id, distance, rank string) string  { return hit(id, distance, rank, true, false) }
func injected(id, distance, rank string) string { return hit(id, distance, rank, false, true) }

func TestSequences(t *testing.T) {
	for _, tt := range sequences {
		answers := strings.Split(run(tt.run...), "\n")
		if got := answers[len(answers)-1]; got != tt.want {
			t.Errorf("%s, %s\ngot  %s\nwant %s", tt.rule, tt.run, strings.Join(answers, "\n     "), tt.want)
		}
	}
}

// A rule that is added to the contract asks for a case here.
func TestEveryRuleIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, tt := range refusals {
		tested[tt.rule] = true
	}
	for _, tt := range sequences {
		tested[tt.rule] = true
	}
	for _, surface := range []string{"vectors", "matrix"} {
		contract, err := os.ReadFile("../../../../fixtures/contract/" + surface + ".rules.toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^name = "(.+)"$`).FindAllStringSubmatch(string(contract), -1) {
			if !tested[m[1]] {
				t.Errorf("no case is named for the rule %s of %s", m[1], surface)
			}
		}
	}
}
