package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestAnswersHostileRequestsWithErrors(t *testing.T) {
	for _, line := range []string{
		"nonsense",
		"null",
		"[]",
		`{"id":1}`,
		`{"op":"unknown","id":1}`,
		`{"op":"yaml","id":1,"text":7}`,
		`{"op":"cel","id":1}{`,
		`{"op":"cel","id":1,"minor":-1}`,
		`{"op":"cel","id":1,"policy":{"spec":{"unknown":1}}}`,
		`{"op":"pss","id":1,"cases":[{"level":"nonesuch","spec":{}}]}`,
		`{"op":"pss","id":1,"cases":[{"level":"baseline","minor":-1,"spec":{}}]}`,
		`{"op":"yaml","id":1,"text":` + strings.Repeat("[", 100_000),
	} {
		if answer := askLine(t, line+"\n"); answer["error"] == nil {
			t.Errorf("%.60s: got %v", line, answer)
		}
	}
}

func TestTurnsAPanicIntoAnError(t *testing.T) {
	operations["panic"] = func([]byte) (any, error) { panic("boom") }
	defer delete(operations, "panic")
	answer := askLine(t, `{"op":"panic","id":"x"}`)
	if answer["error"] != "panic: boom" || answer["id"] != "x" {
		t.Errorf("got %v", answer)
	}
}

func TestAnswersInOrderToTheEndOfTheInput(t *testing.T) {
	var out strings.Builder
	requests := `{"op":"yaml","id":1,"text":"a"}` + "\nbroken\n" + `{"op":"yaml","id":3,"text":"b"}`
	if err := serve(strings.NewReader(requests), &out); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for line := range strings.Lines(out.String()) {
		var head envelope
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, string(head.ID))
	}
	if got := fmt.Sprint(ids); got != "[1 null 3]" {
		t.Errorf("ids: %s", got)
	}
}

func TestNamesTheVersionsThatAnswer(t *testing.T) {
	answer := ask(t, map[string]any{"op": "versions", "id": 1})
	modules, _ := answer["modules"].(map[string]any)
	for _, path := range answering {
		if modules[path] == nil {
			t.Errorf("no version of %s in %v", path, modules)
		}
	}
}
