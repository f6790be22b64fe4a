package validate

import "strings"

func message(body string) string { return strings.Replace(anSMS, "See you there.", body, 1) }

// mail is an e-mail with that subject, and a body that mentions the order.
func mail(subject, body string) string {
	return strings.NewReplacer("Your shift", subject, "See you at ORD-7.", "ORD-7"+body).Replace(anMail)
}

var completenessTests = []ruleTest{
	{"empty-roster", aFill, edits{roster, `[]`}, refused("Completeness", "empty-roster")},
	{"empty-roster", anSMS, edits{roster, `[]`, `"312-555-0142"`, `""`}, refused("Completeness", "empty-roster")},
	{"empty-roster", aFill, edits{roster, `[]`, `["w-1","w-2"]`, `[]`}, refused("Completeness", "empty-roster")},

	{"too-few-fills", aFill, edits{`"headcount":2`, `"headcount":3`}, refused("Completeness", "too-few-fills")},
	{"too-few-fills", aFill, edits{`["w-1","w-2"]`, `[]`}, refused("Completeness", "too-few-fills")},
	{"too-few-fills", aFill, edits{`["w-1","w-2"]`, `["unknown"]`}, refused("Completeness", "too-few-fills")},
	{"too-few-fills", aFill, nil, accepted("fill")},
	{"too-few-fills", anSMS, edits{`"headcount":2`, `"headcount":500`}, accepted("sms")}, // of a fill only

	{"missing-recipient", anMail, edits{`"to":"a@example.com","subject":"Your shift"`, `"to":"","subject":""`}, refused("Completeness", "missing-recipient")},
	{"missing-recipient", anMail, edits{`"to":"a@example.com"`, `"to":" \t\r\n"`}, refused("Completeness", "missing-recipient")},
	{"missing-recipient", anSMS, edits{`"to":"312-555-0142"`, `"to":" "`}, refused("Completeness", "missing-recipient")},
	{"missing-recipient", anSMS, edits{`"to":"312-555-0142"`, `"to":"\u00a0"`}, refused("Consistency", "recipient-mismatch")},

	{"empty-subject", anMail, edits{`"Your shift","body":"See you at ORD-7."`, `" \n","body":""`}, refused("Completeness", "empty-subject")},
	{"empty-subject", mail("", ""), nil, refused("Completeness", "empty-subject")},
	{"empty-subject", mail(`\u000b`, ""), nil, accepted("email")}, // no white space here
	{"empty-subject", mail(`\u200b`, ""), nil, accepted("email")},

	{"empty-body", anMail, edits{`See you at ORD-7.`, ` \t\r\n`}, refused("Completeness", "empty-body")},
	{"empty-body", message(``), nil, refused("Completeness", "empty-body")},
	{"empty-body", message(` `), nil, refused("Completeness", "empty-body")},
	{"empty-body", message(`\f`), nil, accepted("sms")},
	{"empty-body", message(`\u2003`), nil, accepted("sms")},

	{"order-not-mentioned", anMail, edits{`ORD-7.`, `ORD-8.`}, refused("Completeness", "order-not-mentioned")},
	{"order-not-mentioned", anMail, edits{`ORD-7.`, `ord-7.`}, refused("Completeness", "order-not-mentioned")},
	{"order-not-mentioned", anMail, edits{`ORD-7.`, `ORD-`, `Your shift`, `ORD-7`}, refused("Completeness", "order-not-mentioned")},
	{"order-not-mentioned", anMail, edits{`ORD-7.`, `xORD-77`}, accepted("email")},
	{"order-not-mentioned", anMail, edits{`"ORD-7"`, `"\u00e9"`, `ORD-7.`, `e\u0301`}, refused("Completeness", "order-not-mentioned")},
	{"order-not-mentioned", anSMS, nil, accepted("sms")}, // of an e-mail only

	// All of Completeness comes before the rest.
	{"order-not-mentioned", anMail, edits{`"id":"w-2"`, `"id":"w-1"`, `ORD-7.`, `{{order}}`}, refused("Completeness", "order-not-mentioned")},
}

