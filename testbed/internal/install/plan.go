// Package install puts Knative into a control plane, and tells when each part of it works.
package install

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"knight.dev/testbed/manifests"
)

// Plan is what is to be installed.
type Plan struct {
	crds, objects []*unstructured.Unstructured
	// webhooks come last: from then on, what they match is refused until the programs answer.
	webhooks []*unstructured.Unstructured
}

// NewPlan reads the manifests and fits them to the ports of the webhooks.
func NewPlan(ports Ports) (*Plan, error) {
	all, err := manifests.Load()
	if err != nil {
		return nil, err
	}
	plan := &Plan{}
	for _, object := range all {
		if err := adapt(object, ports); err != nil {
			return nil, fmt.Errorf("cannot fit %s `%s`: %w", object.GetKind(), object.GetName(), err)
		}
		switch object.GetKind() {
		case "CustomResourceDefinition":
			plan.crds = append(plan.crds, object)
		case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
			plan.webhooks = append(plan.webhooks, object)
		default:
			plan.objects = append(plan.objects, object)
		}
	}
	return plan, nil
}

// ServiceAccount returns the name of the account that a Deployment runs as.
func (p *Plan) ServiceAccount(namespace, deployment string) (string, error) {
	object, err := p.deployment(namespace, deployment)
	if err != nil {
		return "", err
	}
	name, found, err := unstructured.NestedString(object.Object, "spec", "template", "spec", "serviceAccountName")
	if err != nil || !found {
		return "", fmt.Errorf("the Deployment `%s/%s` names no service account", namespace, deployment)
	}
	return name, nil
}

// Environment returns the environment of the only container of a Deployment, as a process needs
// it. Values that come from ConfigMaps which a release adds are names of images; they are made up.
func (p *Plan) Environment(namespace, deployment string) (map[string]string, error) {
	object, err := p.deployment(namespace, deployment)
	if err != nil {
		return nil, err
	}
	containers, _, err := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) != 1 {
		return nil, fmt.Errorf("the Deployment `%s/%s` has not one container", namespace, deployment)
	}
	container, _ := containers[0].(map[string]any)
	variables, _, err := unstructured.NestedSlice(container, "env")
	if err != nil {
		return nil, fmt.Errorf("the environment of the Deployment `%s/%s`: %w", namespace, deployment, err)
	}
	environment := map[string]string{}
	for _, variable := range variables {
		fields, _ := variable.(map[string]any)
		name, _ := fields["name"].(string)
		value, _ := fields["value"].(string)
		if path, found, _ := unstructured.NestedString(fields, "valueFrom", "fieldRef", "fieldPath"); found {
			switch path {
			case "metadata.namespace":
				value = namespace
			case "metadata.name":
				value = deployment + "-testbed"
			default:
				return nil, fmt.Errorf("`%s` of `%s/%s` comes from `%s`", name, namespace, deployment, path)
			}
		}
		if key, found, _ := unstructured.NestedString(fields, "valueFrom", "configMapKeyRef", "key"); found {
			value = image("ko://" + key)
		}
		environment[name] = value
	}
	return environment, nil
}

func (p *Plan) deployment(namespace, name string) (*unstructured.Unstructured, error) {
	for _, object := range p.objects {
		if object.GetKind() == "Deployment" && object.GetNamespace() == namespace && object.GetName() == name {
			return object, nil
		}
	}
	return nil, fmt.Errorf("the manifests have no Deployment `%s/%s`", namespace, name)
}
