package validate

import "lakehouse/internal/ascii"

// The groups of digits of what is looked for. They have separators between them,
// all the same: a hyphen or a space.
var (
	ssnGroups   = [3]int{3, 2, 4}
	phoneGroups = [3]int{3, 3, 4}
)

// holdsSSN reports whether s holds a social security number. It goes by bytes:
// what counts is ASCII, and no byte of another character is.
func holdsSSN(s string, opts Options) bool {
	for i := range len(s) {
		if isNumber(s, i, ssnGroups) && isIssued(s[i:]) {
			return true
		}
		if opts.PhoneIsSSN && isNumber(s, i, phoneGroups) {
			return true
		}
	}
	return false
}

// isNumber reports whether groups of so many digits begin at s[i], and are not
// a part of something longer.
func isNumber(s string, i int, groups [3]int) bool {
	separatorAt := i + groups[0]
	end := separatorAt + 1 + groups[1] + 1 + groups[2]
	if end > len(s) {
		return false
	}
	separator := s[separatorAt]
	if separator != '-' && separator != ' ' {
		return false
	}
	for n, at := 0, i; n < len(groups); n++ {
		if n > 0 {
			if s[at] != separator {
				return false
			}
			at++
		}
		for range groups[n] {
			if !ascii.IsDigit(s[at]) {
				return false
			}
			at++
		}
	}
	return !goesOn(s, i-1, -1, separator) && !goesOn(s, end, +1, separator)
}

// goesOn reports whether a number goes on at s[i] and, in the direction of step,
// behind it: with a digit, or with the separator and a digit.
func goesOn(s string, i, step int, separator byte) bool {
	if digitAt(s, i) {
		return true
	}
	return 0 <= i && i < len(s) && s[i] == separator && digitAt(s, i+step)
}

func digitAt(s string, i int) bool { return 0 <= i && i < len(s) && ascii.IsDigit(s[i]) }

// isIssued takes a number of the form 000-00-0000 out whose first group is 000,
// 666 or from 900 on, its second 00, or its third 0000.
func isIssued(number string) bool {
	area, group, serial := number[:3], number[4:6], number[7:11]
	return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}
