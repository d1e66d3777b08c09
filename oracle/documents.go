package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// documentsAnswer holds the texts of the documents of a stream, in order.
type documentsAnswer struct {
	Documents []string `json:"documents"`
	// Refused is why the reader stopped before the end of the stream.
	Refused string `json:"refused,omitempty"`
}

// answerDocuments cuts a stream into documents as kubectl and the other clients of
// k8s.io/apimachinery do.
func answerDocuments(request []byte) (any, error) {
	var asked textRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	answer := documentsAnswer{Documents: []string{}}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(asked.Text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return answer, nil
		}
		if err != nil {
			answer.Refused = err.Error()
			return answer, nil
		}
		answer.Documents = append(answer.Documents, string(document))
	}
}
