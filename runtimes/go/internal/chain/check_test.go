package chain

import (
	"strings"
	"testing"

	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
	"lakehouse/internal/lines"
)

// The example of audit.md.
const (
	exampleKey      = "0123456789abcdef0123456789abcdef"
	exampleGenesis  = "83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b"
	exampleMAC      = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd"
	exampleManifest = `{"created_at":"2026-05-03T10:11:12.461439210Z","genesis":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b","schema":"subject_manifest.v1","subject":"WORKER-1"}`
	exampleRow      = `{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"fields":["name","phone"],"mac":"858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd","prev":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1","ts":"2026-05-03T10:11:12.461439210Z"}`
)

func example() *Checker {
	return &Checker{Key: NewKey([]byte(exampleKey)), Subject: "WORKER-1", Manifest: "manifest", Log: "log"}
}

// sealedAs signs an object of any members, and writes it canonically.
func sealedAs(t testing.TB, name, object string) string {
	t.Helper()
	v, err := ijson.Parse(object, ijson.Options{})
	if err != nil {
		t.Fatal(object, err)
	}
	line, _ := seal(example().Key, v.(ijson.Object), name)
	return string(line)
}

// second is a row behind the example's, with the first of each pair replaced
// before it is signed.
func second(t testing.TB, pairs ...string) string {
	t.Helper()
	row := strings.Replace(exampleRow, `"mac":"`+exampleMAC+`",`, "", 1)
	row = strings.NewReplacer(exampleGenesis, exampleMAC, `"seq":1`, `"seq":2`).Replace(row)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(row, pairs[i]) {
			t.Fatalf("%s is not in %s", pairs[i], row)
		}
		row = strings.Replace(row, pairs[i], pairs[i+1], 1)
	}
	return sealedAs(t, "mac", row)
}

func macOf(line string) string {
	_, behind, _ := strings.Cut(line, `"mac":"`)
	return behind[:64]
}

func TestExample(t *testing.T) {
	line, genesis := NewManifest(NewKey([]byte(exampleKey)), "WORKER-1", "2026-05-03T10:11:12.461439210Z")
	if string(line) != exampleManifest || genesis.String() != exampleGenesis {
		t.Errorf("got %s", line)
	}
	event, reason := ReadEvent([]byte(`{"ts":"2026-05-03T10:11:12.461439210Z","result":"ok","accessor":{"daemon":"gateway","kind":"api","purpose":"fill"},"fields":["name","phone"]}`), "WORKER-1")
	if reason != "" {
		t.Fatal(reason)
	}
	row, mac, ok := event.Row(NewKey([]byte(exampleKey)), 1, genesis)
	if string(row) != exampleRow || mac.String() != exampleMAC || !ok {
		t.Errorf("got %s", row)
	}
	got, f := example().CheckManifest([]byte(exampleManifest + "\n"))
	if got != genesis || f != nil {
		t.Errorf("got %s, %v", got, f)
	}
}