var consistencyTests = []ruleTest{
	{"duplicate-roster-id", aFill, edits{`"id":"w-9"`, `"id":"w-1"`}, refused("Consistency", "duplicate-roster-id")},
	{"duplicate-roster-id", aFill, edits{`"id":"w-9"`, `"id":"w-\u0031"`}, refused("Consistency", "duplicate-roster-id")},
	{"duplicate-roster-id", aFill, edits{`"id":"w-9"`, `"id":"W-1"`}, accepted("fill")},
	{"duplicate-roster-id", aFill, edits{`"id":"w-9"`, `"id":"w-1 "`}, accepted("fill")},
	{"duplicate-roster-id", aFill, edits{`"id":"w-9"`, `"id":"w-1"`, `"headcount":2`, `"headcount":1`}, refused("Consistency", "duplicate-roster-id")},

	{"too-many-fills", aFill, edits{`"headcount":2`, `"headcount":1`, `["w-1","w-2"]`, `["x","x"]`}, refused("Consistency", "too-many-fills")},
	{"too-many-fills", aFill, edits{`["w-1","w-2"]`, `["w-1","w-2","w-2"]`}, refused("Consistency", "too-many-fills")},

	{"unknown-worker", aFill, edits{`["w-1","w-2"]`, `["w-1","w-3"]`}, refused("Consistency", "unknown-worker")},
	{"unknown-worker", aFill, edits{`["w-1","w-2"]`, `["W-1","w-2"]`}, refused("Consistency", "unknown-worker")},
	{"unknown-worker", anSMS, edits{`"worker_id":"w-1"`, `"worker_id":""`}, refused("Consistency", "unknown-worker")},
	{"unknown-worker", anMail, edits{`"worker_id":"w-1"`, `"worker_id":"w-1 "`}, refused("Consistency", "unknown-worker")},
	{"unknown-worker", aFill, edits{`["w-1","w-2"]`, `["x","x"]`}, refused("Consistency", "unknown-worker")},

	{"duplicate-worker", aFill, edits{`["w-1","w-2"]`, `["w-1","w-1"]`}, refused("Consistency", "duplicate-worker")},
	{"duplicate-worker", aFill, edits{`["w-1","w-2"]`, `["w-1","\u0077-1"]`}, refused("Consistency", "duplicate-worker")},

	{"role-mismatch", aFill, edits{`"w-2","role":"Welder"`, `"w-2","role":"Roofer"`}, refused("Consistency", "role-mismatch")},
	{"role-mismatch", aFill, edits{`"w-2","role":"Welder"`, `"w-2","role":"Wel der"`}, refused("Consistency", "role-mismatch")},
	{"role-mismatch", aFill, edits{`"w-2","role":"Welder"`, `"w-2","role":"Welder\u00a0"`}, refused("Consistency", "role-mismatch")},
	{"role-mismatch", aFill, edits{`"w-2","role":"Welder"`, `"w-2","role":"\tWELDER "`}, accepted("fill")},
	{"role-mismatch", aFill, edits{`"w-9","role":"Welder"`, `"w-9","role":"Roofer"`}, accepted("fill")}, // not in the artifact
	{"role-mismatch", anSMS, edits{`"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"","city":""`}, refused("Consistency", "role-mismatch")},

	{"city-mismatch", aFill, edits{`"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"Welder","city":"Joliet"`}, refused("Consistency", "city-mismatch")},
	{"city-mismatch", anSMS, edits{`"city":"Aurora"`, `"city":"Kent"`, `"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"Welder","city":"\u212aent"`}, refused("Consistency", "city-mismatch")},
	{"city-mismatch", anSMS, edits{`"city":"Aurora"`, `"city":"A["`, `"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"Welder","city":"A{"`}, refused("Consistency", "city-mismatch")},
	{"city-mismatch", anSMS, edits{`"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"Welder","city":" aurorA\r\n"`}, accepted("sms")},

	{"state-mismatch", aFill, edits{`"w-1","role":"Welder","city":"Aurora","state":"IL"`, `"w-1","role":"Welder","city":"Aurora","state":"IN"`}, refused("Consistency", "state-mismatch")},
	{"state-mismatch", anMail, edits{`"IL"`, `"CO"`, `"to":"a@example.com"`, `"to":"b"`}, refused("Consistency", "state-mismatch")},

	// One worker after the other: the first one's state before the second's absence.
	{"state-mismatch", aFill, edits{`"w-1","role":"Welder","city":"Aurora","state":"IL"`, `"w-1","role":"Welder","city":"Aurora","state":"IN"`,
		`["w-1","w-2"]`, `["w-1","x"]`}, refused("Consistency", "state-mismatch")},
	{"unknown-worker", aFill, edits{`"w-1","role":"Welder","city":"Aurora","state":"IL"`, `"w-1","role":"Welder","city":"Aurora","state":"IN"`,
		`["w-1","w-2"]`, `["x","w-1"]`}, refused("Consistency", "unknown-worker")},
	{"role-mismatch", aFill, edits{`"w-1","role":"Welder"`, `"w-1","role":"Roofer"`, `["w-1","w-2"]`, `["w-1","w-1"]`}, refused("Consistency", "role-mismatch")},

	{"recipient-mismatch", anMail, edits{`"to":"a@example.com"`, `"to":"A@example.com"`}, refused("Consistency", "recipient-mismatch")},
	{"recipient-mismatch", anMail, edits{`"to":"a@example.com"`, `"to":"a@example.com "`}, refused("Consistency", "recipient-mismatch")},
	{"recipient-mismatch", anMail, edits{`"to":"a@example.com"`, `"to":"312-555-0142"`}, refused("Consistency", "recipient-mismatch")},
	{"recipient-mismatch", anMail, edits{`"email":"a@example.com"`, `"email":""`}, refused("Consistency", "recipient-mismatch")},
	{"recipient-mismatch", anMail, edits{`"email":"a@example.com",`, ``, `"to":"a@example.com"`, `"to":"b"`}, accepted("email")},
	{"recipient-mismatch", anSMS, edits{`"to":"312-555-0142"`, `"to":"3125550142"`}, refused("Consistency", "recipient-mismatch")},
	{"recipient-mismatch", anSMS, edits{`"phone":"312-555-0142"`, `"tel":"312-555-0142"`, `"to":"312-555-0142"`, `"to":"b"`}, accepted("sms")},

	// All of Consistency comes before the rest.
	{"recipient-mismatch", anSMS, edits{`["w-9"]`, `["w-1"]`, `"to":"312-555-0142"`, `"to":"b"`}, refused("Consistency", "recipient-mismatch")},
	{"state-mismatch", aFill, edits{`["w-9"]`, `["w-1"]`, `"w-2","role":"Welder","city":"Aurora","state":"IL"`, `"w-2","role":"Welder","city":"Aurora","state":"IN"`},
		refused("Consistency", "state-mismatch")},
}

