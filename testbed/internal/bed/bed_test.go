package bed

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// program returns the built test bed, whose sub-commands are the processes.
func program(t *testing.T) string {
	t.Helper()
	program := os.Getenv("KNIGHT_TESTBED")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("KNIGHT_TESTBED must name the program; `cargo xtask testbed build` builds it: %v", err)
	}
	return program
}

// temporary returns a folder with a short name: the paths of sockets are bounded.
func temporary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "tb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// taken returns a port that this test listens on.
func taken(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

// progress collects what comes up.
type progress struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (p *progress) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.Write(text)
}

func TestAPortThatIsTakenIsTriedAgainWithAnother(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	said := &progress{}
	first := taken(t)
	asked := 0
	options := Options{Level: API, Knative: None, Program: program(t), Progress: said, Port: func() (int, error) {
		asked++
		if asked == 1 {
			return first, nil
		}
		return FreePort()
	}}
	bed, err := Start(ctx, options, temporary(t))
	if err != nil {
		t.Fatal(err)
	}
	if asked != 2 || bed.Server == fmt.Sprintf("https://127.0.0.1:%d", first) ||
		!strings.Contains(said.text.String(), "kube-apiserver lost its port to another process, starting again") {
		t.Errorf("asked %d times, %s, %s", asked, bed.Server, said.text.String())
	}
	if err := bed.Stop(); err != nil {
		t.Error(err)
	}
}

func TestPortsThatAreAlwaysTakenEndTheTrying(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	port, asked := taken(t), 0
	options := Options{Level: API, Knative: None, Program: program(t), Port: func() (int, error) {
		asked++
		return port, nil
	}}
	dir := temporary(t)
	_, err := Start(ctx, options, dir)
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver has died") || asked != attempts {
		t.Errorf("asked %d times: %v", asked, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRefusesWhatItCannotStart(t *testing.T) {
	for wanted, options := range map[string]Options{
		"no such level: `most`":                {Level: "most", Knative: None},
		"no such level of Knative: `half`":     {Level: API, Knative: "half"},
		"no serving-webhook, eventing-webhook": {Level: API, Knative: Webhooks, Programs: t.TempDir()},
		"cannot read a file for the API server": {
			Level: API, Knative: None, AuditPolicy: filepath.Join(t.TempDir(), "none.yaml"),
		},
	} {
		if err := options.Complete(); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%+v: %v", options, err)
		}
	}
	deep := filepath.Join("/tmp", strings.Repeat("d", 100))
	if _, err := Start(context.Background(), Options{Level: API, Knative: None}, deep); err == nil ||
		!strings.Contains(err.Error(), "set TMPDIR to a shorter one") {
		t.Errorf("a path too long for a socket: %v", err)
	}
}

func TestTheTailOfALogIsItsLastLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	var text strings.Builder
	for line := range 5000 {
		fmt.Fprintf(&text, "line %d\n", line)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(tail(path), "\n")
	if len(lines) != 15 || lines[14] != "  line 4999" {
		t.Errorf("%q", lines)
	}
	if missing := tail(path + ".none"); !strings.Contains(missing, "no such file") {
		t.Error(missing)
	}
}
