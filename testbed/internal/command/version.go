package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	componentversion "k8s.io/component-base/version"

	"knight.dev/testbed/manifests"
)

func version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Prints the versions of Kubernetes and Knative",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			kubernetes, err := kubernetesVersion()
			if err != nil {
				return err
			}
			fmt.Fprintf(command.OutOrStdout(), "Kubernetes %s\nKnative    v%s\n", kubernetes, manifests.Knative)
			return nil
		},
	}
}

// kubernetesVersion returns the version that the API server calls itself.
func kubernetesVersion() (string, error) {
	version := componentversion.Get().GitVersion
	if strings.HasPrefix(version, "v0.") {
		return "", fmt.Errorf("this program was linked without the version of Kubernetes, and Knative would refuse to run; build it with `go run ./build` in the folder testbed")
	}
	return version, nil
}
