// Package command is the command line.
package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const long = `Starts a real Kubernetes control plane on this machine, with a real Knative in it.

etcd, the API server and, if asked for, the controller manager, Knative's webhooks and its
controllers run as plain processes on 127.0.0.1, out of a temporary folder. There are no nodes:
pods are made and stay Pending. That is all it takes to see what admission makes of an object.

  testbed up                                  etcd and the API server
  testbed up --knative webhooks               what a cluster with Knative refuses and fills in
  testbed up --knative full                   a Knative Service becomes a Pod
  testbed up --detach && testbed down         in the background, as in a CI job`

// Run runs the command line, and returns the exit code: 0 when all went well, 1 otherwise.
func Run(args []string) int {
	// Cobra would offer the flags of Kubernetes as ours.
	pflag.CommandLine = pflag.NewFlagSet("testbed", pflag.ContinueOnError)
	root := &cobra.Command{
		Use:           "testbed",
		Short:         "A real Kubernetes control plane with a real Knative, on loopback",
		Long:          long,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(up(), down(), version(), etcd(), apiServer(), controllerManager())
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}
