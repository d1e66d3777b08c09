package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	services          = schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}
	inferenceServices = schema.GroupVersionResource{Group: "serving.kserve.io", Version: "v1beta1", Resource: "inferenceservices"}
	brokers           = schema.GroupVersionResource{Group: "eventing.knative.dev", Version: "v1", Resource: "brokers"}
	deployments       = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	events            = schema.GroupVersionResource{Version: "v1", Resource: "events"}
	configMaps        = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

var dryRun = metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}

// service returns a Knative Service, with more fields in its pod.
func service(name string, more map[string]any) *unstructured.Unstructured {
	pod := map[string]any{"containers": []any{map[string]any{"image": "dev.local/" + name}}}
	maps.Copy(pod, more)
	return object("serving.knative.dev/v1", "Service", name, map[string]any{"template": map[string]any{"spec": pod}})
}

func object(version, kind, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": name}, "spec": spec,
	}}
}

// programs returns the names of the processes of a test bed.
func programs(t *testing.T, bed *testbed) string {
	t.Helper()
	return strings.Join(slices.Sorted(maps.Keys(bed.processes(t))), " ")
}

func TestLevelControllersMakesPods(t *testing.T) {
	bed := up(t, temporary(t), "--level", "controllers")
	if found := programs(t, bed); found != "etcd kube-apiserver kube-controller-manager" {
		t.Errorf("processes: %s", found)
	}
	client := bed.client(t, "admin")
	labels := map[string]any{"app": "hello"}
	deployment := object("apps/v1", "Deployment", "hello", map[string]any{
		"selector": map[string]any{"matchLabels": labels},
		"template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "hello", "image": "dev.local/hello"}}},
		},
	})
	if _, err := client.Resource(deployments).Namespace("default").Create(background(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		list, err := client.Resource(pods).Namespace("default").List(background(), metav1.ListOptions{LabelSelector: "app=hello"})
		if err == nil && len(list.Items) != 1 {
			err = fmt.Errorf("%d pods", len(list.Items))
		}
		return err
	})
}

func TestLevelCRDsServesKindsAndNobodyJudges(t *testing.T) {
	bed := up(t, temporary(t), "--knative", "crds")
	if bed.Knative == nil || *bed.Knative != "1.23" {
		t.Errorf("announced %+v", bed.announcement)
	}
	client := bed.client(t, "admin")
	host := service("hello", map[string]any{"hostNetwork": true})
	answer, err := client.Resource(services).Namespace("default").Create(background(), host, dryRun)
	if err != nil || len(answer.GetAnnotations()) > 0 {
		t.Errorf("without webhooks: %v %v", err, answer)
	}
	model := object("serving.kserve.io/v1beta1", "InferenceService", "model", map[string]any{
		"predictor": map[string]any{"hostNetwork": true},
	})
	answer, err = client.Resource(inferenceServices).Namespace("default").Create(background(), model, dryRun)
	if kept, _, _ := unstructured.NestedBool(answer.Object, "spec", "predictor", "hostNetwork"); err != nil || !kept {
		t.Errorf("an InferenceService: %v %v", err, answer)
	}
}

func TestLevelWebhooksRefusesAndFillsIn(t *testing.T) {
	bed := up(t, temporary(t), "--knative", "webhooks")
	if found := programs(t, bed); found != "etcd eventing-webhook kube-apiserver serving-webhook" {
		t.Errorf("processes: %s", found)
	}
	client := bed.client(t, "admin")
	answer, err := client.Resource(services).Namespace("default").Create(background(), service("hello", nil), dryRun)
	if err != nil || answer.GetAnnotations()["serving.knative.dev/creator"] != "admin" {
		t.Errorf("a good Service: %v %v", err, answer)
	}
	host := service("hello", map[string]any{"hostNetwork": true})
	_, err = client.Resource(services).Namespace("default").Create(background(), host, dryRun)
	if err == nil || !strings.Contains(err.Error(), "must not set the field(s): spec.template.spec.hostNetwork") {
		t.Errorf("a masked field: %v", err)
	}
	broker := object("eventing.knative.dev/v1", "Broker", "default", map[string]any{})
	answer, err = client.Resource(brokers).Namespace("default").Create(background(), broker, dryRun)
	if err != nil || answer.GetAnnotations()["eventing.knative.dev/broker.class"] != "MTChannelBasedBroker" {
		t.Errorf("a Broker: %v %v", err, answer)
	}
	features, err := client.Resource(configMaps).Namespace("knative-serving").Get(background(), "config-features", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labels := features.GetLabels()
	if _, found, _ := unstructured.NestedString(features.Object, "data", "_example"); !found || labels["app.kubernetes.io/version"] != "1.23.0" {
		t.Errorf("config-features has lost what Knative's own validation needs: %v", features)
	}
}

func TestLevelFullMakesPodsThatPodSecurityJudges(t *testing.T) {
	bed := up(t, temporary(t), "--knative", "full")
	client := bed.client(t, "admin")
	if list, err := client.Resource(services).List(background(), metav1.ListOptions{}); err != nil || len(list.Items) > 0 {
		t.Errorf("what readiness was tried with is left: %v %v", err, list)
	}
	for name, level := range map[string]string{"free": "privileged", "strict": "restricted"} {
		namespace := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{
				"name": name, "labels": map[string]any{"pod-security.kubernetes.io/enforce": level},
			},
		}}
		if _, err := client.Resource(namespaces).Create(background(), namespace, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Resource(services).Namespace(name).Create(background(), service("hello", nil), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() error {
		list, err := client.Resource(pods).Namespace("free").List(background(), metav1.ListOptions{LabelSelector: "serving.knative.dev/service=hello"})
		if err == nil && len(list.Items) != 1 {
			err = fmt.Errorf("%d pods", len(list.Items))
		}
		return err
	})
	eventually(t, func() error {
		list, err := client.Resource(events).Namespace("strict").List(background(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, event := range list.Items {
			message, _, _ := unstructured.NestedString(event.Object, "message")
			if strings.Contains(message, `violates PodSecurity "restricted:latest"`) {
				return nil
			}
		}
		return fmt.Errorf("no pod was refused in %d events", len(list.Items))
	})
	err := client.Resource(services).Namespace("free").Delete(background(), "hello", metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	eventually(t, func() error {
		list, err := client.Resource(pods).Namespace("free").List(background(), metav1.ListOptions{})
		if err == nil && len(list.Items) != 0 {
			err = fmt.Errorf("the garbage collector leaves %d pods", len(list.Items))
		}
		return err
	})
}
