package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	goyaml "go.yaml.in/yaml/v2"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	kyaml "sigs.k8s.io/yaml"
)

// textRequest asks about one text.
type textRequest struct {
	Text string `json:"text"`
}

// valueAnswer says what value a text is.
type valueAnswer struct {
	// Value is the value in the encoding of [tagged]; absent when the text is refused, when the
	// library itself does not decide, or when the value is deep.
	Value any `json:"value,omitempty"`
	// Deep is the number of nested lists and maps when there are more than [shownDepth].
	Deep int `json:"deep,omitempty"`
	// StrictError is why the strict reader refuses what the other accepts.
	StrictError string `json:"strict_error,omitempty"`
	// Ambiguous lists places where different keys become one after conversion to strings (`1`
	// and `"1"`). Which of their values remains is decided by the order of a Go map, so that
	// there is no right answer.
	Ambiguous []string `json:"ambiguous,omitempty"`
}

// answerYAML reads a text as the API server reads a body of type application/yaml: the first
// document, to JSON, to a value with int64 and float64 apart.
func answerYAML(request []byte) (any, error) {
	var asked textRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	return readYAML([]byte(asked.Text))
}

func readYAML(text []byte) (*valueAnswer, error) {
	asJSON, err := kyaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	answer, err := readJSON(asJSON)
	if err != nil {
		return nil, err
	}
	if _, err := kyaml.YAMLToJSONStrict(text); err != nil {
		answer.StrictError = err.Error()
	}
	answer.Ambiguous, err = ambiguities(text)
	if err != nil {
		return nil, err
	}
	if len(answer.Ambiguous) > 0 {
		answer.Value = nil
	}
	return answer, nil
}

// answerJSON reads a text as the API server reads a body of type application/json.
func answerJSON(request []byte) (any, error) {
	var asked textRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	return readJSON([]byte(asked.Text))
}

func readJSON(text []byte) (*valueAnswer, error) {
	var value any
	if err := utiljson.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	if nested := depth(value); nested > shownDepth {
		return &valueAnswer{Deep: nested}, nil
	}
	encoded, err := tagged(value)
	if err != nil {
		return nil, err
	}
	return &valueAnswer{Value: encoded}, nil
}

// ambiguities lists the places of a YAML text where two keys differ in type and become the same
// string.
func ambiguities(text []byte) ([]string, error) {
	var value any
	if err := goyaml.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	var found []string
	collect("", value, &found)
	slices.Sort(found)
	return slices.Compact(found), nil
}

func collect(path string, value any, found *[]string) {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			collect(path+"/"+strconv.Itoa(i), item, found)
		}
	case map[any]any:
		seen := make(map[string]bool, len(value))
		for key, item := range value {
			name := keyText(key)
			if seen[name] {
				*found = append(*found, path+"/"+name)
			}
			seen[name] = true
			collect(path+"/"+name, item, found)
		}
	}
}

// keyText is the string that sigs.k8s.io/yaml makes of a key; it has no function for it alone.
func keyText(key any) string {
	number, isFloat := key.(float64)
	if !isFloat {
		return fmt.Sprint(key)
	}
	switch text := strconv.FormatFloat(number, 'g', -1, 32); text {
	case "+Inf":
		return ".inf"
	case "-Inf":
		return "-.inf"
	case "NaN":
		return ".nan"
	default:
		return text
	}
}
