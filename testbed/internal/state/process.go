package state

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrGone says that a test bed ended before it was asked to.
var ErrGone = errors.New("it has ended already")

// Stop asks a test bed to end, and waits until it has.
func (r Running) Stop(patience time.Duration) error {
	// On Linux this holds on to the very process, so that between the check below and the signal
	// nobody else can get its number.
	process, err := os.FindProcess(r.PID)
	if err != nil {
		return ErrGone
	}
	defer process.Release()
	if !r.alive() {
		return ErrGone
	}
	if err := process.Signal(syscall.SIGTERM); err != nil {
		if errors.Is(err, os.ErrProcessDone) {
			return ErrGone
		}
		return fmt.Errorf("cannot end the test bed with pid %d: %w", r.PID, err)
	}
	const step = 50 * time.Millisecond
	for range int(patience/step) + 1 {
		if !r.alive() {
			return nil
		}
		time.Sleep(step)
	}
	return fmt.Errorf("the test bed with pid %d did not end within %s", r.PID, patience)
}

// alive says whether the process is still the one that was written down, and no zombie.
func (r Running) alive() bool {
	fields, err := processFields(r.PID)
	if err != nil {
		return false
	}
	started, err := parseStart(fields)
	return err == nil && started == r.Started && fields[0] != "Z"
}

// startTime returns when a process started, in ticks since the start of the machine.
func startTime(pid int) (uint64, error) {
	fields, err := processFields(pid)
	if err != nil {
		return 0, err
	}
	return parseStart(fields)
}

// processFields returns what Linux says of a process, from its state on. The name before it may
// hold anything, brackets and spaces too.
func processFields(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, fmt.Errorf("cannot look up the process %d: %w", pid, err)
	}
	_, rest, found := cutLast(string(text), ") ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 {
		return nil, fmt.Errorf("cannot read what Linux says of the process %d", pid)
	}
	return fields, nil
}

// parseStart reads the start time: the 22nd field of proc_pid_stat(5), the 20th from the state on.
func parseStart(fields []string) (uint64, error) {
	return strconv.ParseUint(fields[19], 10, 64)
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}
