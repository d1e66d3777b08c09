package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// listener is a place in knative.dev/pkg that opens a port.
type listener struct{ file, upstream, loopback string }

// listeners are all of them that the four programs use.
//
// Upstream, each listens on every address of the machine, and the health probes of three of the
// four on port 8080, which no setting changes: they could not run side by side. Nothing but the
// address is changed, so what the programs answer is what Knative answers.
var listeners = []listener{
	{
		file:     "webhook/webhook.go",
		upstream: `fmt.Sprint(":", wh.Options.Port)`,
		loopback: `fmt.Sprint("127.0.0.1:", wh.Options.Port)`,
	},
	{
		file:     "observability/runtime/pprof.go",
		upstream: `":" + port`,
		loopback: `"127.0.0.1:" + port`,
	},
	{
		// Nobody asks for the health of a plain process, so any free port does.
		file:     "injection/health_check.go",
		upstream: `":" + strconv.Itoa(port)`,
		loopback: `"127.0.0.1:" + strconv.Itoa(0)`,
	},
}

// onLoopback copies knative.dev/pkg into a folder, makes the copy listen on loopback only, and
// returns a go.mod for `-modfile` that is the one of the folder knative with this copy in it.
func onLoopback(b builder, folder string) (string, error) {
	upstream, err := b.output("knative", "list", "-m", "-f", "{{.Dir}}", "knative.dev/pkg")
	if err != nil {
		return "", err
	}
	if upstream == "" {
		if _, err := b.output("knative", "mod", "download", "knative.dev/pkg"); err != nil {
			return "", err
		}
		if upstream, err = b.output("knative", "list", "-m", "-f", "{{.Dir}}", "knative.dev/pkg"); err != nil {
			return "", err
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("cannot empty %s: %w", folder, err)
	}
	pkg := filepath.Join(folder, "knative.dev", "pkg")
	if err := os.CopyFS(pkg, os.DirFS(upstream)); err != nil {
		return "", fmt.Errorf("cannot copy knative.dev/pkg: %w", err)
	}
	for _, listener := range listeners {
		if err := listener.rewrite(pkg); err != nil {
			return "", err
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("knative", name))
		if err != nil {
			return "", fmt.Errorf("cannot read the pinned versions: %w", err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return "", fmt.Errorf("cannot write into %s: %w", folder, err)
		}
	}
	modfile := filepath.Join(folder, "go.mod")
	_, err = b.output("knative", "mod", "edit", "-replace=knative.dev/pkg="+pkg, modfile)
	return modfile, err
}

// rewrite puts one listener of a copy of knative.dev/pkg on loopback. A text that is not there
// exactly once fails: a new version has to be looked at, not guessed at.
func (l listener) rewrite(pkg string) error {
	path := filepath.Join(pkg, filepath.FromSlash(l.file))
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("knative.dev/pkg has no %s any more: %w", l.file, err)
	}
	if count := strings.Count(string(text), l.upstream); count != 1 {
		return fmt.Errorf("knative.dev/pkg: `%s` is %d times in %s, not once", l.upstream, count, l.file)
	}
	changed := strings.Replace(string(text), l.upstream, l.loopback, 1)
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}
