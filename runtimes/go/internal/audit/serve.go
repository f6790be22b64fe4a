package audit

import (
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// Append answers a request of files.md, and is a surface of a helper. A text
// that is no such request is a command line that nobody can understand.
func (p *Program) Append(dst []byte, input string) []byte {
	r := Result{Exit: exitUsage}
	if args, dir, ok := readRequest(input); ok {
		r = p.Run(args, dir)
	}
	if r.Answer == nil {
		r.Answer = ijson.Null{}
	}
	return jcs.Append(dst, ijson.Object{
		{Name: "answer", Value: r.Answer},
		{Name: "exit", Value: ijson.Number(r.Exit)},
	}, jcs.Options{})
}

// readRequest reads {"arguments":[...],"directory":"..."}. A directory without a
// name would be the root of all files.
func readRequest(input string) (args []string, dir string, ok bool) {
	v, err := ijson.Parse(input, ijson.Options{})
	if err != nil {
		return nil, "", false
	}
	o, _ := v.(ijson.Object)
	items, isList := o.Get("arguments").(ijson.Array)
	directory, _ := o.Get("directory").(ijson.String)
	if len(o) != 2 || !isList || directory == "" {
		return nil, "", false
	}
	for _, item := range items {
		arg, isText := item.(ijson.String)
		if !isText {
			return nil, "", false
		}
		args = append(args, string(arg))
	}
	return args, string(directory), true
}
