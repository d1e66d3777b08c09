package command

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// detach starts the same command in the background, and returns when it is ready.
func detach(out io.Writer, args []string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot tell where this program is: %w", err)
	}
	// Later flags win.
	command := exec.Command(program, append(args, "--detach=false", "--outlive-parent")...)
	// No terminal: neither Ctrl-C nor the end of a login reaches it.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ready, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("cannot start the background process: %w", err)
	}
	// It does not get our own standard error: whoever reads that to its end would wait for the end
	// of the test bed.
	progress, err := command.StderrPipe()
	if err != nil {
		return fmt.Errorf("cannot start the background process: %w", err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot start the background process: %w", err)
	}
	told := make(chan struct{})
	go func() {
		_, _ = io.Copy(os.Stderr, progress)
		close(told)
	}()
	line, err := bufio.NewReader(ready).ReadString('\n')
	if err == nil {
		_, err = io.WriteString(out, line)
		return err
	}
	<-told
	if status := command.Wait(); status != nil {
		return fmt.Errorf("the background process did not become ready: %w", status)
	}
	return fmt.Errorf("the background process ended before it was ready")
}
