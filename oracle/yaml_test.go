package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// ask serves one request and returns its answer.
func ask(t *testing.T, request map[string]any) map[string]any {
	t.Helper()
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return askLine(t, string(line))
}

func askLine(t *testing.T, line string) map[string]any {
	t.Helper()
	var out strings.Builder
	if err := serve(strings.NewReader(line), &out); err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(out.String()), &answer); err != nil {
		t.Fatalf("answer %q: %v", out.String(), err)
	}
	return answer
}

// valueOf is the tagged value of a text as JSON.
func valueOf(t *testing.T, op, text string) string {
	t.Helper()
	answer := ask(t, map[string]any{"op": op, "id": 1, "text": text})
	if answer["error"] != nil {
		return "error: " + answer["error"].(string)
	}
	value, err := marshal(answer["value"])
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}

func TestReadsScalarsAsTheServerDoes(t *testing.T) {
	for text, want := range map[string]string{
		"yes":                 `{"b":true}`,
		"'yes'":               `{"s":"yes"}`,
		"~":                   `{"n":null}`,
		"0644":                `{"i":"420"}`,
		"0o644":               `{"i":"420"}`,
		"08":                  `{"i":"8"}`,
		"1_000":               `{"i":"1000"}`,
		"190:20:30":           `{"s":"190:20:30"}`,
		"1.0":                 `{"i":"1"}`,
		"1.5":                 `{"f":"1.5"}`,
		"1e3":                 `{"i":"1000"}`,
		"9223372036854775807": `{"i":"9223372036854775807"}`,
		"9223372036854775808": `{"f":"9.223372036854776e+18"}`,
		"2001-12-14":          `{"s":"2001-12-14"}`,
		"!!binary aGVsbG8=":   `{"s":"hello"}`,
		".inf":                "error: json: unsupported value: +Inf",
		"*nowhere":            "error: yaml: unknown anchor 'nowhere' referenced",
	} {
		got := valueOf(t, "yaml", text)
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestSortsKeysAndConvertsThemToStrings(t *testing.T) {
	got := valueOf(t, "yaml", "b: 1\n0x10: 2\non: 3\n")
	want := `{"m":[["16",{"i":"2"}],["b",{"i":"1"}],["true",{"i":"3"}]]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReportsDuplicateKeysOnlyAsStrict(t *testing.T) {
	answer := ask(t, map[string]any{"op": "yaml", "id": 1, "text": "a: 1\na: 2\n"})
	strict, _ := answer["strict_error"].(string)
	if !strings.Contains(strict, `key "a" already set in map`) {
		t.Errorf("strict_error: %q", strict)
	}
	if got := valueOf(t, "yaml", "a: 1\na: 2\n"); got != `{"m":[["a",{"i":"2"}]]}` {
		t.Errorf("value: %s", got)
	}
}

func TestGivesNoValueWhereKeysCollideAsStrings(t *testing.T) {
	answer := ask(t, map[string]any{"op": "yaml", "id": 1, "text": "x: {1: a, '1': b}\n"})
	if got := fmt.Sprint(answer["ambiguous"]); got != "[/x/1]" {
		t.Errorf("ambiguous: %s", got)
	}
	if answer["value"] != nil {
		t.Errorf("value: %v", answer["value"])
	}
}

func TestRefusesAnAliasBombInBoundedTime(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for level := 1; level < 20; level++ {
		aliases := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", level-1), 9), ",")
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", level, level, aliases)
	}
	started := time.Now()
	got := valueOf(t, "yaml", bomb.String())
	if got != "error: yaml: document contains excessive aliasing" {
		t.Errorf("got %.200s", got)
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestTellsIntegersFromFloatsInJSON(t *testing.T) {
	got := valueOf(t, "json", `{"a":1,"b":1.0,"c":1e3,"d":"\ud83d\ude00\/"}`)
	want := `{"m":[["a",{"i":"1"}],["b",{"f":"1"}],["c",{"f":"1000"}],["d",{"s":"😀/"}]]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTellsOnlyTheDepthOfADeepValue(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	answer := ask(t, map[string]any{"op": "yaml", "id": 1, "text": deep})
	if answer["deep"] != 5000.0 || answer["value"] != nil {
		t.Errorf("got %v", answer)
	}
}

func TestCutsStreamsIntoDocuments(t *testing.T) {
	answer := ask(t, map[string]any{"op": "documents", "id": 1, "text": "---\na: 1\n---\nb: 2\n"})
	if got := fmt.Sprintf("%q", answer["documents"]); got != `["---\na: 1\n" "b: 2\n"]` {
		t.Errorf("documents: %s", got)
	}
}

func TestLosesTheDocumentBeforeABadSeparator(t *testing.T) {
	answer := ask(t, map[string]any{"op": "documents", "id": 1, "text": "a: 1\n---\nb: 2\n--- c\n"})
	if got := fmt.Sprintf("%q", answer["documents"]); got != `["a: 1\n"]` {
		t.Errorf("documents: %s", got)
	}
	if answer["refused"] != "invalid Yaml document separator: c" {
		t.Errorf("refused: %v", answer["refused"])
	}
}
