package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func pss(t *testing.T, request string) []any {
	t.Helper()
	line := `{"op":"pss","id":1,"cases":[` + request + `]}`
	answer := askLine(t, strings.ReplaceAll(line, "\n", " "))
	if answer["error"] != nil {
		t.Fatal(answer["error"])
	}
	return answer["results"].([]any)
}

func TestRefusesAPrivilegedPodUnderBaseline(t *testing.T) {
	results := pss(t, `
		{"level":"baseline","spec":{"containers":[{"name":"a","securityContext":{"privileged":true}}]}},
		{"level":"baseline","spec":{"containers":[{"name":"a"}]}},
		{"level":"restricted","spec":{"containers":[{"name":"a"}]}}`)
	for i, want := range []string{
		"false [privileged]",
		"true <nil>",
		"false [allowPrivilegeEscalation capabilities_restricted runAsNonRoot seccompProfile_restricted]",
	} {
		result := results[i].(map[string]any)
		if got := fmt.Sprint(result["allowed"], " ", result["failed"]); got != want {
			t.Errorf("case %d: got %s, want %s", i, got, want)
		}
	}
}

func TestJudgesByTheMinorThatIsAsked(t *testing.T) {
	spec := `"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"host":"h","port":1}}}]}`
	results := pss(t, `{"level":"baseline","minor":33,`+spec+`},{"level":"baseline","minor":34,`+spec+`}`)
	if got := results[0].(map[string]any)["allowed"]; got != true {
		t.Errorf("1.33: %v", got)
	}
	if got := fmt.Sprint(results[1].(map[string]any)["failed"]); got != "[hostProbesAndHostLifecycle]" {
		t.Errorf("1.34: %s", got)
	}
}

func TestDecodesPodsStrictly(t *testing.T) {
	for _, spec := range []string{
		`{"containers":"x"}`,
		`{"Containers":[]}`,
		`{"containers":[{"name":"a","securityContext":{"privileged":"true"}}]}`,
		`{"hostNetwork":true,"hostNetwork":false}`,
	} {
		result := pss(t, `{"level":"baseline","spec":`+spec+`}`)[0].(map[string]any)
		if result["decode_error"] == nil {
			t.Errorf("%s: got %v", spec, result)
		}
	}
}

func TestListsEachCheckWithItsVersions(t *testing.T) {
	text, err := json.Marshal(ask(t, map[string]any{"op": "pss-checks", "id": 1})["checks"])
	if err != nil {
		t.Fatal(err)
	}
	var checks []pssCheck
	if err := json.Unmarshal(text, &checks); err != nil {
		t.Fatal(err)
	}
	minors := map[string]string{}
	for _, check := range checks {
		minors[check.ID] = check.Level
		for _, version := range check.Versions {
			minors[check.ID] += fmt.Sprintf(" %d", version.Minor)
		}
	}
	for id, want := range map[string]string{
		"privileged":                 "baseline 0",
		"sysctls":                    "baseline 0 27 29 32",
		"hostProbesAndHostLifecycle": "baseline 34",
		"capabilities_restricted":    "restricted 22 25",
	} {
		if minors[id] != want {
			t.Errorf("%s: got %q, want %q", id, minors[id], want)
		}
	}
}
