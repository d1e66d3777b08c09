package bed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// DeadChildError says that a process of the test bed ended by itself.
type DeadChildError struct {
	// Name is the program.
	Name string
	// Status is how it ended.
	Status error
	// Log is the end of what it wrote.
	Log string
}

func (e *DeadChildError) Error() string {
	status := "it ended by itself"
	if e.Status != nil {
		status = e.Status.Error()
	}
	return fmt.Sprintf("%s has died (%s); the last lines of its log:\n%s", e.Name, status, e.Log)
}

// addressInUse says whether the process died because another one had taken its port meanwhile.
func (e *DeadChildError) addressInUse() bool {
	return strings.Contains(e.Log, syscall.EADDRINUSE.Error())
}

// children are the processes of one test bed.
type children struct {
	// died is called with the first process that ends by itself.
	died     context.CancelCauseFunc
	logs     string
	started  []*child
	stopping atomic.Bool
}

type child struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
}

// start starts a program, with what it writes going to a file of its name.
func (c *children) start(name string, program string, args, env []string) error {
	path := filepath.Join(c.logs, name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write the log of %s: %w", name, err)
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	// Nothing of the caller's environment may change what the programs do: no proxy, no kubeconfig.
	cmd.Env = append([]string{"HOME=" + c.logs, "PATH=/usr/bin:/bin", "TMPDIR=" + c.logs}, env...)
	cmd.Dir = c.logs
	cmd.SysProcAttr = &syscall.SysProcAttr{
		// A group of its own: Ctrl-C in a terminal reaches the test bed only, which ends the others.
		Setpgid:   true,
		Pdeathsig: syscall.SIGKILL,
	}
	if err := onSpawner(cmd.Start); err != nil {
		return fmt.Errorf("cannot start %s: %w", name, err)
	}
	child := &child{name: name, cmd: cmd, done: make(chan struct{})}
	c.started = append(c.started, child)
	go func() {
		status := cmd.Wait()
		close(child.done)
		if !c.stopping.Load() {
			c.died(&DeadChildError{Name: name, Status: status, Log: tail(path)})
		}
	}()
	return nil
}

// stop ends all processes and waits for them. They are killed: everything that they would tidy up
// is in a folder that goes away as a whole, and a Knative webhook would take 45 seconds for it.
func (c *children) stop() error {
	c.stopping.Store(true)
	for _, child := range c.started {
		// No wait has been answered before `done` is closed, so this is no other process's number.
		select {
		case <-child.done:
		default:
			_ = child.cmd.Process.Kill()
		}
	}
	deadline := time.After(20 * time.Second)
	var errs []error
	for _, child := range c.started {
		select {
		case <-child.done:
		case <-deadline:
			errs = append(errs, fmt.Errorf("%s (pid %d) does not end", child.name, child.cmd.Process.Pid))
		}
	}
	return errors.Join(errs...)
}

// spawner is one thread that starts all processes. Linux sends the signal of a dead parent when
// the *thread* that started a process ends, and Go may end threads at any time.
var spawner = make(chan func())

func init() {
	go func() {
		runtime.LockOSThread()
		for start := range spawner {
			start()
		}
	}()
}

func onSpawner(start func() error) error {
	result := make(chan error)
	spawner <- func() { result <- start() }
	return <-result
}

// tail returns the last lines of a log.
func tail(path string) string {
	const lines, most = 15, 16 << 10
	file, err := os.Open(path)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > most {
		if _, err := file.Seek(-most, io.SeekEnd); err != nil {
			return "(" + err.Error() + ")"
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return "  " + string(bytes.Join(all, []byte("\n  ")))
}
