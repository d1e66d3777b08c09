package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// APIServerReady waits until the API server says so, and has made the namespace `default`.
func APIServerReady(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("cannot talk to the API server: %w", err)
	}
	return poll(ctx, "the API server does not become ready", func(ctx context.Context) error {
		if err := client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
			return err
		}
		_, err := client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceDefault, metav1.GetOptions{})
		return err
	})
}

// ControllerManagerReady waits until the namespace `default` has what pods in it need.
func ControllerManagerReady(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("cannot talk to the API server: %w", err)
	}
	return poll(ctx, "the controller manager does not become ready", func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		if err != nil {
			return err
		}
		_, err = client.CoreV1().ConfigMaps(metav1.NamespaceDefault).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err
	})
}

// probe is the name of all that readiness is tried with.
const probe = "testbed-probe"

// question is a request that shows whether a webhook is at work. All are dry runs.
type question struct {
	// webhook is the name of the webhook that must refuse; empty where the answer must be good.
	webhook string
	// says is a part of what a refusal must say.
	says string
	ask  func(context.Context, *Installer) (*unstructured.Unstructured, error)
	// annotation is one that the answer must carry; empty means any answer will do.
	annotation string
}

var (
	services   = schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}
	brokers    = schema.GroupVersionResource{Group: "eventing.knative.dev", Version: "v1", Resource: "brokers"}
	triggers   = schema.GroupVersionResource{Group: "eventing.knative.dev", Version: "v1", Resource: "triggers"}
	eventTypes = schema.GroupVersionResource{Group: "eventing.knative.dev", Version: "v1beta1", Resource: "eventtypes"}
	configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// questions have an answer each that only the real webhook gives.
var questions = []question{
	{
		annotation: "serving.knative.dev/creator",
		ask:        creates(services, "Service", service(probe, nil)),
	},
	{
		webhook: "validation.webhook.serving.knative.dev",
		says:    "spec.template.spec.hostNetwork",
		ask:     creates(services, "Service", service(probe, map[string]any{"hostNetwork": true})),
	},
	{
		webhook: "config.webhook.serving.knative.dev",
		says:    "container-concurrency-target-percentage",
		ask:     sets("knative-serving", "config-autoscaler", "container-concurrency-target-percentage", "none"),
	},
	{
		annotation: "eventing.knative.dev/broker.class",
		ask:        creates(brokers, "Broker", map[string]any{}),
	},
	{
		webhook: "validation.webhook.eventing.knative.dev",
		says:    "spec.subscriber",
		ask:     creates(triggers, "Trigger", map[string]any{"broker": "default", "subscriber": map[string]any{}}),
	},
	{
		webhook: "config.webhook.eventing.knative.dev",
		says:    "lease-duration",
		ask:     sets("knative-eventing", "config-leader-election", "lease-duration", "none"),
	},
	{
		// Not the stored version: the answer needs the conversion webhook.
		ask: creates(eventTypes, "EventType", map[string]any{"type": "testbed.probe"}),
	},
}

// WebhooksReady waits until every webhook of Serving and Eventing gives the answers that only it
// can give.
func (i *Installer) WebhooksReady(ctx context.Context) error {
	for _, question := range questions {
		err := poll(ctx, "a webhook does not become ready", func(ctx context.Context) error {
			return question.check(ctx, i)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// check asks once.
func (q question) check(ctx context.Context, i *Installer) error {
	answer, err := q.ask(ctx, i)
	switch {
	case q.webhook == "" && err != nil:
		return err
	case q.webhook == "":
		if _, found := answer.GetAnnotations()[q.annotation]; q.annotation != "" && !found {
			return fmt.Errorf("%s was not given the annotation %s", answer.GetKind(), q.annotation)
		}
		return nil
	case err == nil:
		return fmt.Errorf("the webhook %s let a bad %s pass", q.webhook, answer.GetKind())
	case !strings.Contains(err.Error(), "admission webhook \""+q.webhook+"\" denied the request"):
		return err
	case !strings.Contains(err.Error(), q.says):
		return fmt.Errorf("the webhook %s refused for another reason: %w", q.webhook, err)
	}
	return nil
}

// creates asks for a new object in the namespace `default`.
func creates(resource schema.GroupVersionResource, kind string, spec map[string]any) func(context.Context, *Installer) (*unstructured.Unstructured, error) {
	return func(ctx context.Context, i *Installer) (*unstructured.Unstructured, error) {
		object := object(resource.GroupVersion(), kind, spec)
		options := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: fieldManager}
		return i.client.Resource(resource).Namespace(metav1.NamespaceDefault).Create(ctx, object, options)
	}
}

// sets asks for another value of a setting.
func sets(namespace, name, key, value string) func(context.Context, *Installer) (*unstructured.Unstructured, error) {
	return func(ctx context.Context, i *Installer) (*unstructured.Unstructured, error) {
		patch := fmt.Appendf(nil, `{"data":{%q:%q}}`, key, value)
		options := metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: fieldManager}
		return i.client.Resource(configMaps).Namespace(namespace).Patch(ctx, name, types.MergePatchType, patch, options)
	}
}

// object returns an object with our name in the namespace `default`.
func object(version schema.GroupVersion, kind string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": version.String(),
		"kind":       kind,
		"metadata":   map[string]any{"name": probe, "namespace": metav1.NamespaceDefault},
		"spec":       spec,
	}}
}

