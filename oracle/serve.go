package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// envelope is what every request has.
type envelope struct {
	Op string          `json:"op"`
	ID json.RawMessage `json:"id"`
}

// reply is what every answer has; the answer of the operation is beside these fields.
type reply struct {
	ID     json.RawMessage `json:"id"`
	Error  string          `json:"error,omitempty"`
	answer any
}

// MarshalJSON puts the fields of the answer beside the id, so that an answer is one flat object.
func (r reply) MarshalJSON() ([]byte, error) {
	type bare reply
	head, err := marshal(bare(r))
	if err != nil || r.answer == nil || r.Error != "" {
		return head, err
	}
	body, err := marshal(r.answer)
	if err != nil {
		return nil, err
	}
	if len(body) <= len("{}") {
		return head, nil
	}
	joined := append(head[:len(head)-1], ',')
	return append(joined, body[1:]...), nil
}

// operations holds the function that answers each op. An answer is a struct or a map, never a
// bare list or scalar.
var operations = map[string]func(request []byte) (any, error){
	"cel":        answerCel,
	"documents":  answerDocuments,
	"json":       answerJSON,
	"pss":        answerPss,
	"pss-checks": answerPssChecks,
	"versions":   answerVersions,
	"yaml":       answerYAML,
}

// serve answers the requests of in, a line each, until its end.
func serve(in io.Reader, out io.Writer) error {
	requests := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := requests.ReadBytes('\n')
		if len(line) > 0 {
			if err := respond(line, out); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("could not read a request: %w", err)
		}
	}
}

func respond(line []byte, out io.Writer) error {
	text, err := marshal(handle(line))
	if err != nil {
		text, err = marshal(reply{Error: fmt.Sprintf("could not write the answer: %v", err)})
	}
	if err != nil {
		return err
	}
	_, err = out.Write(append(text, '\n'))
	return err
}

// handle answers one request. A panic in a library is an answer too: the next request must not
// suffer from this one.
func handle(line []byte) (answered reply) {
	var head envelope
	defer func() {
		if cause := recover(); cause != nil {
			answered = reply{ID: head.ID, Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	if err := json.Unmarshal(line, &head); err != nil {
		return reply{Error: fmt.Sprintf("the request is not JSON: %v", err)}
	}
	operation, known := operations[head.Op]
	if !known {
		return reply{ID: head.ID, Error: fmt.Sprintf("unknown op %q", head.Op)}
	}
	answer, err := operation(line)
	if err != nil {
		return reply{ID: head.ID, Error: err.Error()}
	}
	return reply{ID: head.ID, answer: answer}
}
