package tests

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	pods       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
)

func TestStartsAnswersEndsAndLeavesNothing(t *testing.T) {
	tmp := temporary(t)
	copied := filepath.Join(tmp, "kubeconfig")
	bed := up(t, tmp, "--kubeconfig-out", copied)
	if bed.PID != bed.cmd.Process.Pid || bed.Knative != nil || bed.Kubernetes != "v1.36.3" {
		t.Errorf("announced %+v", bed.announcement)
	}
	if text, err := os.ReadFile(copied); err != nil || !strings.Contains(string(text), bed.Server) {
		t.Errorf("the copy of the kubeconfig: %v\n%s", err, text)
	}
	if _, err := bed.client(t, "admin").Resource(namespaces).Get(background(), "default", metav1.GetOptions{}); err != nil {
		t.Errorf("the admin may not read: %v", err)
	}
	_, err := bed.client(t, "developer").Resource(namespaces).List(background(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `User "developer" cannot list`) {
		t.Errorf("the developer's request was not refused for want of rights: %v", err)
	}
	if found := bed.processes(t); len(found) != 2 || found["etcd"] == 0 || found["kube-apiserver"] == 0 {
		t.Errorf("processes %v", found)
	}
	if err := bed.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := bed.wait(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, bed.errors)
	}
	bed.nothingIsLeft(t)
	if _, err := os.Lstat(copied); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the copy of the kubeconfig is left: %v", err)
	}
}

func TestEndsWithTheInput(t *testing.T) {
	tmp := temporary(t)
	cmd := command(tmp, "up", "--until-stdin-closes")
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	bed := begin(t, tmp, cmd)
	input.Close()
	if code := bed.wait(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, bed.errors)
	}
	bed.nothingIsLeft(t)
}

func TestEndsWithItsParent(t *testing.T) {
	tmp := temporary(t)
	shell := exec.Command("/bin/sh", "-c", `"$0" up & wait`, program)
	shell.Env = append(os.Environ(), "TMPDIR="+tmp)
	bed := begin(t, tmp, shell)
	if bed.PID == shell.Process.Pid {
		t.Fatal("the shell is no parent")
	}
	if err := shell.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if _, err := os.Stat(bed.Dir); err == nil {
			return fmt.Errorf("the test bed outlives its parent")
		}
		return nil
	})
	bed.nothingIsLeft(t)
}

func TestDownEndsWhatRunsInTheBackground(t *testing.T) {
	tmp := temporary(t)
	bed := begin(t, tmp, command(tmp, "up", "--detach"))
	if code := bed.wait(t); code != 0 {
		t.Fatalf("exit code %d\n%s", code, bed.errors)
	}
	if _, err := bed.client(t, "admin").Resource(namespaces).List(background(), metav1.ListOptions{}); err != nil {
		t.Errorf("it does not run in the background: %v", err)
	}
	out, err := command(tmp, "down").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ended "+bed.Dir) {
		t.Errorf("%v\n%s", err, out)
	}
	bed.nothingIsLeft(t)
	out, err = command(tmp, "down").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "no test bed runs") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestReportsADeadChildAndStopsTheOthers(t *testing.T) {
	bed := up(t, temporary(t))
	if err := syscall.Kill(bed.processes(t)["etcd"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := bed.wait(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if said := bed.errors.String(); !strings.Contains(said, "etcd has died (signal: killed); the last lines of its log:") {
		t.Errorf("it said %s", said)
	}
	bed.nothingIsLeft(t)
}

func TestAKillTakesTheChildrenAndTheNextStartTheFolder(t *testing.T) {
	tmp := temporary(t)
	bed := up(t, tmp)
	if err := bed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	bed.wait(t)
	eventually(t, func() error {
		if left := bed.processes(t); len(left) > 0 {
			return fmt.Errorf("the children live: %v", left)
		}
		return nil
	})
	if _, err := os.Stat(bed.Dir); err != nil {
		t.Fatalf("somebody has removed the folder already: %v", err)
	}
	next := up(t, tmp)
	bed.nothingIsLeft(t)
	if _, err := os.Stat(next.Dir); err != nil {
		t.Error(err)
	}
}

func TestDownAsksWhichAndTouchesNoOther(t *testing.T) {
	tmp := temporary(t)
	first, second := up(t, tmp), up(t, tmp)
	out, err := command(tmp, "down").CombinedOutput()
	if err == nil || !strings.Contains(string(out), first.Dir) || !strings.Contains(string(out), second.Dir) {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := command(tmp, "down", first.Dir).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	first.nothingIsLeft(t)
	if _, err := second.client(t, "admin").Resource(namespaces).List(background(), metav1.ListOptions{}); err != nil {
		t.Errorf("the other was touched: %v", err)
	}
}

func TestSaysHowToBuildProgramsThatAreMissing(t *testing.T) {
	tmp := temporary(t)
	out, err := command(tmp, "up", "--knative", "webhooks", "--bin-dir", tmp).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no serving-webhook, eventing-webhook in "+tmp) ||
		!strings.Contains(string(out), "cargo xtask testbed build") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestGivesUpInTime(t *testing.T) {
	tmp := temporary(t)
	out, err := command(tmp, "up", "--timeout", "100ms").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "it was not ready within 100ms") {
		t.Errorf("%v\n%s", err, out)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "knight-testbed-*", "*", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
