package state

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func newRoot(t *testing.T) Root {
	t.Helper()
	root, err := open(filepath.Join(t.TempDir(), "root"))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// sleeper starts a process that has nothing to do with any test bed.
func sleeper(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

func TestARootThatOthersMayWriteToIsRefused(t *testing.T) {
	shared := filepath.Join(t.TempDir(), "shared")
	if err := os.Mkdir(shared, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := open(shared); err == nil {
		t.Error("a folder for all was taken")
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	if _, err := open(link); err == nil {
		t.Error("a link was followed")
	}
}

func TestAFolderLivesAsLongAsItsLock(t *testing.T) {
	root := newRoot(t)
	folder, err := root.New()
	if err != nil {
		t.Fatal(err)
	}
	live, removed, err := root.Sweep()
	if err != nil || removed != 0 || len(live) != 1 || live[0].PID != os.Getpid() || live[0].Path != folder.Path {
		t.Fatalf("%+v, %d removed, %v", live, removed, err)
	}
	// This is what a kill does.
	folder.lock.Close()
	live, removed, err = root.Sweep()
	if err != nil || removed != 1 || len(live) != 0 {
		t.Fatalf("%+v, %d removed, %v", live, removed, err)
	}
	if _, err := os.Stat(folder.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

func TestANewFolderTakesAwayWhatDeadOnesLeft(t *testing.T) {
	root := newRoot(t)
	dead, err := root.New()
	if err != nil {
		t.Fatal(err)
	}
	dead.lock.Close()
	next, err := root.New()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
	if err := next.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(next.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

func TestAProcessThatGotTheSameNumberIsLeftAlone(t *testing.T) {
	pid := sleeper(t)
	started, err := startTime(pid)
	if err != nil {
		t.Fatal(err)
	}
	earlier := Running{PID: pid, Started: started - 1}
	if err := earlier.Stop(time.Second); !errors.Is(err, ErrGone) {
		t.Errorf("stopped somebody else's process: %v", err)
	}
	if now, err := startTime(pid); err != nil || now != started {
		t.Errorf("the process is gone: %v", err)
	}
	itself := Running{PID: pid, Started: started}
	if err := itself.Stop(10 * time.Second); err != nil {
		t.Errorf("its own process was not stopped: %v", err)
	}
}