// service returns the spec of a Knative Service, with more fields in its pod.
func service(container string, more map[string]any) map[string]any {
	pod := map[string]any{"containers": []any{map[string]any{"name": container, "image": "dev.local/" + container}}}
	for key, value := range more {
		pod[key] = value
	}
	return map[string]any{"template": map[string]any{"spec": pod}}
}

// ControllersReady waits until a Knative Service and a ContainerSource have each become a Pod. Both
// are gone again afterwards, with everything that was made of them.
func (i *Installer) ControllersReady(ctx context.Context) (err error) {
	sources := schema.GroupVersionResource{Group: "sources.knative.dev", Version: "v1", Resource: "containersources"}
	source := service(probe, nil)
	source["sink"] = map[string]any{"uri": "http://sink.example.com"}
	defer func() { err = errors.Join(err, i.forgetEvents(ctx)) }()
	for _, made := range []struct {
		resource schema.GroupVersionResource
		kind     string
		spec     map[string]any
	}{
		{services, "Service", service(probe, nil)},
		{sources, "ContainerSource", source},
	} {
		client := i.client.Resource(made.resource).Namespace(metav1.NamespaceDefault)
		object := object(made.resource.GroupVersion(), made.kind, made.spec)
		if _, err := client.Create(ctx, object, metav1.CreateOptions{FieldManager: fieldManager}); err != nil {
			return fmt.Errorf("cannot make a %s: %w", made.kind, err)
		}
		defer func() { err = errors.Join(err, gone(ctx, client)) }()
	}
	pods := i.client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(metav1.NamespaceDefault)
	return poll(ctx, "Knative's controllers do not become ready", func(ctx context.Context) error {
		for _, label := range []string{"serving.knative.dev/service=" + probe, "sources.knative.dev/containerSource=" + probe} {
			list, err := pods.List(ctx, metav1.ListOptions{LabelSelector: label})
			if err != nil {
				return err
			}
			if len(list.Items) == 0 {
				return fmt.Errorf("there is no pod with the label %s", label)
			}
		}
		return nil
	})
}

// gone deletes an object of ours with all that was made of it, and waits until it is not there any
// more. A namespace of its own would be simpler, but takes ten seconds to go.
func gone(ctx context.Context, client dynamic.ResourceInterface) error {
	foreground := metav1.DeletePropagationForeground
	err := client.Delete(ctx, probe, metav1.DeleteOptions{PropagationPolicy: &foreground})
	if err != nil {
		return fmt.Errorf("cannot delete what readiness was tried with: %w", err)
	}
	return poll(ctx, "what readiness was tried with does not go", func(ctx context.Context) error {
		_, err := client.Get(ctx, probe, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err == nil {
			err = errors.New("it is still there")
		}
		return err
	})
}

// forgetEvents deletes the events of the namespace `default`, all of which tell of the probes.
func (i *Installer) forgetEvents(ctx context.Context) error {
	events := schema.GroupVersionResource{Version: "v1", Resource: "events"}
	client := i.client.Resource(events).Namespace(metav1.NamespaceDefault)
	if err := client.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		return fmt.Errorf("cannot delete the events of what readiness was tried with: %w", err)
	}
	return nil
}
