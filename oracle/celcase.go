package main

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
)

// celCase is one admission request. The objects are taken as they are: the defaults and the
// pruning that a server does before validation are the caller's.
type celCase struct {
	Object    json.RawMessage `json:"object"`
	OldObject json.RawMessage `json:"oldObject"`
	// Operation is CREATE (also when absent), UPDATE, DELETE or CONNECT.
	Operation admission.Operation `json:"operation"`
	// Resource is the resource of the request and, at once, the one that the policy matched.
	Resource struct {
		Group    string `json:"group"`
		Version  string `json:"version"`
		Resource string `json:"resource"`
	} `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	// Name is the name of the object; that of the object itself when absent.
	Name            string          `json:"name"`
	NamespaceObject json.RawMessage `json:"namespaceObject"`
	// Params is the parameter object. Null is what a binding without paramRef gives; that a
	// parameter is not found is decided before any expression runs.
	Params json.RawMessage `json:"params"`
	User   struct {
		Username string   `json:"username"`
		Groups   []string `json:"groups"`
	} `json:"userInfo"`
	DryRun bool `json:"dryRun"`
}

func (c *celCase) resource() schema.GroupVersionResource {
	return schema.GroupVersionResource{
		Group:    c.Resource.Group,
		Version:  c.Resource.Version,
		Resource: c.Resource.Resource,
	}
}

// attributes describes the request to the validator. No conversion is needed: the version of the
// objects is the one that the policy matched.
func (c *celCase) attributes() (*admission.VersionedAttributes, error) {
	object, err := decodeObject(c.Object)
	if err != nil {
		return nil, fmt.Errorf("object: %w", err)
	}
	oldObject, err := decodeObject(c.OldObject)
	if err != nil {
		return nil, fmt.Errorf("oldObject: %w", err)
	}
	operation := c.Operation
	if operation == "" {
		operation = admission.Create
	}
	named := object
	if named == nil {
		named = oldObject
	}
	var kind schema.GroupVersionKind
	name := c.Name
	if named != nil {
		kind = named.GroupVersionKind()
		if name == "" {
			name = named.GetName()
		}
	}
	attributes := &admission.VersionedAttributes{VersionedKind: kind}
	// A nil pointer in an interface is not nil: absent objects must not be assigned.
	if object != nil {
		attributes.VersionedObject = object
	}
	if oldObject != nil {
		attributes.VersionedOldObject = oldObject
	}
	attributes.Attributes = admission.NewAttributesRecord(
		attributes.VersionedObject,
		attributes.VersionedOldObject,
		kind,
		c.Namespace,
		name,
		c.resource(),
		c.Subresource,
		operation,
		nil,
		c.DryRun,
		&user.DefaultInfo{Name: c.User.Username, Groups: c.User.Groups},
	)
	return attributes, nil
}

// params decodes the parameter. The API server holds a ConfigMap in its Go type, which drops
// empty fields; any other kind it holds as it was written.
func (c *celCase) params() (runtime.Object, error) {
	object, err := decodeObject(c.Params)
	if err != nil {
		return nil, fmt.Errorf("params: %w", err)
	}
	if object == nil {
		return nil, nil
	}
	if object.GroupVersionKind() != corev1.SchemeGroupVersion.WithKind("ConfigMap") {
		return object, nil
	}
	var configMap corev1.ConfigMap
	if err := decodeStrictly(c.Params, &configMap); err != nil {
		return nil, fmt.Errorf("params: %w", err)
	}
	return &configMap, nil
}

func (c *celCase) namespaceObject() (*corev1.Namespace, error) {
	if absent(c.NamespaceObject) {
		return nil, nil
	}
	var namespace corev1.Namespace
	if err := decodeStrictly(c.NamespaceObject, &namespace); err != nil {
		return nil, fmt.Errorf("namespaceObject: %w", err)
	}
	return &namespace, nil
}

func absent(text json.RawMessage) bool {
	return len(text) == 0 || string(text) == "null"
}

// decodeObject reads an object as the API server does, with int64 and float64 apart; nil when
// the text is absent or null.
func decodeObject(text json.RawMessage) (*unstructured.Unstructured, error) {
	if absent(text) {
		return nil, nil
	}
	var fields map[string]any
	if err := utiljson.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	return &unstructured.Unstructured{Object: fields}, nil
}
