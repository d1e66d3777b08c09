// Package state keeps account of the test beds that run on this machine: one folder each, below
// one folder a user.
//
// A test bed holds a lock on its folder for as long as it lives. The kernel gives the lock back
// however the test bed ends, so a folder whose lock is free belongs to nobody and is removed.
package state

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	lockFile   = "lock"
	recordFile = "testbed.json"
)

// Root is the folder that holds the folders of all test beds of one user.
type Root struct{ path string }

// Open returns the root of the user who runs this program, and makes it if need be. It refuses
// one that others may write to: names in a shared temporary folder are anybody's.
func Open() (Root, error) {
	return open(filepath.Join(os.TempDir(), fmt.Sprintf("knight-testbed-%d", os.Getuid())))
}

func open(path string) (Root, error) {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return Root{}, fmt.Errorf("cannot make the folder of the test beds: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return Root{}, fmt.Errorf("cannot read the folder of the test beds: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm()&0o077 != 0 || int(stat.Uid) != os.Getuid() {
		return Root{}, fmt.Errorf("%s is not a folder of this user alone; remove it, or set TMPDIR", path)
	}
	return Root{path: path}, nil
}

// Folder is the folder of one test bed that runs in this process.
type Folder struct {
	// Path is where it is.
	Path string
	lock *os.File
}

// New removes what dead test beds left behind, and makes a folder for a new one.
func (r Root) New() (*Folder, error) {
	unlock, err := r.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := r.sweep(); err != nil {
		return nil, err
	}
	var name [4]byte
	if _, err := rand.Read(name[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	path := filepath.Join(r.path, hex.EncodeToString(name[:]))
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make a folder for the test bed: %w", err)
	}
	lock, err := tryLock(filepath.Join(path, lockFile))
	if err != nil {
		return nil, err
	}
	folder := &Folder{Path: path, lock: lock}
	started, err := startTime(os.Getpid())
	if err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	text, err := json.Marshal(Running{PID: os.Getpid(), Started: started})
	if err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	if err := os.WriteFile(filepath.Join(path, recordFile), text, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot write the record of the test bed: %w", err), folder.Remove())
	}
	return folder, nil
}

// Remove removes the folder with all that is in it.
func (f *Folder) Remove() error {
	err := removeAll(f.Path)
	return errors.Join(err, f.lock.Close())
}

// Running is a test bed that runs, as it wrote itself down.
type Running struct {
	// PID is the process of the test bed.
	PID int `json:"pid"`
	// Started is the time of its start, in ticks since the machine's: a process that got the same
	// number later has another one.
	Started uint64 `json:"started"`
	// Path is its folder.
	Path string `json:"-"`
}

// Sweep removes what dead test beds left behind, and returns those that live and how many were
// removed.
func (r Root) Sweep() (live []Running, removed int, err error) {
	unlock, err := r.lock()
	if err != nil {
		return nil, 0, err
	}
	defer unlock()
	before, err := os.ReadDir(r.path)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot list the test beds: %w", err)
	}
	live, err = r.sweep()
	folders := 0
	for _, entry := range before {
		if entry.IsDir() {
			folders++
		}
	}
	return live, folders - len(live), err
}

// sweep does the work of Sweep; the root must be locked.
func (r Root) sweep() ([]Running, error) {
	entries, err := os.ReadDir(r.path)
	if err != nil {
		return nil, fmt.Errorf("cannot list the test beds: %w", err)
	}
	var live []Running
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		path := filepath.Join(r.path, entry.Name())
		lock, err := tryLock(filepath.Join(path, lockFile))
		if errors.Is(err, errHeld) {
			running, err := read(path)
			if err != nil {
				return nil, err
			}
			live = append(live, running)
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err := removeAll(path); err != nil {
			return nil, err
		}
		if lock != nil {
			lock.Close()
		}
	}
	return live, nil
}

// read reads the record of a test bed.
func read(path string) (Running, error) {
	text, err := os.ReadFile(filepath.Join(path, recordFile))
	if err != nil {
		return Running{}, fmt.Errorf("cannot read the record of a test bed: %w", err)
	}
	running := Running{Path: path}
	if err := json.Unmarshal(text, &running); err != nil {
		return Running{}, fmt.Errorf("the record in %s is broken: %w", path, err)
	}
	return running, nil
}

// lock keeps others from adding and removing folders until the returned function is called.
func (r Root) lock() (func(), error) {
	file, err := os.OpenFile(filepath.Join(r.path, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot lock the test beds: %w", err)
	}
	const wait, step = 30 * time.Second, 20 * time.Millisecond
	for range int(wait / step) {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		time.Sleep(step)
	}
	file.Close()
	return nil, fmt.Errorf("another test bed holds %s for %s: %w", file.Name(), wait, err)
}

var errHeld = errors.New("the lock is held")

// tryLock locks a file, makes it if need be, and fails with errHeld when another process has it.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot lock a test bed: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errHeld
	}
	return nil, fmt.Errorf("cannot lock %s: %w", path, err)
}

// removeAll removes a folder. What was killed a moment ago may still write into it, so it tries
// more than once.
func removeAll(path string) error {
	var err error
	for range 50 {
		if err = os.RemoveAll(path); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("cannot remove %s: %w", path, err)
}
