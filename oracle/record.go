package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// namedCase is one text of a corpus.
type namedCase struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// record prints the answers that an op about one text gives for a file of cases, as a JSON list
// with an answer a line. The name of the case stands where an answer has the id of its request.
func record(op, path string, out io.Writer) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var cases []namedCase
	if err := json.Unmarshal(text, &cases); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewWriter(out)
	separator := "[\n"
	for _, asked := range cases {
		request, err := marshal(map[string]any{"op": op, "id": asked.Name, "text": asked.Text})
		if err != nil {
			return err
		}
		answer, err := marshal(handle(request))
		if err != nil {
			return err
		}
		fmt.Fprintf(lines, "%s  %s", separator, answer)
		separator = ",\n"
	}
	fmt.Fprint(lines, "\n]\n")
	return lines.Flush()
}
