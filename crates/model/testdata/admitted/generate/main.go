// Command admitted asks the code of Knative's webhook what it fills into each case of cases.json.
//
// It reads the cases from standard input and prints them with the answers, a case a line:
//
//	go -C crates/model/testdata/admitted/generate run . <cases.json >answers.json
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"knative.dev/pkg/apis"
	"knative.dev/serving/pkg/apis/config"
	v1 "knative.dev/serving/pkg/apis/serving/v1"
	autoscaler "knative.dev/serving/pkg/autoscaler/config"
	"sigs.k8s.io/yaml"
)

// A testCase is an object, the settings it is admitted under, and the revision spec that results.
type testCase struct {
	Name     string            `json:"name"`
	Features map[string]string `json:"features,omitempty"`
	Defaults map[string]string `json:"defaults,omitempty"`
	YAML     string            `json:"yaml"`
	Spec     *v1.RevisionSpec  `json:"spec"`
}

func main() {
	log.SetFlags(0)
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		log.Fatal(err)
	}
	var lines [][]byte
	for _, c := range cases {
		spec, err := admit(c)
		if err != nil {
			log.Fatalf("%s: %v", c.Name, err)
		}
		c.Spec = spec
		line, err := json.Marshal(c)
		if err != nil {
			log.Fatal(err)
		}
		lines = append(lines, line)
	}
	fmt.Printf("[\n%s\n]\n", bytes.Join(lines, []byte(",\n")))
}

// admit returns the revision spec of the object once the webhook's defaults are in it.
func admit(c testCase) (*v1.RevisionSpec, error) {
	ctx, err := withSettings(c)
	if err != nil {
		return nil, err
	}
	var head struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(c.YAML), &head); err != nil {
		return nil, err
	}
	var object apis.Defaultable
	var spec *v1.RevisionSpec
	switch head.Kind {
	case "Service":
		service := &v1.Service{}
		object, spec = service, &service.Spec.Template.Spec
	case "Configuration":
		configuration := &v1.Configuration{}
		object, spec = configuration, &configuration.Spec.Template.Spec
	case "Revision":
		revision := &v1.Revision{}
		object, spec = revision, &revision.Spec
	default:
		return nil, fmt.Errorf("no kind with defaults: %q", head.Kind)
	}
	if err := yaml.Unmarshal([]byte(c.YAML), object); err != nil {
		return nil, err
	}
	object.SetDefaults(apis.WithinCreate(ctx))
	return spec, nil
}

func withSettings(c testCase) (context.Context, error) {
	defaults, err := config.NewDefaultsConfigFromMap(c.Defaults)
	if err != nil {
		return nil, err
	}
	features, err := config.NewFeaturesConfigFromMap(c.Features)
	if err != nil {
		return nil, err
	}
	scaling, err := autoscaler.NewConfigFromMap(nil)
	if err != nil {
		return nil, err
	}
	return config.ToContext(context.Background(), &config.Config{
		Autoscaler: scaling,
		Defaults:   defaults,
		Features:   features,
	}), nil
}
