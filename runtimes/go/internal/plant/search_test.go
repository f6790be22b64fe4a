package plant

import (
	"strings"

	"lakehouse/internal/hash768"
	"lakehouse/internal/matrixd/matrixdtest"
)

func embeddingAnswer(input string, opts Options) string {
	return string(hash768.Append(nil, input, opts.Embedding))
}

func searchAnswer(input string, opts Options) string {
	return matrixdtest.Run(input, opts.Vectors, opts.Matrix)
}

var embeddingCases = []plantCase{
	// upper-folded
	{"É", string(hash768.Append(nil, "É", hash768.Options{})), map[string]string{"upper-folded": string(hash768.Append(nil, "é", hash768.Options{}))}},
	{"Ab é", string(hash768.Append(nil, "ab é", hash768.Options{})), nil},
}

// lines joins calls, or answers.
func lines(all ...string) string { return strings.Join(all, "\n") }

const (
	addBA    = `POST /vectors/index/x/add {"items":[{"id":"b","vector":[1,0]},{"id":"a","vector":[2,0]},{"id":"c","vector":[0,1]}]}`
	addedBA  = `200 {"added":3,"size":3,"updated":0}`
	addD     = `POST /vectors/index/x/add {"items":[{"id":"d","vector":[1,0]}]}`
	addedD   = `200 {"added":1,"size":1,"updated":0}`
	search   = `POST /vectors/index/x/search {"k":3,"vector":[1,0]}`
	deleteC  = `POST /vectors/index/x/delete {"id":"c"}`
	deletedC = `200 {"deleted":true,"size":2}`
	save     = `POST /vectors/index/x/save {}`
	saved    = `200 {"size":3,"snapshot":"{{snapshot}}"}`
	drop     = `DELETE /vectors/index/x`
	dropped  = `200 {"dropped":true}`
	describe = `GET /vectors/index/x`

	hitA1 = `{"distance":0,"id":"a","metadata":{},"rank":1}`
	hitA2 = `{"distance":0,"id":"a","metadata":{},"rank":2}`
	hitB1 = `{"distance":0,"id":"b","metadata":{},"rank":1}`
	hitB2 = `{"distance":0,"id":"b","metadata":{},"rank":2}`
	hitC3 = `{"distance":1,"id":"c","metadata":{},"rank":3}`
)

func found(size string, hits ...string) string {
	return `200 {"hits":[` + strings.Join(hits, ",") + `],"size":` + size + `}`
}

var vectorsCases = []plantCase{
	// ties-by-insertion
	{lines(addBA, search), lines(addedBA, found("3", hitA1, hitB2, hitC3)),
		map[string]string{"ties-by-insertion": lines(addedBA, found("3", hitB1, hitA2, hitC3))}},

	// deleted-returned
	{lines(addBA, deleteC, search, search), lines(addedBA, deletedC, found("2", hitA1, hitB2), found("2", hitA1, hitB2)),
		map[string]string{
			"ties-by-insertion": lines(addedBA, deletedC, found("2", hitB1, hitA2), found("2", hitB1, hitA2)),
			"deleted-returned":  lines(addedBA, deletedC, found("2", hitA1, hitB2, hitC3), found("2", hitA1, hitB2)),
		}},
	{lines(addBA, deleteC, `POST /vectors/index/x/search {"excluded_ids":["c","a"],"k":3,"vector":[1,0]}`), lines(addedBA, deletedC, found("2", hitB1)), nil},
	{lines(addBA, deleteC, `POST /vectors/index/x/search {"excluded_ids":["a"],"k":1,"vector":[1,0]}`), lines(addedBA, deletedC, found("2", hitB1)), nil},

	// dropped-keeps
	{lines(addBA, save, drop, addD, describe), lines(addedBA, saved, dropped, addedD, `200 {"dimension":2,"size":1}`),
		map[string]string{"dropped-keeps": lines(addedBA, saved, dropped, `200 {"added":1,"size":4,"updated":0}`, `200 {"dimension":2,"size":4}`)}},
	{lines(addBA, drop, addD, save), lines(addedBA, dropped, addedD, `200 {"size":1,"snapshot":"{{snapshot}}"}`), nil},
	{lines(addBA, save, drop, describe), lines(addedBA, saved, dropped, `404 {"State":{"reason":"unknown-index"}}`), nil},

	// crash-forgets
	{lines(addBA, deleteC, "crash", describe), lines(addedBA, deletedC, `200 {"dimension":2,"size":2}`),
		map[string]string{"crash-forgets": lines(addedBA, deletedC, `200 {"dimension":2,"size":3}`)}},
	{lines(addBA, deleteC, "restart", describe), lines(addedBA, deletedC, `200 {"dimension":2,"size":2}`), nil},
}

const (
	workers = `POST /vectors/index/workers/add {"items":[{"id":"w-1","text":"forklift aurora"},{"id":"w-2","text":"welder"},{"id":"w-3","text":"picker"}]}`
	hired   = `200 {"added":3,"size":3,"updated":0}`
)

// record is a recording of the query `forklift aurora`, whose own answer is w-1.
func record(role, answer, score string) string {
	return `POST /v1/matrix/playbooks/record {"query_text":"forklift aurora","role":"` + role + `","answer_id":"` + answer + `","score":` + score + `}`
}