var policyTests = []ruleTest{
	{"excluded-worker", aFill, edits{`["w-9"]`, `["w-8","w-2"]`}, refused("Policy", "excluded-worker")},
	{"excluded-worker", aFill, edits{`["w-9"]`, `["W-1","w-2 "]`}, accepted("fill")},
	{"excluded-worker", anSMS, edits{`["w-9"]`, `["w-1"]`, `See you there.`, strings.Repeat("x", 161)}, refused("Policy", "excluded-worker")},
	{"excluded-worker", anMail, edits{`["w-9"]`, `["w-1","w-1"]`}, refused("Policy", "excluded-worker")},

	{"sms-too-long", message(strings.Repeat("x", 160)), nil, accepted("sms")},
	{"sms-too-long", message(strings.Repeat("x", 161)), nil, refused("Policy", "sms-too-long")},
	{"sms-too-long", message(strings.Repeat(" ", 160) + "x"), nil, refused("Policy", "sms-too-long")},
	{"sms-too-long", message(strings.Repeat("{", 161)), nil, refused("Policy", "sms-too-long")},
	{"sms-too-long", mail("s", strings.Repeat("x", 500)), nil, accepted("email")},

	{"subject-too-long", mail(strings.Repeat("x", 120), ""), nil, accepted("email")},
	{"subject-too-long", mail(strings.Repeat("é", 120), ""), nil, accepted("email")},
	{"subject-too-long", mail(strings.Repeat("x", 121), ""), nil, refused("Policy", "subject-too-long")},
	{"subject-too-long", mail(strings.Repeat("{", 121), ""), nil, refused("Policy", "subject-too-long")},

	{"placeholder-left", mail("Hi {{name}}", ""), nil, refused("Policy", "placeholder-left")},
	{"placeholder-left", mail("s", "{{"), nil, refused("Policy", "placeholder-left")},
	{"placeholder-left", message("Hi {{"), nil, refused("Policy", "placeholder-left")},
	{"placeholder-left", message("{{ http://"), nil, refused("Policy", "placeholder-left")},
	{"placeholder-left", message("{ { }} {x}"), nil, accepted("sms")},
	{"placeholder-left", mail("{", "{"), nil, accepted("email")},

	{"link-in-sms", message("see http://x"), nil, refused("Policy", "link-in-sms")},
	{"link-in-sms", message("see HttPS://"), nil, refused("Policy", "link-in-sms")},
	{"link-in-sms", message("see xhttp:// 123-45-6789"), nil, refused("Policy", "link-in-sms")},
	{"link-in-sms", message("ftp://x https://y"), nil, refused("Policy", "link-in-sms")},
	{"link-in-sms", message("http:/ http//: ftp:// ://"), nil, accepted("sms")},
	{"link-in-sms", message("http :// https\u00a0://"), nil, accepted("sms")},
	{"link-in-sms", message("http\u017f://"), nil, accepted("sms")}, // a long s, which folds to s in Unicode
	{"link-in-sms", mail("http://x", "https://y"), nil, accepted("email")},
}