func TestCheckRow(t *testing.T) {
	good := second(t)
	other := strings.Replace(good, macOf(good), macOf(good)[:63]+"x", 1)
	flip := func(text string, at int) string {
		c := byte('0')
		if text[at] == '0' {
			c = '1'
		}
		return text[:at] + string(c) + text[at+1:]
	}
	padding := strings.Repeat("x", lines.Max)
	tests := []struct {
		name, line string
		want       fault.Reason
	}{
		{"sound", good, ""},
		{"a member that nobody knows", second(t, `"result"`, `"mac2":{"mac":1.5e300},"result"`), ""},
		{"no schema, no accessor", second(t, `"schema":"subject_audit_row.v1",`, ``, `"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},`, ``), ""},
		{"longest", second(t, `"result":"ok"`, `"result":"`+padding[:lines.Max-len(good)+2]+`"`), ""},

		{"too long", second(t, `"result":"ok"`, `"result":"`+padding[:lines.Max-len(good)+3]+`"`), fault.LineTooLong},
		{"too long, and nonsense", padding + "x", fault.LineTooLong},

		{"empty", "", fault.NotJSON},
		{"cut", good[:len(good)-1], fault.NotJSON},
		{"something behind it", good + "x", fault.NotJSON},
		{"byte-order mark", "\ufeff" + good, fault.NotJSON},
		{"duplicate member", strings.Replace(good, `"fields"`, `"accessor":1,"fields"`, 1), fault.NotJSON},
		{"duplicate mac", strings.Replace(good, `"mac"`, `"mac":"`+macOf(good)+`","mac"`, 1), fault.NotJSON},
		{"integer beyond 2^53", strings.Replace(good, `"seq":2`, `"seq":9007199254740993`, 1), fault.NotJSON},
		{"not UTF-8", strings.Replace(good, "gateway", "\xff", 1), fault.NotJSON},
		{"array", "[" + good + "]", fault.NotJSON},
		{"null", "null", fault.NotJSON},

		{"no mac", strings.Replace(good, `"mac"`, `"mad"`, 1), fault.MACForm},
		{"no member", "{}", fault.MACForm},
		{"mac is null", `{"mac":null}`, fault.MACForm},
		{"mac is short", strings.Replace(good, macOf(good), macOf(good)[:63], 1), fault.MACForm},
		{"mac is long", strings.Replace(good, macOf(good), macOf(good)+"0", 1), fault.MACForm},
		{"mac is in capitals", strings.Replace(good, macOf(good), strings.ToUpper(macOf(good)), 1), fault.MACForm},
		{"mac is no hex", other, fault.MACForm},
		{"mac is deeper", `{"accessor":{"mac":"` + exampleMAC + `"}}`, fault.MACForm},
		{"mac-form before not-canonical", " " + other, fault.MACForm},

		{"white space", " " + good, fault.NotCanonical},
		{"white space inside", strings.Replace(good, ":", ": ", 1), fault.NotCanonical},
		{"CR", good + "\r", fault.NotCanonical},
		{"escape", strings.Replace(good, "gateway", `\u0067ateway`, 1), fault.NotCanonical},
		{"escaped slash", strings.Replace(second(t, "gateway", "a/b"), "a/b", `a\/b`, 1), fault.NotCanonical},
		{"member order", strings.Replace(good, `"fields":["name","phone"],`, "", 1)[:len(good)-len(`"fields":["name","phone"],`)-1] + `,"fields":["name","phone"]}`, fault.NotCanonical},
		{"order inside", strings.Replace(good, `"daemon":"gateway","kind":"api"`, `"kind":"api","daemon":"gateway"`, 1), fault.NotCanonical},
		{"1.0 for 1", strings.Replace(good, `"seq":2`, `"seq":2.0`, 1), fault.NotCanonical},
		{"-0", strings.Replace(second(t, `"result"`, `"n":0,"result"`), `"n":0`, `"n":-0`, 1), fault.NotCanonical},
		{"1e20", strings.Replace(good, `"prev"`, `"n":1e20,"prev"`, 1), fault.NotCanonical},
		{"not-canonical before mac", strings.Replace(good, "gateway", `\u0068ateway`, 1), fault.NotCanonical},

		{"first digit", flip(good, strings.Index(good, macOf(good))), fault.MAC},
		{"last digit", flip(good, strings.Index(good, macOf(good))+63), fault.MAC},
		{"another byte", strings.Replace(good, "gateway", "gatewaz", 1), fault.MAC},
		{"trace_id is gone", strings.Replace(good, `,"trace_id":""`, ``, 1), fault.MAC},
		{"trailing zero is gone", strings.Replace(good, "439210Z", "43921Z", 1), fault.MAC},
		{"an unknown member is gone", strings.Replace(second(t, `"result"`, `"purge":0.5,"result"`), `"purge":0.5,`, ``, 1), fault.MAC},
		{"mac before subject", strings.Replace(good, `"WORKER-1"`, `"WORKER-2"`, 1), fault.MAC},

		{"another subject", second(t, `"WORKER-1"`, `"WORKER-2"`), fault.Subject},
		{"no subject", second(t, `"subject":"WORKER-1",`, ``), fault.Subject},
		{"subject is no text", second(t, `"WORKER-1"`, `["WORKER-1"]`), fault.Subject},
		{"subject before chain", second(t, `"WORKER-1"`, `"WORKER-2"`, `"seq":2`, `"seq":3`), fault.Subject},

		{"seq is another", second(t, `"seq":2`, `"seq":3`), fault.Chain},
		{"seq is negative", second(t, `"seq":2`, `"seq":-2`), fault.Chain},
		{"seq is text", second(t, `"seq":2`, `"seq":"2"`), fault.Chain},
		{"seq has a fraction", second(t, `"seq":2`, `"seq":2.5`), fault.Chain},
		{"no seq", second(t, `"seq":2,`, ``), fault.Chain},
		{"prev is another", second(t, exampleMAC, exampleGenesis), fault.Chain},
		{"no prev", second(t, `"prev":"`+exampleMAC+`",`, ``), fault.Chain},
		{"prev is no text", second(t, `"`+exampleMAC+`"`, `null`), fault.Chain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			prev := MAC([]byte(exampleMAC))
			_, f := example().checkRow([]byte(tt.line), 2, &prev)
			got := fault.Reason("")
			if f != nil {
				got = f.Reason
				wantKind := fault.Tampered
				if tt.want == fault.LineTooLong {
					wantKind = fault.Unreadable
				}
				if f.Kind != wantKind || f.File != "log" || f.Line != 2 {
					t.Errorf("got %v", f)
				}
			}
			if got != tt.want {
				t.Errorf("%.400s\ngot %q; want %q", tt.line, got, tt.want)
			}
		})
	}
}

