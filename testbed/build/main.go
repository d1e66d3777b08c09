// Command build builds the test bed: its own program, and Knative's four programs beside it.
//
//	go run ./build -o ../target/testbed
//
// It runs in the folder of the module knight.dev/testbed and needs nothing but Go.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// programs are those of Knative that the test bed starts, by the names that it looks for.
var programs = []struct{ name, path string }{
	{"serving-webhook", "knative.dev/serving/cmd/webhook"},
	{"eventing-webhook", "knative.dev/eventing/cmd/webhook"},
	{"serving-controller", "knative.dev/serving/cmd/controller"},
	{"eventing-controller", "knative.dev/eventing/cmd/controller"},
}

func main() {
	out := flag.String("o", filepath.Join("..", "target", "testbed"), "the folder to build into")
	jobs := flag.Int("p", 2, "how many compilers to run at once")
	flag.Parse()
	if err := build(*out, *jobs); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// build builds everything into out.
func build(out string, jobs int) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("cannot tell where %s is: %w", out, err)
	}
	b := builder{jobs: strconv.Itoa(jobs)}
	version, err := b.output(".", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
	if err != nil {
		return err
	}
	testbed := filepath.Join(out, "testbed")
	if err := b.build(".", testbed, "-ldflags", linkFlags(version), "."); err != nil {
		return err
	}
	modfile, err := onLoopback(b, filepath.Join(out, "source"))
	if err != nil {
		return err
	}
	for _, program := range programs {
		to := filepath.Join(out, "bin", program.name)
		if err := b.build("knative", to, "-ldflags=-s -w", "-modfile", modfile, program.path); err != nil {
			return err
		}
	}
	return nil
}

// linkFlags makes the API server call itself by the version of its module. Without them it says
// `v0.0.0-master+$Format…`, which Knative takes for a Kubernetes that is too old.
func linkFlags(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	const variables = "k8s.io/component-base/version."
	flags := []string{"-s", "-w", "-X", variables + "gitVersion=" + version}
	if len(parts) == 3 {
		flags = append(flags, "-X", variables+"gitMajor="+parts[0], "-X", variables+"gitMinor="+parts[1])
	}
	return strings.Join(flags, " ")
}

// builder runs the go command.
type builder struct{ jobs string }

// build builds one program.
func (b builder) build(dir, out string, args ...string) error {
	start := time.Now()
	all := append([]string{"build", "-trimpath", "-p", b.jobs, "-o", out}, args...)
	if _, err := b.output(dir, all...); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "built %s in %s\n", filepath.Base(out), time.Since(start).Round(100*time.Millisecond))
	return nil
}

// output runs the go command in a folder, and returns what it printed.
func (builder) output(dir string, args ...string) (string, error) {
	command := exec.Command("go", args...)
	command.Dir = dir
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("`go %s` in %s failed: %w", strings.Join(args, " "), dir, err)
	}
	return strings.TrimSpace(string(out)), nil
}
