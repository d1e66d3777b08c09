// Package tests holds the test bed to what it promises, from outside: it starts the real program
// and looks at what there is, and at what is left.
//
// KNIGHT_TESTBED names the program; `cargo xtask test` sets it. Each test has a TMPDIR of its own,
// so test beds of others on the same machine are neither seen nor touched.
package tests

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// patience is how long anything may take on a busy machine.
const patience = 3 * time.Minute

var program string

func TestMain(m *testing.M) {
	program = os.Getenv("KNIGHT_TESTBED")
	if _, err := os.Stat(program); err != nil {
		fmt.Fprintln(os.Stderr, "KNIGHT_TESTBED must name the program; `cargo xtask testbed build` builds it:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// announcement is what the program prints when it is ready.
type announcement struct {
	Kubeconfig string  `json:"kubeconfig"`
	Server     string  `json:"server"`
	Kubernetes string  `json:"kubernetes"`
	Knative    *string `json:"knative"`
	Dir        string  `json:"dir"`
	PID        int     `json:"pid"`
}

// testbed is one that runs.
type testbed struct {
	announcement
	tmp     string
	cmd     *exec.Cmd
	errors  *output
	status  error
	finally chan struct{}
}

// output collects what a process writes.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
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

// command returns the program with arguments, to run with a TMPDIR.
func command(tmp string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	return cmd
}

// up starts a test bed and waits until it is ready. It is ended with the test.
func up(t *testing.T, tmp string, args ...string) *testbed {
	t.Helper()
	return begin(t, tmp, command(tmp, append([]string{"up"}, args...)...))
}

// begin starts a command that prints an announcement, and waits for it.
func begin(t *testing.T, tmp string, cmd *exec.Cmd) *testbed {
	t.Helper()
	bed := &testbed{tmp: tmp, cmd: cmd, errors: &output{}, finally: make(chan struct{})}
	cmd.Stderr = bed.errors
	out, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	go func() {
		bed.status = cmd.Wait()
		close(bed.finally)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-bed.finally:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			t.Error("the test bed did not end")
		}
	})
	if err := out.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("it does not become ready: %v\n%s", err, bed.errors)
	}
	if err := json.Unmarshal(line, &bed.announcement); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return bed
}

// wait waits for the end, and returns the exit code.
func (b *testbed) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-b.finally:
	case <-time.After(patience):
		t.Fatalf("it does not end\n%s", b.errors)
	}
	var status *exec.ExitError
	if errors.As(b.status, &status) {
		return status.ExitCode()
	}
	if b.status != nil {
		t.Fatal(b.status)
	}
	return 0
}

// client talks to the API server as one of the users of the kubeconfig.
func (b *testbed) client(t *testing.T, user string) dynamic.Interface {
	t.Helper()
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: b.Kubeconfig}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: user}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// processes returns the processes that were started for the test bed, by the names of the programs.
// All of them have its folder in their arguments.
func (b *testbed) processes(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		line, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		if err != nil || !bytes.Contains(line, []byte(b.Dir+"/")) {
			continue
		}
		args := strings.Split(string(line), "\x00")
		name := filepath.Base(args[0])
		if name == filepath.Base(program) && len(args) > 1 {
			name = args[1]
		}
		found[name] = pid
	}
	return found
}

// nothingIsLeft fails when the test bed has left a process or a file behind.
func (b *testbed) nothingIsLeft(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		if left := b.processes(t); len(left) > 0 {
			return fmt.Errorf("processes are left: %v", left)
		}
		return nil
	})
	if _, err := os.Lstat(b.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s is left: %v", b.Dir, err)
	}
}

// eventually asks until the answer is good.
func eventually(t *testing.T, ask func() error) {
	t.Helper()
	const step = 50 * time.Millisecond
	var err error
	for range int(patience / step) {
		if err = ask(); err == nil {
			return
		}
		time.Sleep(step)
	}
	t.Fatal(err)
}

func background() context.Context { return context.Background() }
