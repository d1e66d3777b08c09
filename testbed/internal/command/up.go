package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"knight.dev/testbed/internal/bed"
	"knight.dev/testbed/internal/state"
	"knight.dev/testbed/manifests"
)

// upFlags are the flags of `testbed up`.
type upFlags struct {
	level, knative                   string
	kubeconfigOut, binDir, log       string
	auditPolicy, admissionConfig     string
	timeout                          time.Duration
	untilStdinCloses, detach, orphan bool
}

// announcement is what `testbed up` prints when all is ready.
type announcement struct {
	Kubeconfig string  `json:"kubeconfig"`
	Server     string  `json:"server"`
	Kubernetes string  `json:"kubernetes"`
	Knative    *string `json:"knative"`
	Dir        string  `json:"dir"`
	PID        int     `json:"pid"`
}

const upLong = `Starts a control plane, and keeps it until it is told to end.

When all is ready, one line of JSON on standard output says where: kubeconfig, server, kubernetes,
knative, dir and pid. What comes up meanwhile is told on standard error. The kubeconfig has two
contexts: ` + "`admin`, who may do everything, and `developer`, who may do nothing until a role is bound to the\nuser of this name" + `.

It ends with Ctrl-C, with SIGTERM, with the process that started it, with ` + "`testbed down`" + `, or
with exit code 1 when one of its processes dies. Nothing is left behind; after a kill -9, the next
start removes the folder.`

func up() *cobra.Command {
	var flags upFlags
	command := &cobra.Command{
		Use:   "up",
		Short: "Starts a control plane, and keeps it until it is told to end",
		Long:  upLong,
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if flags.detach {
				return detach(command.OutOrStdout(), os.Args[1:])
			}
			return runUp(command.OutOrStdout(), flags)
		},
	}
	set := command.Flags()
	set.SortFlags = false
	set.StringVar(&flags.level, "level", string(bed.API), "a `level` of Kubernetes: api is etcd and the API server; controllers is the controller manager\ntoo, which makes ReplicaSets, Pods and service accounts, counts quota and collects garbage")
	set.StringVar(&flags.knative, "knative", string(bed.None), "a `level` of Knative: none; crds is the custom resource definitions; webhooks is settings, roles\nand the webhooks of Serving and Eventing too; full is their controllers too, and implies\n--level controllers")
	set.StringVar(&flags.kubeconfigOut, "kubeconfig-out", "", "also write the kubeconfig to this `file`, and remove it at the end")
	set.DurationVar(&flags.timeout, "timeout", 3*time.Minute, "give up when it is not ready by then")
	set.BoolVar(&flags.detach, "detach", false, "run in the background, return when ready, and live until testbed down")
	set.StringVar(&flags.log, "log", "", "also tell this `file` what comes up and why it ends")
	set.BoolVar(&flags.untilStdinCloses, "until-stdin-closes", false, "also end when standard input is closed")
	set.StringVar(&flags.auditPolicy, "audit-policy", "", "an audit policy `file` for the API server, which logs to run/audit.log in its folder")
	set.StringVar(&flags.admissionConfig, "admission-config", "", "an AdmissionConfiguration `file` for the API server, such as defaults of Pod Security")
	set.StringVar(&flags.binDir, "bin-dir", "", "the `folder` with Knative's programs (default: bin beside this program)")
	// What --detach gives to the process in the background.
	set.BoolVar(&flags.orphan, "outlive-parent", false, "")
	_ = set.MarkHidden("outlive-parent")
	return command
}

// errTold says that the test bed ended because it was told to.
var errTold = errors.New("told to end")

// runUp starts a control plane, and keeps it until it is told to end.
func runUp(out io.Writer, flags upFlags) error {
	if flags.log == "" {
		return keep(out, os.Stderr, flags)
	}
	log, err := os.Create(flags.log)
	if err != nil {
		return fmt.Errorf("cannot write the log: %w", err)
	}
	defer log.Close()
	// The file first: in the background nobody listens to the other.
	err = keep(out, io.MultiWriter(log, os.Stderr), flags)
	if err != nil {
		fmt.Fprintln(log, "error:", err)
	}
	return err
}

// keep starts a control plane, announces it, and waits for its end.
func keep(out, progress io.Writer, flags upFlags) (err error) {
	kubernetes, err := kubernetesVersion()
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot tell where this program is: %w", err)
	}
	options := bed.Options{
		Level:           bed.Level(flags.level),
		Knative:         bed.Knative(flags.knative),
		Program:         program,
		Programs:        flags.binDir,
		AuditPolicy:     flags.auditPolicy,
		AdmissionConfig: flags.admissionConfig,
		Progress:        progress,
	}
	if options.Programs == "" {
		options.Programs = filepath.Join(filepath.Dir(program), "bin")
	}
	if err := options.Complete(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	released := watch(cancel, flags)
	root, err := state.Open()
	if err != nil {
		return err
	}
	folder, err := root.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Remove()) }()
	patience := time.AfterFunc(flags.timeout, func() {
		cancel(fmt.Errorf("it was not ready within %s", flags.timeout))
	})
	running, err := bed.Start(ctx, options, folder.Path)
	if errors.Is(err, errTold) {
		return fmt.Errorf("ended before it was ready: %w", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Stop()) }()
	if !patience.Stop() {
		return context.Cause(ctx)
	}
	if flags.kubeconfigOut != "" {
		remove, err := copyOut(running.Kubeconfig, flags.kubeconfigOut)
		if err != nil {
			return err
		}
		defer remove()
	}
	ready := announcement{
		Kubeconfig: running.Kubeconfig,
		Server:     running.Server,
		Kubernetes: kubernetes,
		Dir:        folder.Path,
		PID:        os.Getpid(),
	}
	if options.Knative != bed.None {
		minor := manifests.Minor
		ready.Knative = &minor
	}
	released.Store(flags.orphan)
	// A pipe that nobody reads any more is no reason to end.
	_ = json.NewEncoder(out).Encode(ready)
	<-running.Ended()
	if cause := running.Cause(); !errors.Is(cause, errTold) {
		return cause
	}
	fmt.Fprintln(progress, running.Cause())
	return nil
}

// watch ends the test bed when it is told to, when its parent ends before it is released from it,
// and when its input closes.
func watch(cancel context.CancelCauseFunc, flags upFlags) (released *atomic.Bool) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		cancel(fmt.Errorf("%w by the signal %q", errTold, (<-signals).String()))
	}()
	// Nobody reading our words is no reason to die before everything is tidied up.
	signal.Ignore(syscall.SIGPIPE)
	if flags.untilStdinCloses {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel(fmt.Errorf("%w by the end of the input", errTold))
		}()
	}
	released = &atomic.Bool{}
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(200 * time.Millisecond)
		}
		if !released.Load() {
			cancel(fmt.Errorf("%w by the end of the process that started it", errTold))
		}
	}()
	return released
}

// copyOut writes the kubeconfig to where the user wants it, and returns how to remove it again. A
// file that somebody has written to meanwhile stays.
func copyOut(from, to string) (func(), error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return nil, fmt.Errorf("cannot read the kubeconfig: %w", err)
	}
	if _, err := os.Lstat(to); err == nil {
		return nil, fmt.Errorf("%s exists already, and is not overwritten", to)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		return nil, fmt.Errorf("cannot write the kubeconfig: %w", err)
	}
	return func() {
		if now, err := os.ReadFile(to); err == nil && string(now) == string(text) {
			_ = os.Remove(to)
		}
	}, nil
}
