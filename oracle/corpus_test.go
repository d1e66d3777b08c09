package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const corpus = "../testdata/yaml/"

// corpora maps each file of cases to the op that its recorded answers are of.
var corpora = map[string]string{"cases": "yaml", "streams": "documents", "json": "json"}

func readCases(t *testing.T, file string) []namedCase {
	t.Helper()
	text, err := os.ReadFile(corpus + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []namedCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestRecordedAnswersAreFresh(t *testing.T) {
	for file, op := range corpora {
		var fresh strings.Builder
		if err := record(op, corpus+file+".json", &fresh); err != nil {
			t.Fatal(err)
		}
		recorded, err := os.ReadFile(corpus + file + ".answers.json")
		if err != nil {
			t.Fatal(err)
		}
		if string(recorded) != fresh.String() {
			t.Errorf("%s.answers.json is stale: run oracle/record.sh", file)
		}
	}
}

func TestNamesOfCasesAreUnique(t *testing.T) {
	for file := range corpora {
		seen := map[string]bool{}
		for _, named := range readCases(t, file) {
			if seen[named.Name] {
				t.Errorf("%s.json: %s stands twice", file, named.Name)
			}
			seen[named.Name] = true
		}
	}
}

func TestGroupsOfCasesStandTogetherInOrder(t *testing.T) {
	previous := ""
	for _, named := range readCases(t, "cases") {
		group, _, found := strings.Cut(named.Name, "/")
		if !found || group < previous {
			t.Errorf("%s stands after the group %s", named.Name, previous)
		}
		previous = group
	}
}
