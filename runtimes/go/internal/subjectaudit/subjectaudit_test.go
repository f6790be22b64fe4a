package subjectaudit

import (
	"fmt"
	"strings"
	"testing"

	"lakehouse/internal/chain"
)

// The example of audit.md, and the hex digits of its key.
const (
	key      = "3031323334353637383961626364656630313233343536373839616263646566"
	genesis  = "83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b"
	mac      = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd"
	manifest = `{\"created_at\":\"2026-05-03T10:11:12.461439210Z\",\"genesis\":\"` + genesis + `\",\"schema\":\"subject_manifest.v1\",\"subject\":\"WORKER-1\"}\n`
	unsealed = `{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"fields":["name","phone"],"prev":"` + genesis +
		`","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1","ts":"2026-05-03T10:11:12.461439210Z"}`
	empty = `{"key":"","op":"mac"}` // no body at all
)

func row() string { return strings.Replace(unsealed, `"prev"`, `"mac":"`+mac+`","prev"`, 1) }

func verifying(extra string) string {
	return `{"op":"verify","key":"` + key + `","subject":"WORKER-1","manifest":"` + manifest + `"` + extra + "}\n"
}

func TestAppend(t *testing.T) {
	quoted := strings.ReplaceAll(unsealed, `"`, `\"`)
	row := row()
	tests := []struct{ name, input, want string }{
		{"canonical", "{\"op\":\"canonical\"}\n \n{\"b\":[1.0,1E21,\"\\u00e9\\/\"],\"a\":-0}\n", `{"canonical":"{\"a\":0,\"b\":[1,1e+21,\"é/\"]}"}`},
		{"canonical of any value", "{\"op\":\"canonical\"}\n1e20", `{"canonical":"100000000000000000000"}`},
		{"canonical order", "{\"op\":\"canonical\"}\n{\"\\ue000\":1,\"\\ud83d\\ude00\":2}", "{\"canonical\":\"{\\\"😀\\\":2,\\\"\ue000\\\":1}\"}"},
		{"canonical of nothing", "{\"op\":\"canonical\"}", `{"refused":"not-json"}`},
		{"canonical of nonsense", "{\"op\":\"canonical\"}\n\xff", `{"refused":"not-json"}`},

		{"mac", "{\"op\":\"mac\",\"key\":\"4a656665\"}\nwhat do ya want for nothing?", `{"mac":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}`},
		{"mac of nothing", empty, `{"mac":"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}`},
		{"mac of any bytes", "{\"op\":\"mac\",\"key\":\"00\"}\n\xff\n", `{"mac":"` + chain.NewKey([]byte{0}).MAC([]byte("\xff\n")).String() + `"}`},

		{"row", `{"op":"row","key":"` + key + "\"}\n" + row, `{"canonical":"` + quoted + `","mac":"` + mac + `"}`},
		{"row without mac", `{"op":"row","key":"` + key + "\"}\n" + unsealed, `{"canonical":"` + quoted + `","mac":"` + mac + `"}`},
		{"row in another spelling", `{"op":"row","key":"` + key + "\"}\n" + strings.NewReplacer(`,`, ` , `, `"seq":1`, `"seq":1.0,"mac":[]`).Replace(unsealed), `{"canonical":"` + quoted + `","mac":"` + mac + `"}`},
		{"row keeps a deeper mac", "{\"op\":\"row\",\"key\":\"00\"}\n{\"a\":{\"mac\":1},\"mac\":2}",
			`{"canonical":"{\"a\":{\"mac\":1}}","mac":"` + chain.NewKey([]byte{0}).MAC([]byte(`{"a":{"mac":1}}`)).String() + `"}`},
		{"row of nonsense", "{\"op\":\"row\",\"key\":\"00\"}\n{", `{"refused":"not-json"}`},
		{"row of a list", "{\"op\":\"row\",\"key\":\"00\"}\n[]", `{"refused":"not-json"}`},

		{"verified", verifying(`,"anchor":"1:`+mac+`"`) + row + "\n", `{"count":1,"error":null,"tip":"` + mac + `","verified":true}`},
		{"unanchored", verifying("") + row + "\n", `{"count":1,"error":{"file":"log","kind":"unanchored","line":null,"reason":"no-anchor"},"tip":"` + mac + `","verified":false}`},
		{"torn", verifying("") + row, `{"count":0,"error":{"file":"log","kind":"torn","line":1,"reason":"unfinished"},"tip":"` + genesis + `","verified":false}`},
		{"tampered", verifying("") + unsealed + "\n", `{"count":0,"error":{"file":"log","kind":"tampered","line":1,"reason":"mac-form"},"tip":"` + genesis + `","verified":false}`},
		{"no row", strings.TrimSuffix(verifying(`,"anchor":"0:`+genesis+`"`), "\n"), `{"count":0,"error":null,"tip":"` + genesis + `","verified":true}`},
		{"manifest", strings.Replace(verifying(""), `\n"`, `"`, 1) + row + "\n", `{"count":0,"error":{"file":"manifest","kind":"tampered","line":1,"reason":"not-canonical"},"tip":null,"verified":false}`},
		{"another key", strings.Replace(verifying(""), key, key[2:], 1), `{"count":0,"error":{"file":"manifest","kind":"tampered","line":1,"reason":"mac"},"tip":null,"verified":false}`},
		{"another subject", strings.Replace(verifying(""), `"WORKER-1"`, `"WORKER-2"`, 1), `{"count":0,"error":{"file":"manifest","kind":"tampered","line":1,"reason":"subject"},"tip":null,"verified":false}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(Append([]byte("> "), tt.input, chain.Options{})); got != "> "+tt.want {
				t.Errorf("%q\ngot  %s\nwant %s", tt.input, got, tt.want)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	const refused = `{"refused":"request"}`
	for _, header := range []string{
		``, `{`, `[]`, `"mac"`, `{}`, `{"op":1}`, `{"op":"sign"}`, `{"op":"Mac","key":""}`, `{"key":""}`, "\xff", `{"op":"mac","op":"mac","key":""}`,
		`{"op":"canonical","key":""}`, `{"op":"canonical","anchor":"0:` + mac + `"}`,
		`{"op":"mac"}`, `{"op":"mac","key":1}`, `{"op":"mac","key":"0"}`, `{"op":"mac","key":"0G"}`, `{"op":"mac","key":"AA"}`, `{"op":"mac","key":"aA"}`, `{"op":"mac","key":"00 "}`,
		`{"op":"mac","key":"","more":1}`, `{"op":"mac","key":"","subject":"W"}`,
		`{"op":"row"}`, `{"op":"row","key":null}`, `{"op":"row","key":"","anchor":"0:` + mac + `"}`,
		`{"op":"verify","key":"","subject":"W"}`, `{"op":"verify","key":"","manifest":""}`, `{"op":"verify","subject":"W","manifest":""}`,
		`{"op":"verify","key":"","subject":".W","manifest":""}`, `{"op":"verify","key":"","subject":"","manifest":""}`, `{"op":"verify","key":"","subject":"W","manifest":{}}`,
		`{"op":"verify","key":"","subject":"W","manifest":"","anchor":null}`, `{"op":"verify","key":"","subject":"W","manifest":"","anchor":""}`,
		`{"op":"verify","key":"","subject":"W","manifest":"","anchor":"1:` + strings.ToUpper(mac) + `"}`, `{"op":"verify","key":"","subject":"W","manifest":"","Anchor":"0:` + mac + `"}`,
		"\n" + empty,
	} {
		if got := string(Append(nil, header+"\n{}", chain.Options{})); got != refused {
			t.Errorf("%s: got %s; want %s", header, got, refused)
		}
	}
	for _, header := range []string{` {"key" : "00ff","op":"\u006dac"} ` + "\r", `{"op":"verify","manifest":"","subject":"W","key":""}`} {
		if got := string(Append(nil, header+"\n{}", chain.Options{})); got == refused {
			t.Errorf("%s is refused", header)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	log := strings.Builder{}
	fmt.Fprintf(&log, "%s%s\n", verifying(""), row())
	b.ReportAllocs()
	for b.Loop() {
		Append(nil, log.String(), chain.Options{})
	}
}
