package bed

import (
	"fmt"
	"strconv"

	"knight.dev/testbed/internal/install"
)

// component is a program of Knative, and the Deployment whose place it takes.
type component struct {
	program, namespace, deployment string
	// port is where its webhook listens; 0 for controllers.
	port int
}

// components returns the programs of Knative at a level, with ports for the webhooks.
func components(options Options) ([]component, error) {
	places := map[string]component{
		"serving-webhook":     {namespace: "knative-serving", deployment: "webhook"},
		"serving-controller":  {namespace: "knative-serving", deployment: "controller"},
		"eventing-webhook":    {namespace: "knative-eventing", deployment: "eventing-webhook"},
		"eventing-controller": {namespace: "knative-eventing", deployment: "eventing-controller"},
	}
	var components []component
	for _, program := range options.Knative.programs() {
		component := places[program]
		component.program = program
		if program == "serving-webhook" || program == "eventing-webhook" {
			port, err := options.Port()
			if err != nil {
				return nil, err
			}
			component.port = port
		}
		components = append(components, component)
	}
	return components, nil
}

// environment returns the environment of a component: that of its Deployment, with what a plain
// process needs differently.
func (c component) environment(plan *install.Plan) ([]string, error) {
	declared, err := plan.Environment(c.namespace, c.deployment)
	if err != nil {
		return nil, err
	}
	if c.port != 0 {
		declared["WEBHOOK_PORT"] = strconv.Itoa(c.port)
	}
	// Any free port of loopback; nobody asks for profiles.
	declared["PROFILING_PORT"] = "0"
	// Upstream's limits of requests a second are for clusters with others in them.
	declared["KUBE_API_QPS"] = "500"
	declared["KUBE_API_BURST"] = "1000"
	var environment []string
	for name, value := range declared {
		environment = append(environment, fmt.Sprintf("%s=%s", name, value))
	}
	return environment, nil
}