func ask(k, more string) string {
	return `POST /v1/matrix/search {"query_text":"forklift aurora","query_role":"forklift","k":` + k + `,"use_playbook":true` + more + `}`
}

func hit(id, distance, kind, rank string) string {
	return `{"boosted":` + map[bool]string{true: "true", false: "false"}[kind == "boosted"] + `,"distance":` + distance + `,"id":"` + id +
		`","injected":` + map[bool]string{true: "true", false: "false"}[kind == "injected"] + `,"metadata":{},"rank":` + rank + `}`
}

func result(boosted, injected string, hits ...string) string {
	return `200 {"boosted":` + boosted + `,"hits":[` + strings.Join(hits, ",") + `],"injected":` + injected + `}`
}

// recorded are the answers to recordings, of ids that the tests need not know.
func recorded(ids ...string) string {
	var all []string
	for _, id := range ids {
		updated := "false"
		if strings.HasPrefix(id, "!") {
			id, updated = id[1:], "true"
		}
		all = append(all, `200 {"playbook_id":"pb-`+id+`","updated":`+updated+`}`)
	}
	return lines(all...)
}

// The ids of recordings for the answers w-2 and w-3, by role.
const (
	forklift2 = "75f9c416c7ecd60b"
	capital2  = "d89830e5e826f4ba" // FORKLIFT
	cnc3      = "fff59afa480cf4e0"
	forklift3 = "b4b2b86ff1e12bc4"
)

var matrixCases = []plantCase{
	// role-gate-off
	{lines(workers, record("CNC", "w-3", "1"), ask("2", "")),
		lines(hired, recorded(cnc3), result("0", "0", hit("w-1", "0", "", "1"), hit("w-2", "1", "", "2"))),
		map[string]string{"role-gate-off": lines(hired, recorded(cnc3), result("0", "1", hit("w-1", "0", "", "1"), hit("w-3", "0.5", "injected", "2")))}},

	// boosted-twice
	{lines(workers, record("Forklift", "w-2", "0.5"), record("FORKLIFT", "w-2", "1"), ask("2", "")),
		lines(hired, recorded(forklift2, capital2), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.5", "boosted", "2"))),
		map[string]string{"boosted-twice": lines(hired, recorded(forklift2, capital2), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.375", "boosted", "2")))}},

	// boost-on-similarity
	{lines(workers, record("Forklift", "w-2", "0.25"), ask("2", "")),
		lines(hired, recorded(forklift2), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.875", "boosted", "2"))),
		map[string]string{"boost-on-similarity": lines(hired, recorded(forklift2), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "1", "boosted", "2")))}},
	{lines(workers, record("Forklift", "w-2", "0.26"), ask("2", "")),
		lines(hired, recorded(forklift2), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.87", "boosted", "2"))), nil},

	// excluded-leaks
	{lines(workers, record("Forklift", "w-2", "0.5"), ask("3", `,"excluded_ids":["w-2"]`)),
		lines(hired, recorded(forklift2), result("0", "0", hit("w-1", "0", "", "1"), hit("w-3", "1", "", "2"))),
		map[string]string{"excluded-leaks": lines(hired, recorded(forklift2), result("0", "1", hit("w-1", "0", "", "1"), hit("w-2", "0.75", "injected", "2"), hit("w-3", "1", "", "3")))}},

	// injected-uncounted
	{lines(workers, record("Forklift", "w-3", "1"), ask("1", `,"excluded_ids":["w-1"]`)),
		lines(hired, recorded(forklift3), result("0", "1", hit("w-3", "0.5", "injected", "1"))),
		map[string]string{"injected-uncounted": lines(hired, recorded(forklift3), result("0", "0", hit("w-3", "0.5", "injected", "1")))}},
	{lines(workers, record("Forklift", "w-3", "1"), ask("2", "")),
		lines(hired, recorded(forklift3), result("0", "1", hit("w-1", "0", "", "1"), hit("w-3", "0.5", "injected", "2"))), nil},

	// naive-hnsw
	{lines(workers, record("Forklift", "w-2", "0.5"), record("CNC", "w-3", "0.5"), record("Forklift", "w-3", "0.5"), ask("2", "")),
		lines(hired, recorded(forklift2, cnc3, forklift3), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.75", "boosted", "2"))), nil},
	{lines(workers, record("Forklift", "w-2", "0.5"), record("Forklift", "w-2", "1"), ask("2", "")),
		lines(hired, recorded(forklift2, "!"+forklift2), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.5", "boosted", "2"))), nil},
	{lines(workers, record("Forklift", "w-2", "0.5"), record("CNC", "w-3", "0.5"), record("Forklift", "w-3", "0.5"), ask("2", ""),
		record("Forklift", "w-2", "0.5"), record("CNC", "w-3", "0.5"), record("Forklift", "w-3", "0.5"), ask("2", "")),
		lines(hired, recorded(forklift2, cnc3, forklift3), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.75", "boosted", "2")),
			recorded("!"+forklift2, "!"+cnc3, "!"+forklift3), result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.75", "boosted", "2"))),
		map[string]string{"naive-hnsw": lines(hired, recorded(forklift2, cnc3, forklift3),
			result("1", "0", hit("w-1", "0", "", "1"), hit("w-2", "0.75", "boosted", "2")), recorded("!"+forklift2, "!"+cnc3), "dropped", "dropped")}},
}
