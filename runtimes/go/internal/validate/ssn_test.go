package validate

import "slices"

// ssnTests are texts of a text message, each the body of a case.
var ssnTests = slices.Concat(
	ssnCases("social-security-number", refused("Policy", "social-security-number"),
		"123-45-6789", "123 45 6789", "SSN:123-45-6789.", "x123-45-6789x", "é123-45-6789é",
		"001-01-0001", "665-99-9999", "667-01-0001", "899-99-9999", // the edges of what is issued
		"1 123-45-6789 0", "1-123 45 6789-0", // the other separator is none
		"--123-45-6789--", "  123 45 6789  ", "-123-45-6789-",
		"١123-45-6789١", // digits beyond ASCII are none
		"12-45-6789 123-45-6789", "000-45-6789 123-45-6789",
	),
	ssnCases("not-a-social-security-number", accepted("sms"),
		"312-555-0142", "312 555 0142", "60505-1234", "60505 1234", "2026-123-45-6789", "123456789",
		"123-45 6789", "123 45-6789", "123--45-6789", "123 - 45 - 6789", "123.45.6789", "123\u201345\u20136789", "123\u00a045\u00a06789",
		"0123-45-6789", "123-45-67890", // a digit directly beside
		"1-123-45-6789", "1 123 45 6789", "123-45-6789-0", "123 45 6789 0", // the same separator and a digit
		"000-45-6789", "666-45-6789", "900-45-6789", "999-45-6789", "123-00-6789", "123-45-0000",
		"12-45-6789", "123-4-6789", "123-45-678", "123-45-", "١٢٣-٤٥-٦٧٨٩",
	),
	[]ruleTest{
		{"social-security-number", mail("123-45-6789", ""), nil, refused("Policy", "social-security-number")},
		{"social-security-number", mail("s", ": 123 45 6789"), nil, refused("Policy", "social-security-number")},
		{"social-security-number", mail("s", "123-45-6789"), nil, accepted("email")}, // a part of ORD-7123-45-6789
		{"not-a-social-security-number", mail("123-45", "-6789"), nil, accepted("email")},
		{"social-security-number", anSMS, edits{`"phone":"312-555-0142"`, `"phone":"123-45-6789"`, `"to":"312-555-0142"`, `"to":"123-45-6789"`}, accepted("sms")},
	},
)

func ssnCases(rule, want string, texts ...string) []ruleTest {
	var tests []ruleTest
	for _, text := range texts {
		tests = append(tests, ruleTest{rule, message(text), nil, want})
	}
	return tests
}
