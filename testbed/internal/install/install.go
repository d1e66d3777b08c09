package install

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const (
	// fieldManager is who owns what the test bed applies.
	fieldManager = "testbed"
	// together is how many requests are under way at once.
	together = 8
)

var crds = schema.GroupVersionResource{
	Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
}

// Installer installs a plan.
type Installer struct {
	plan      *Plan
	client    dynamic.Interface
	discovery *discovery.DiscoveryClient
}

// New returns an installer that talks to a control plane.
func New(config *rest.Config, plan *Plan) (*Installer, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot talk to the API server: %w", err)
	}
	discovery, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot talk to the API server: %w", err)
	}
	return &Installer{plan: plan, client: client, discovery: discovery}, nil
}

// CRDs applies the custom resource definitions, and waits until their kinds are served.
func (i *Installer) CRDs(ctx context.Context) error {
	if err := i.apply(ctx, i.plan.crds); err != nil {
		return err
	}
	return poll(ctx, "the custom resource definitions are not served", func(ctx context.Context) error {
		list, err := i.client.Resource(crds).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for n := range list.Items {
			if !established(&list.Items[n]) {
				return fmt.Errorf("`%s` is not established", list.Items[n].GetName())
			}
		}
		// Each kind is to be found, and to answer a list.
		mapper, err := i.mapper()
		if err != nil {
			return err
		}
		for _, crd := range i.plan.crds {
			kind, err := served(crd)
			if err != nil {
				return err
			}
			mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
			if err != nil {
				return err
			}
			if _, err := i.client.Resource(mapping.Resource).List(ctx, metav1.ListOptions{Limit: 1}); err != nil {
				return fmt.Errorf("%s: %w", crd.GetName(), err)
			}
		}
		return nil
	})
}

// Rest applies everything else, the webhook configurations last.
func (i *Installer) Rest(ctx context.Context) error {
	if err := i.apply(ctx, i.plan.objects); err != nil {
		return err
	}
	return i.apply(ctx, i.plan.webhooks)
}

// apply applies objects: the namespaces, then the others.
func (i *Installer) apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	mapper, err := i.mapper()
	if err != nil {
		return err
	}
	for _, namespaces := range []bool{true, false} {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(together)
		for _, object := range objects {
			if (object.GetKind() == "Namespace") == namespaces {
				group.Go(func() error { return i.applyOne(ctx, mapper, object) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func (i *Installer) applyOne(ctx context.Context, mapper meta.RESTMapper, object *unstructured.Unstructured) error {
	kind := object.GroupVersionKind()
	mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return fmt.Errorf("the API server does not know %s: %w", kind, err)
	}
	text, err := object.MarshalJSON()
	if err != nil {
		return fmt.Errorf("%s `%s`: %w", kind.Kind, object.GetName(), err)
	}
	force := true
	_, err = i.client.Resource(mapping.Resource).Namespace(object.GetNamespace()).Patch(ctx, object.GetName(),
		types.ApplyPatchType, text, metav1.PatchOptions{FieldManager: fieldManager, Force: &force})
	if err != nil {
		return fmt.Errorf("cannot apply %s `%s`: %w", kind.Kind, object.GetName(), err)
	}
	return nil
}

// mapper returns which resources the API server has by now.
func (i *Installer) mapper() (meta.RESTMapper, error) {
	groups, err := restmapper.GetAPIGroupResources(i.discovery)
	if err != nil {
		return nil, fmt.Errorf("cannot ask what the API server knows: %w", err)
	}
	return restmapper.NewDiscoveryRESTMapper(groups), nil
}

// established says whether the API server has taken up a custom resource definition.
func established(crd *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions")
	for _, condition := range conditions {
		fields, _ := condition.(map[string]any)
		if fields["type"] == "Established" && fields["status"] == "True" {
			return true
		}
	}
	return false
}

// served returns the kind that a custom resource definition defines, at the version it stores.
func served(crd *unstructured.Unstructured) (schema.GroupVersionKind, error) {
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	for _, version := range versions {
		fields, _ := version.(map[string]any)
		if name, _ := fields["name"].(string); fields["storage"] == true {
			return schema.GroupVersionKind{Group: group, Version: name, Kind: kind}, nil
		}
	}
	return schema.GroupVersionKind{}, fmt.Errorf("`%s` stores no version", crd.GetName())
}

// poll asks again until the answer is good or the time is over. The last answer is the error.
func poll(ctx context.Context, problem string, ask func(context.Context) error) error {
	const step = 50 * time.Millisecond
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", problem, err)
		case <-time.After(step):
		}
	}
}
