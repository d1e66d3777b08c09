package command

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"knight.dev/testbed/internal/state"
)

func down() *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:   "down [DIR]",
		Short: "Ends the test bed that runs, and removes what dead ones left behind",
		Long: `Ends the test bed that runs, and removes what dead ones left behind.

With more than one running, name one by its folder (the "dir" it announced), or take --all. Only
test beds of the same user, below the same TMPDIR, are found.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			say := func(format string, args ...any) {
				fmt.Fprintf(command.ErrOrStderr(), format+"\n", args...)
			}
			return runDown(args, all, say)
		},
	}
	command.Flags().BoolVar(&all, "all", false, "end all of them")
	return command
}

func runDown(dirs []string, all bool, say func(string, ...any)) error {
	root, err := state.Open()
	if err != nil {
		return err
	}
	live, removed, err := root.Sweep()
	if err != nil {
		return err
	}
	if removed > 0 {
		say("removed what %d dead test bed(s) left behind", removed)
	}
	chosen, err := choose(live, dirs, all)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		say("no test bed runs")
	}
	var errs []error
	for _, running := range chosen {
		switch err := running.Stop(30 * time.Second); {
		case errors.Is(err, state.ErrGone) || err == nil:
			say("ended %s (pid %d)", running.Path, running.PID)
		default:
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// choose returns the test beds that are meant.
func choose(live []state.Running, dirs []string, all bool) ([]state.Running, error) {
	if len(dirs) == 1 {
		for _, running := range live {
			if filepath.Clean(dirs[0]) == running.Path {
				return []state.Running{running}, nil
			}
		}
		return nil, fmt.Errorf("no test bed runs in %s", dirs[0])
	}
	if !all && len(live) > 1 {
		var paths []string
		for _, running := range live {
			paths = append(paths, running.Path)
		}
		return nil, fmt.Errorf("%d test beds run; name one, or take --all:\n  %s", len(live), strings.Join(paths, "\n  "))
	}
	return live, nil
}
