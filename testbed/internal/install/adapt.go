package install

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"knight.dev/testbed/manifests"
)

// registry is where the images of Knative's released manifests are.
const registry = "gcr.io/knative-releases/"

// settings are those that differ from what a release installs, by ConfigMap and key.
var settings = map[string]map[string]string{
	"knative-serving/config-deployment": {
		// There is no network to resolve tags into digests. Serving knows no pattern for all.
		"registries-skipping-tag-resolving": strings.Join([]string{
			"kind.local", "ko.local", "dev.local", "index.docker.io", "docker.io", "gcr.io", "ghcr.io", "quay.io",
			"registry.k8s.io", "mcr.microsoft.com", "public.ecr.aws", "registry.access.redhat.com",
			"example.com", "registry.example.com", "registry.local", "localhost:5000",
		}, ","),
	},
	// The webhooks would log each request in full.
	"knative-serving/config-logging":  {"loglevel.webhook": "warn"},
	"knative-eventing/config-logging": {"loglevel.eventing-webhook": "warn"},
}

// Ports are the ports of loopback on which webhooks listen, by the Services that lead to them.
type Ports map[string]int

// Set puts down the port of a Service; 0 means that it leads to no process.
func (p Ports) Set(namespace, service string, port int) {
	if port != 0 {
		p[namespace+"/"+service] = port
	}
}

// adapt turns an object of the source tree into what a release would install, with webhooks that
// are found on loopback.
func adapt(object *unstructured.Unstructured, ports Ports) error {
	// A release writes its version and its images over these placeholders.
	object.Object, _ = rewrite(object.Object, func(text string) string {
		if text == "devel" {
			return manifests.Knative
		}
		return image(text)
	}).(map[string]any)
	switch object.GetKind() {
	case "Service":
		return adaptService(object, ports)
	case "ConfigMap":
		return adaptConfigMap(object)
	case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
		return adaptWebhooks(object, ports)
	case "CustomResourceDefinition":
		return setPort(object.Object, ports, "spec", "conversion", "webhook", "clientConfig")
	}
	return nil
}

// adaptService makes the API server find a webhook on loopback: it dials what an ExternalName
// says, and checks the certificate for the name of the Service all the same.
func adaptService(object *unstructured.Unstructured, ports Ports) error {
	if _, ours := ports[object.GetNamespace()+"/"+object.GetName()]; !ours {
		return nil
	}
	spec := map[string]any{"type": "ExternalName", "externalName": "localhost"}
	return unstructured.SetNestedMap(object.Object, spec, "spec")
}

// adaptConfigMap adds the settings that this place needs.
func adaptConfigMap(object *unstructured.Unstructured) error {
	for key, value := range settings[object.GetNamespace()+"/"+object.GetName()] {
		if err := unstructured.SetNestedField(object.Object, value, "data", key); err != nil {
			return err
		}
	}
	return nil
}

// adaptWebhooks leads each webhook of a configuration to the port of its process.
func adaptWebhooks(object *unstructured.Unstructured, ports Ports) error {
	webhooks, _, err := unstructured.NestedSlice(object.Object, "webhooks")
	if err != nil {
		return err
	}
	for _, webhook := range webhooks {
		fields, ok := webhook.(map[string]any)
		if !ok {
			return fmt.Errorf("a webhook of %s is no map", object.GetName())
		}
		if err := setPort(fields, ports, "clientConfig"); err != nil {
			return err
		}
	}
	return unstructured.SetNestedSlice(object.Object, webhooks, "webhooks")
}

// setPort sets the port of the Service in a client configuration, where there is one.
func setPort(fields map[string]any, ports Ports, config ...string) error {
	service := append(config, "service")
	reference, found, err := unstructured.NestedStringMap(fields, service...)
	if err != nil || !found {
		return err
	}
	if port, ours := ports[reference["namespace"]+"/"+reference["name"]]; ours {
		return unstructured.SetNestedField(fields, int64(port), append(service, "port")...)
	}
	return nil
}

// image turns a reference of the source tree into one that parses.
func image(text string) string {
	if path, found := strings.CutPrefix(text, "ko://"); found {
		return registry + path + ":v" + manifests.Knative
	}
	return text
}

// rewrite applies a function to every string below a value, keys left out.
func rewrite(value any, text func(string) string) any {
	switch value := value.(type) {
	case string:
		return text(value)
	case []any:
		for i := range value {
			value[i] = rewrite(value[i], text)
		}
	case map[string]any:
		for key := range value {
			value[key] = rewrite(value[key], text)
		}
	}
	return value
}
