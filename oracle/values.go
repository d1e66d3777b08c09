package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// shownDepth is how deep a value may be for its encoding to be read back: JSON readers stop at
// about 128 levels, and each level of a value takes up to three.
const shownDepth = 32

// depth counts the lists and maps that lie in one another.
func depth(value any) int {
	deepest := 0
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			deepest = max(deepest, depth(item))
		}
	case map[string]any:
		for _, item := range value {
			deepest = max(deepest, depth(item))
		}
	default:
		return 0
	}
	return deepest + 1
}

// tagged encodes a decoded value so that its types survive any JSON reader: an object with one
// key that names the type.
//
//	{"n":null} {"b":true} {"i":"123"} {"f":"1.5"} {"s":"text"} {"l":[…]} {"m":[["key",…],…]}
//
// Integers are decimal; floats are the shortest text that reads back as the same float64. The
// entries of a map are sorted by key, by bytes.
func tagged(value any) (any, error) {
	switch value := value.(type) {
	case nil:
		return map[string]any{"n": nil}, nil
	case bool:
		return map[string]any{"b": value}, nil
	case int64:
		return map[string]any{"i": strconv.FormatInt(value, 10)}, nil
	case float64:
		return map[string]any{"f": strconv.FormatFloat(value, 'g', -1, 64)}, nil
	case string:
		return map[string]any{"s": value}, nil
	case []any:
		return taggedList(value)
	case map[string]any:
		return taggedMap(value)
	default:
		return nil, fmt.Errorf("a value of type %T cannot come from JSON", value)
	}
}

func taggedList(items []any) (any, error) {
	list := make([]any, 0, len(items))
	for _, item := range items {
		encoded, err := tagged(item)
		if err != nil {
			return nil, err
		}
		list = append(list, encoded)
	}
	return map[string]any{"l": list}, nil
}

func taggedMap(entries map[string]any) (any, error) {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	pairs := make([]any, 0, len(entries))
	for _, key := range keys {
		encoded, err := tagged(entries[key])
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, []any{key, encoded})
	}
	return map[string]any{"m": pairs}, nil
}

// marshal writes JSON on one line and leaves <, > and & readable.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
