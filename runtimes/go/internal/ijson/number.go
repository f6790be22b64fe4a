package ijson

import (
	"strconv"
	"strings"
)

// maxInteger is 2^53: beyond it doubles skip integers (integer-range).
const maxInteger = 1 << 53

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number reads from the minus sign or the first digit on.
func (r *reader) number() (Value, error) {
	start := r.pos
	r.take('-')
	// A zero stands alone: a digit behind it is left over, and refused there.
	if !r.take('0') && !r.digits() {
		return nil, r.refuse(ErrSyntax)
	}
	integer, exponent := true, false
	if r.take('.') {
		integer = false
		if !r.digits() {
			return nil, r.refuse(ErrSyntax)
		}
	}
	if r.take('e') || r.take('E') {
		integer, exponent = false, true
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			return nil, r.refuse(ErrSyntax)
		}
	}
	literal := r.text[start:r.pos]
	if integer {
		if f, ok := smallInteger(literal); ok {
			return Number(f), nil
		}
		if !r.opts.RoundIntegers {
			return nil, &Error{ErrIntegerRange, start}
		}
	}
	if exponent && len(literal) > maxExact {
		literal = normalise(literal)
	}
	// The grammar was checked above, so the one possible error is the range.
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil && !r.opts.InfiniteNumbers {
		return nil, &Error{ErrNumberRange, start}
	}
	return Number(f), nil
}

// digits steps over one digit or more.
func (r *reader) digits() bool {
	start := r.pos
	for isDigit(r.peek()) {
		r.pos++
	}
	return r.pos > start
}

// smallInteger converts an integer literal of up to 2^53 in magnitude.
func smallInteger(literal string) (f float64, ok bool) {
	digits, negative := strings.CutPrefix(literal, "-")
	if len(digits) > len("9007199254740992") {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	if n > maxInteger {
		return 0, false
	}
	f = float64(n)
	if negative {
		f = -f // on a float, for the sake of -0
	}
	return f, true
}

// maxExact is the length up to which strconv.ParseFloat can be trusted with an
// exponent. It keeps no more than 800 digits before the point, and about five
// of an exponent, without counting the rest: of 9007199254740993[900 zeros]e-900
// it makes 9.007199254740993e-101.
const maxExact = 800

// normalise rewrites a literal with an exponent as 0.ddd with an exponent that
// fits the significand, the form that ParseFloat converts exactly at any length.
func normalise(literal string) string {
	sign := ""
	if literal[0] == '-' {
		sign, literal = "-", literal[1:]
	}
	e := strings.LastIndexAny(literal, "eE")
	whole, fraction, _ := strings.Cut(literal[:e], ".")
	// Atoi saturates where it fails, and the clamp keeps the sum below from
	// wrapping around; no literal is long enough to make up for 2^30.
	exponent, _ := strconv.Atoi(literal[e+1:])
	exponent = max(-1<<30, min(exponent, 1<<30))
	all := whole + fraction
	digits := strings.TrimLeft(all, "0")
	if digits == "" {
		return sign + "0"
	}
	leadingZeros := len(all) - len(digits)
	// From a thousand on it makes no difference any more: zero or infinite.
	point := max(-1000, min(len(whole)-leadingZeros+exponent, 1000))
	return sign + "0." + digits + "e" + strconv.Itoa(point)
}
