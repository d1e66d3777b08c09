package install

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func plan(t *testing.T) *Plan {
	t.Helper()
	ports := Ports{}
	ports.Set("knative-serving", "webhook", 1111)
	ports.Set("knative-eventing", "eventing-webhook", 2222)
	plan, err := NewPlan(ports)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func find(t *testing.T, objects []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	t.Helper()
	for _, object := range objects {
		if object.GetKind() == kind && object.GetName() == name {
			return object
		}
	}
	t.Fatalf("no %s `%s`", kind, name)
	return nil
}

func TestEveryWebhookLeadsToAPortOfLoopback(t *testing.T) {
	plan := plan(t)
	if len(plan.webhooks) != 7 {
		t.Errorf("%d webhook configurations", len(plan.webhooks))
	}
	for _, object := range plan.webhooks {
		wanted := int64(2222)
		if strings.Contains(object.GetName(), "serving") {
			wanted = 1111
		}
		webhooks, _, err := unstructured.NestedSlice(object.Object, "webhooks")
		if err != nil || len(webhooks) == 0 {
			t.Fatalf("%s: %v", object.GetName(), err)
		}
		for _, webhook := range webhooks {
			port, _, err := unstructured.NestedInt64(webhook.(map[string]any), "clientConfig", "service", "port")
			if err != nil || port != wanted {
				t.Errorf("%s leads to the port %d: %v", object.GetName(), port, err)
			}
		}
	}
	crd := find(t, plan.crds, "CustomResourceDefinition", "eventtypes.eventing.knative.dev")
	port, _, err := unstructured.NestedInt64(crd.Object, "spec", "conversion", "webhook", "clientConfig", "service", "port")
	if err != nil || port != 2222 {
		t.Errorf("conversion leads to the port %d: %v", port, err)
	}
	service := find(t, plan.objects, "Service", "eventing-webhook")
	if name, _, _ := unstructured.NestedString(service.Object, "spec", "externalName"); name != "localhost" {
		t.Errorf("the Service leads to `%s`", name)
	}
}

func TestNothingOfTheSourceTreeIsLeft(t *testing.T) {
	plan := plan(t)
	for _, objects := range [][]*unstructured.Unstructured{plan.crds, plan.objects, plan.webhooks} {
		for _, object := range objects {
			text, err := object.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "ko://") || object.GetLabels()["app.kubernetes.io/version"] == "devel" {
				t.Errorf("%s `%s` is not as released", object.GetKind(), object.GetName())
			}
		}
	}
}

func TestSettingsKeepWhatTheirValidationNeeds(t *testing.T) {
	config := find(t, plan(t).objects, "ConfigMap", "config-deployment")
	data, _, err := unstructured.NestedStringMap(config.Object, "data")
	if err != nil {
		t.Fatal(err)
	}
	if data["_example"] == "" || config.GetAnnotations()["knative.dev/example-checksum"] == "" ||
		config.GetLabels()["app.kubernetes.io/name"] != "knative-serving" || config.GetLabels()["app.kubernetes.io/component"] != "controller" {
		t.Errorf("%v", config)
	}
	if data["queue-sidecar-image"] != "gcr.io/knative-releases/knative.dev/serving/cmd/queue:v1.23.0" ||
		!strings.Contains(data["registries-skipping-tag-resolving"], "registry.example.com") {
		t.Errorf("%v", data)
	}
}

func TestTheEnvironmentIsThatOfTheDeployment(t *testing.T) {
	plan := plan(t)
	environment, err := plan.Environment("knative-eventing", "eventing-controller")
	if err != nil {
		t.Fatal(err)
	}
	for name, wanted := range map[string]string{
		"SYSTEM_NAMESPACE":           "knative-eventing",
		"CONFIG_LOGGING_NAME":        "config-logging",
		"METRICS_DOMAIN":             "knative.dev/eventing",
		"POD_NAME":                   "eventing-controller-testbed",
		"APISERVER_RA_IMAGE":         "gcr.io/knative-releases/knative.dev/eventing/cmd/apiserver_receive_adapter:v1.23.0",
		"INTEGRATION_SINK_LOG_IMAGE": "gcr.io/knative-releases/log-sink:v1.23.0",
	} {
		if environment[name] != wanted {
			t.Errorf("%s is `%s`", name, environment[name])
		}
	}
	if account, err := plan.ServiceAccount("knative-eventing", "eventing-controller"); err != nil || account != "eventing-controller" {
		t.Errorf("account `%s`, %v", account, err)
	}
	if _, err := plan.Environment("knative-eventing", "nothing"); err == nil {
		t.Error("a Deployment that there is not has an environment")
	}
}
