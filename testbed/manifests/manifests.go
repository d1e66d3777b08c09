// Package manifests holds what the test bed installs: Knative's own manifests, byte for byte those
// of the modules that its programs are built from, so that webhooks and CRDs agree.
package manifests

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Knative is the release that the embedded manifests belong to, and Minor its first two numbers.
// In Go, this release of Serving and Eventing is called v0.50.0.
const (
	Knative = "1.23.0"
	Minor   = "1.23"
)

//go:embed serving networking caching eventing kserve
var files embed.FS

// source is a folder of a module, and where its YAML files are kept here.
type source struct{ module, folder, here string }

// sources are the folders that are installed. Serving's own `config/` names the CRDs of
// networking and caching by symbolic links, which are not part of a Go module; they are taken from
// these modules, at the versions that Serving requires.
var sources = []source{
	{"knative.dev/serving", "config/core", "serving/core"},
	{"knative.dev/networking", "config", "networking/config"},
	{"knative.dev/caching", "config", "caching/config"},
	{"knative.dev/eventing", "config/core", "eventing/core"},
	{"knative.dev/eventing", "config/channels/in-memory-channel/resources", "eventing/in-memory-channel/resources"},
	{"knative.dev/eventing", "config/channels/in-memory-channel/roles", "eventing/in-memory-channel/roles"},
}

// Load returns every object, in the order of their files.
func Load() ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		found, err := parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		objects = append(objects, found...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read the manifests: %w", err)
	}
	return objects, nil
}

// parse reads the documents of one file.
func parse(text []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var objects []*unstructured.Unstructured
	for {
		var content map[string]any
		err := decoder.Decode(&content)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(content) == 0 {
			continue
		}
		object := &unstructured.Unstructured{Object: content}
		if object.GetKind() == "" || object.GetName() == "" {
			return nil, fmt.Errorf("a document without kind or name: %.60s", strings.TrimSpace(string(text)))
		}
		objects = append(objects, object)
	}
}