func TestCheckManifest(t *testing.T) {
	extended := sealedAs(t, "genesis", `{"created_at":"x","schema":1,"subject":"WORKER-1","more":[1]}`)
	tests := []struct {
		name, text string
		want       fault.Reason
	}{
		{"sound", exampleManifest + "\n", ""},
		{"bound members that nobody knows", extended + "\n", ""},
		{"too long", strings.Repeat("x", lines.Max+1), fault.LineTooLong},
		{"too long, with its end", strings.Repeat("x", lines.Max+1) + "\n", fault.LineTooLong},
		{"longest", strings.Repeat("x", lines.Max) + "\n", fault.NotJSON},
		{"empty", "", fault.NotJSON},
		{"an empty line before it", "\n" + exampleManifest + "\n", fault.NotJSON},
		{"over several lines", strings.ReplaceAll(exampleManifest, ",", ",\n") + "\n", fault.NotJSON},
		{"a row's mac", strings.Replace(exampleManifest, "genesis", "mac", 1) + "\n", fault.MACForm},
		{"no end", exampleManifest, fault.NotCanonical},
		{"CR", exampleManifest + "\r\n", fault.NotCanonical},
		{"an empty line behind it", exampleManifest + "\n\n", fault.NotCanonical},
		{"twice", exampleManifest + "\n" + exampleManifest + "\n", fault.NotCanonical},
		{"not-canonical before mac", strings.Replace(exampleManifest, "2026", "2027", 1), fault.NotCanonical},
		{"another byte", strings.Replace(exampleManifest, "2026", "2027", 1) + "\n", fault.MAC},
		{"another subject", sealedAs(t, "genesis", `{"subject":"WORKER-2"}`) + "\n", fault.Subject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, f := example().CheckManifest([]byte(tt.text))
			got := fault.Reason("")
			if f != nil {
				if got = f.Reason; f.File != "manifest" || f.Line != 1 {
					t.Errorf("got %v", f)
				}
			}
			if got != tt.want {
				t.Errorf("got %q; want %q", got, tt.want)
			}
		})
	}
}

func TestCheckTip(t *testing.T) {
	for seq, want := range map[string]fault.Reason{
		"1": "", "7": "", "9007199254740991": "",
		"9007199254740992": fault.Chain, "0": fault.Chain, "-1": fault.Chain, "1.5": fault.Chain, `"1"`: fault.Chain, "null": fault.Chain,
	} {
		// What it follows is not known, and not asked.
		line := second(t, `"seq":2`, `"seq":`+seq, exampleMAC, "x")
		got, mac, f := example().CheckTip([]byte(line))
		if want != "" {
			if f == nil || f.Reason != want || f.Kind != fault.Tampered {
				t.Errorf("seq %s: %v; want %s", seq, f, want)
			}
			continue
		}
		if n, _ := ijson.Parse(seq, ijson.Options{}); f != nil || ijson.Number(got) != n || mac.String() != macOf(line) {
			t.Errorf("seq %s: got %d, %s, %v", seq, got, mac, f)
		}
	}
	if _, _, f := example().CheckTip([]byte(second(t, "WORKER-1", "WORKER-2"))); f == nil || f.Reason != fault.Subject {
		t.Errorf("another subject: %v", f)
	}
}
