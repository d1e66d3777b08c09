package main

import (
	"fmt"
	"strings"
	"testing"
)

// celPolicy has a variable, a match condition, a message expression and a parameter.
const celPolicy = `{
	"metadata":{"name":"p"},
	"spec":{
		"failurePolicy":"Fail",
		"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},
		"matchConditions":[{"name":"m","expression":"object.metadata.name != 'skip'"}],
		"variables":[{"name":"images","expression":"object.spec.containers.map(c, c.image)"}],
		"validations":[{
			"expression":"variables.images.all(i, i.startsWith(params.data.registry))",
			"messageExpression":"'not from ' + params.data.registry"
		}]
	}
}`

const celParams = `"params":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"registry":"ok/"}}`

func askCel(t *testing.T, policy, cases string) map[string]any {
	t.Helper()
	line := `{"op":"cel","id":1,"minor":30,"policy":` + policy + `,"cases":[` + cases + `]}`
	answer := askLine(t, strings.ReplaceAll(line, "\n", " "))
	if answer["error"] != nil {
		t.Fatal(answer["error"])
	}
	return answer
}

func TestDecidesAsAServerWithFailurePolicyFail(t *testing.T) {
	for name, example := range map[string]struct {
		object  string
		matched bool
		allowed bool
		says    string
	}{
		"allows":                 {`{"metadata":{"name":"a"},"spec":{"containers":[{"image":"ok/1"}]}}`, true, true, ""},
		"denies with message":    {`{"metadata":{"name":"a"},"spec":{"containers":[{"image":"no"}]}}`, true, false, "not from ok/"},
		"does not match":         {`{"metadata":{"name":"skip"}}`, false, true, ""},
		"denies by error":        {`{"metadata":{"name":"a"}}`, true, false, "no such key: spec"},
		"denies by match error":  {`{"kind":"X"}`, true, false, "no such key: metadata"},
		"denies by a wrong type": {`{"metadata":{"name":"a"},"spec":{"containers":[{"image":7}]}}`, true, false, "no such overload"},
	} {
		answer := askCel(t, celPolicy, `{"object":`+example.object+`,`+celParams+`}`)
		result := answer["results"].([]any)[0].(map[string]any)
		said := fmt.Sprint(result["error"], result["message"])
		if result["matched"] != example.matched || result["allowed"] != example.allowed || !strings.Contains(said, example.says) {
			t.Errorf("%s: got %v", name, result)
		}
	}
}

func TestNamesTheFieldThatDoesNotCompile(t *testing.T) {
	answer := askCel(t, `{"spec":{
		"variables":[{"name":"v","expression":"1 +"}],
		"matchConditions":[{"name":"m","expression":"'a'"}],
		"validations":[{"expression":"1 + 'a' == 2","messageExpression":"authorizer.path('/').check('get').reason()"},{"expression":"object.a"}]
	}}`, "")
	errors := fmt.Sprint(answer["compile_errors"])
	for _, want := range []string{
		"spec.variables[0].expression: compilation failed",
		"spec.matchConditions[0].expression: must evaluate to bool but got string",
		"spec.validations[0].expression: compilation failed: ERROR: <input>:1:3: found no matching overload",
		"spec.validations[0].messageExpression: compilation failed",
		"spec.validations[1].expression: must evaluate to bool but got dyn",
	} {
		if !strings.Contains(errors, want) {
			t.Errorf("no %q in %s", want, errors)
		}
	}
}

func TestOffersOnlyTheLibrariesOfTheMinor(t *testing.T) {
	for expression, since := range map[string]int{
		"ip.isCanonical('10.0.0.1')":                      30,
		"!format.dns1123Label().validate('a').hasValue()": 31,
		"{'a': 1}.all(k, v, v == 1)":                      32,
		"isSemver('1.0.0')":                               33,
	} {
		for minor := 30; minor <= 34; minor++ {
			policy := `{"spec":{"validations":[{"expression":"` + expression + `"}]}}`
			line := fmt.Sprintf(`{"op":"cel","id":1,"minor":%d,"policy":%s,"cases":[{"object":{}}]}`, minor, policy)
			answer := askLine(t, line)
			compiles := len(answer["compile_errors"].([]any)) == 0
			if compiles != (minor >= since) {
				t.Errorf("%s at 1.%d: compiles %v: %v", expression, minor, compiles, answer["compile_errors"])
			}
		}
	}
}

func TestDeniesWhatExceedsTheBudget(t *testing.T) {
	list := "[0" + strings.Repeat(",0", 299) + "]"
	policy := `{"spec":{"validations":[{"expression":"object.l.all(a, object.l.all(b, object.l.all(c, a + b + c == 0)))"}]}}`
	answer := askCel(t, policy, `{"object":{"l":`+list+`}}`)
	result := answer["results"].([]any)[0].(map[string]any)
	if result["allowed"] != false || !strings.Contains(fmt.Sprint(result["error"]), "cost limit") {
		t.Errorf("got %v", result)
	}
}

func TestLetsErrorsPassUnderFailurePolicyIgnore(t *testing.T) {
	answer := askCel(t, `{"spec":{"failurePolicy":"Ignore","validations":[{"expression":"object.a == 1"}]}}`,
		`{"object":{}},{"object":{"a":2}}`)
	results := answer["results"].([]any)
	if got := results[0].(map[string]any)["allowed"]; got != true {
		t.Errorf("error: %v", got)
	}
	if got := results[1].(map[string]any)["allowed"]; got != false {
		t.Errorf("false: %v", got)
	}
}

func TestShowsTheRequestToExpressions(t *testing.T) {
	policy := `{"spec":{"validations":[{"expression":"request.operation == 'DELETE' && object == null && oldObject.a == 1 && request.resource.resource == 'pods' && request.subResource == 'x' && request.namespace == 'n' && namespaceObject.metadata.labels.l == 'v' && request.userInfo.username == 'u' && request.kind.kind == 'Pod'"}]}}`
	answer := askCel(t, policy, `{
		"oldObject":{"apiVersion":"v1","kind":"Pod","a":1},"operation":"DELETE",
		"resource":{"group":"","version":"v1","resource":"pods"},"subresource":"x","namespace":"n",
		"namespaceObject":{"metadata":{"name":"n","labels":{"l":"v"}}},"userInfo":{"username":"u"}}`)
	result := answer["results"].([]any)[0].(map[string]any)
	if result["allowed"] != true {
		t.Errorf("got %v", result)
	}
}
