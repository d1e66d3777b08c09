package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAListenerIsPutOnLoopback(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "server.go")
	if err := os.WriteFile(path, []byte(`Addr: ":" + port,`), 0o600); err != nil {
		t.Fatal(err)
	}
	listener := listener{file: "server.go", upstream: `":" + port`, loopback: `"127.0.0.1:" + port`}
	if err := listener.rewrite(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != `Addr: "127.0.0.1:" + port,` {
		t.Errorf("%s %v", text, err)
	}
}

func TestAnUpstreamThatHasChangedIsNotGuessedAt(t *testing.T) {
	dir := t.TempDir()
	listener := listener{file: "server.go", upstream: `":" + port`, loopback: `"127.0.0.1:" + port`}
	if err := listener.rewrite(dir); err == nil || !strings.Contains(err.Error(), "has no server.go") {
		t.Errorf("a file that is gone: %v", err)
	}
	for _, text := range []string{`Addr: addr`, `":" + port, ":" + port`} {
		if err := os.WriteFile(filepath.Join(dir, "server.go"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := listener.rewrite(dir); err == nil || !strings.Contains(err.Error(), "not once") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestLinkFlagsNameTheVersionOfTheModule(t *testing.T) {
	flags := linkFlags("v1.36.3")
	for _, wanted := range []string{"gitVersion=v1.36.3", "gitMajor=1", "gitMinor=36"} {
		if !strings.Contains(flags, "-X k8s.io/component-base/version."+wanted) {
			t.Errorf("no %s in %s", wanted, flags)
		}
	}
}
