package plant

import "lakehouse/internal/verror"

func validationErrorAnswer(input string, opts Options) string {
	return string(verror.Append(nil, input, opts.ValidationError))
}

const emptyPolicy = `{"error":{"Policy":{"reason":""}}}`

var validationErrorCases = []plantCase{
	// unknown-variant-default
	{`{"Format":{"reason":"y"}}`, `{"refused":"unknown-variant"}`, map[string]string{"unknown-variant-default": emptyPolicy}},
	{`{"Kind":"Policy","Reason":"y"}`, `{"refused":"unknown-variant"}`, map[string]string{"unknown-variant-default": emptyPolicy}},
	{`{"Policy":{"reason":"y"}}`, `{"error":{"Policy":{"reason":"y"}}}`, nil},
	{`{"Kind":"schema","Field":"x","Reason":"y"}`, `{"error":{"Schema":{"field":"x","reason":"y"}}}`, nil},
	{`{"Policy":{}}`, `{"refused":"wrong-shape"}`, nil},
	{`{}`, `{"refused":"wrong-shape"}`, nil},
	{`{"Format":{"reason":"y"}`, `{"refused":"unreadable"}`, nil},
	// The plants of other surfaces spoil neither the reader nor the writer of this one.
	{`{"Format":1}x`, `{"refused":"unreadable"}`, nil},
	{`{"Policy":{"reason":"y","reason":"y"}}`, `{"refused":"unreadable"}`, nil},
	{`{"Policy":{"reason":"\ud800"}}`, `{"refused":"unreadable"}`, nil},
	{`{"Policy":{"reason":"y","n":9007199254740993}}`, `{"refused":"unreadable"}`, nil},
	{`{"Completeness":{"reason":"<y>"}}`, `{"error":{"Completeness":{"reason":"<y>"}}}`, nil},
}
