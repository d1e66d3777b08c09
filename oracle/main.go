// The program oracle answers for the real Kubernetes libraries: what the API server reads in a YAML text, what
// it decides by a ValidatingAdmissionPolicy, and what Pod Security Admission says of a pod.
//
// The Rust tests of Knight start `oracle serve`, write one JSON request a line and read one JSON
// answer a line, in the same order, until they close its input. A request names its operation in
// `op` and carries an `id` that the answer repeats. A request that cannot be answered gets
// `{"id":…,"error":"…"}`; no request ends the program.
//
//	op          question                                              file
//	yaml        what value is this YAML text?                         yaml.go
//	json        what value is this JSON text?                         yaml.go
//	documents   where is this stream cut into documents?              documents.go
//	cel         does this policy allow these requests?                cel.go
//	pss         does a Pod Security Standard allow these pods?        pss.go
//	pss-checks  which checks does the standard have, since when?      pss.go
//	versions    which library versions answer here?                   versions.go
//
// `oracle record OP CASES` prints the answers of yaml, json or documents for a file of named texts.
// The answers lie beside the cases in testdata/yaml, so that tests without Go have them too;
// record.sh writes them anew, and a test here says when they are stale.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve":
		return serve(os.Stdin, os.Stdout)
	case len(args) == 3 && args[0] == "record":
		return record(args[1], args[2], os.Stdout)
	default:
		return errors.New("usage: oracle serve | oracle record OP CASES")
	}
}
