// Package bed starts a control plane, keeps it, and ends it.
package bed

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// Level is how much of Kubernetes runs.
type Level string

const (
	// API is etcd and the API server.
	API Level = "api"
	// Controllers is the controller manager as well.
	Controllers Level = "controllers"
)

// Knative is how much of Knative runs.
type Knative string

const (
	// None is nothing of Knative.
	None Knative = "none"
	// CRDs is the custom resource definitions.
	CRDs Knative = "crds"
	// Webhooks is everything that Knative installs, with the webhooks of Serving and Eventing.
	Webhooks Knative = "webhooks"
	// Full is the controllers of Serving and Eventing as well.
	Full Knative = "full"
)

// Options say what to start.
type Options struct {
	Level   Level
	Knative Knative
	// Program is the program `testbed` itself, whose sub-commands are etcd and Kubernetes.
	Program string
	// Programs is the folder with the programs of Knative.
	Programs string
	// AuditPolicy and AdmissionConfig are files for the API server; empty means none.
	AuditPolicy, AdmissionConfig string
	// Progress is told what comes up.
	Progress io.Writer
	// Port returns a port of 127.0.0.1 that nobody listens on.
	Port func() (int, error)
}

// programs returns the names of Knative's programs at a level.
func (k Knative) programs() []string {
	switch k {
	case Webhooks:
		return []string{"serving-webhook", "eventing-webhook"}
	case Full:
		return []string{"serving-webhook", "eventing-webhook", "serving-controller", "eventing-controller"}
	case None, CRDs:
		return nil
	}
	return nil
}

// Complete checks the options and fills in what follows from them.
func (o *Options) Complete() error {
	switch o.Level {
	case API, Controllers:
	default:
		return fmt.Errorf("no such level: `%s` (one of api, controllers)", o.Level)
	}
	switch o.Knative {
	case None, CRDs, Webhooks:
	case Full:
		// Without the controller manager no Deployment becomes a Pod.
		o.Level = Controllers
	default:
		return fmt.Errorf("no such level of Knative: `%s` (one of none, crds, webhooks, full)", o.Knative)
	}
	var missing []string
	for _, name := range o.Knative.programs() {
		if _, err := os.Stat(filepath.Join(o.Programs, name)); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("no %s in %s; build them with `cargo xtask testbed build`, or with `go run ./build -o FOLDER` in the folder testbed, or name their folder by --bin-dir",
			strings.Join(missing, ", "), o.Programs)
	}
	for _, file := range []*string{&o.AuditPolicy, &o.AdmissionConfig} {
		if *file == "" {
			continue
		}
		// The API server is started in another folder.
		path, err := filepath.Abs(*file)
		if err != nil {
			return fmt.Errorf("cannot tell where %s is: %w", *file, err)
		}
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("cannot read a file for the API server: %w", err)
		}
		*file = path
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Port == nil {
		o.Port = FreePort
	}
	return nil
}

// FreePort returns a port of 127.0.0.1 that nobody listens on right now.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("no free port on 127.0.0.1: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
