package manifests

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "copy the manifests of the pinned modules")

func TestManifestsAreThoseOfTheModulesThatTheProgramsAreBuiltFrom(t *testing.T) {
	for _, source := range sources {
		upstream := yamls(t, os.DirFS(filepath.Join(moduleFolder(t, source.module), filepath.FromSlash(source.folder))))
		if len(upstream) == 0 {
			t.Fatalf("%s has no YAML in %s", source.module, source.folder)
		}
		here := filepath.FromSlash(source.here)
		if *update {
			write(t, here, upstream)
		}
		ours := yamls(t, os.DirFS(here))
		for name, text := range upstream {
			if !bytes.Equal(ours[name], text) {
				t.Errorf("%s/%s differs from %s; run `go test ./manifests -update`", source.here, name, source.module)
			}
			delete(ours, name)
		}
		for name := range ours {
			t.Errorf("%s/%s is not a file of %s; run `go test ./manifests -update`", source.here, name, source.module)
		}
	}
}

func TestEveryManifestIsReadAndTheKindsThatCarryPodsAreDefined(t *testing.T) {
	objects, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	defined := map[string]bool{}
	for _, object := range objects {
		if object.GetKind() == "CustomResourceDefinition" {
			defined[object.GetName()] = true
		}
	}
	for _, name := range []string{
		"services.serving.knative.dev", "configurations.serving.knative.dev", "revisions.serving.knative.dev",
		"domainmappings.serving.knative.dev", "ingresses.networking.internal.knative.dev",
		"serverlessservices.networking.internal.knative.dev", "images.caching.internal.knative.dev",
		"containersources.sources.knative.dev", "jobsinks.sinks.knative.dev",
		"integrationsources.sources.knative.dev", "eventpolicies.eventing.knative.dev",
		"inmemorychannels.messaging.knative.dev", "inferenceservices.serving.kserve.io",
	} {
		if !defined[name] {
			t.Errorf("no CRD `%s`", name)
		}
	}
}

func TestRefusesADocumentThatIsNoObject(t *testing.T) {
	if _, err := parse([]byte("kind: ConfigMap\n")); err == nil {
		t.Error("a ConfigMap without a name was taken")
	}
}

// moduleFolder returns where a module is, at the version that the programs are built from.
func moduleFolder(t *testing.T, module string) string {
	t.Helper()
	list := func() string {
		command := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
		command.Dir = filepath.Join("..", "knative")
		out, err := command.Output()
		if err != nil {
			t.Fatalf("cannot look up %s: %v", module, err)
		}
		return strings.TrimSpace(string(out))
	}
	folder := list()
	if folder == "" {
		t.Fatalf("%s is not in the module cache; run `go mod download` in testbed/knative", module)
	}
	return folder
}

// yamls returns the YAML files of a folder by their paths below it.
func yamls(t *testing.T, folder fs.FS) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		found[name], err = fs.ReadFile(folder, name)
		return err
	})
	if err != nil && !*update {
		t.Fatal(err)
	}
	return found
}

// write makes a folder hold these files and no others.
func write(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
