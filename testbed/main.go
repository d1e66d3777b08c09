// Command testbed starts a real Kubernetes control plane with a real Knative on loopback.
package main

import (
	"os"

	"knight.dev/testbed/internal/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:]))
}
