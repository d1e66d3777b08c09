package bed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"knight.dev/testbed/internal/install"
)

// The users of the kubeconfig.
const (
	// Admin may do everything.
	Admin = "admin"
	// Developer may do nothing, until somebody binds a role to the user of this name.
	Developer = "developer"
)

// attempts is how often a start is tried when another process takes a port meanwhile.
const attempts = 5

// Bed is a control plane that runs.
type Bed struct {
	// Kubeconfig is a file with the contexts of Admin and Developer.
	Kubeconfig string
	// Server is the URL of the API server.
	Server string

	ctx       context.Context
	cancel    context.CancelCauseFunc
	options   Options
	dir       string
	config    *rest.Config
	children  *children
	beginning time.Time
}

// Start starts a control plane with all its files below a folder, and returns when it is ready.
// It ends with the context, or with the first of its processes that dies.
func Start(ctx context.Context, options Options, dir string) (*Bed, error) {
	if err := options.Complete(); err != nil {
		return nil, err
	}
	if err := checkSocket(filepath.Join(dir, "run")); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		bed, err := start(ctx, options, filepath.Join(dir, "run"))
		if err == nil {
			return bed, nil
		}
		err = errors.Join(err, bed.Stop())
		var dead *DeadChildError
		if attempt == attempts || !errors.As(err, &dead) || !dead.addressInUse() {
			return nil, err
		}
		fmt.Fprintf(options.Progress, "%s lost its port to another process, starting again\n", dead.Name)
	}
}

// Ended is closed when the control plane cannot be used any more; Cause says why.
func (b *Bed) Ended() <-chan struct{} { return b.ctx.Done() }

// Cause says why the control plane ended.
func (b *Bed) Cause() error { return context.Cause(b.ctx) }

// Stop ends every process and removes their files.
func (b *Bed) Stop() error {
	err := b.children.stop()
	b.cancel(errors.New("the test bed was stopped"))
	if removed := os.RemoveAll(b.dir); removed != nil {
		err = errors.Join(err, fmt.Errorf("cannot remove %s: %w", b.dir, removed))
	}
	return err
}

// start is one attempt. The bed that it returns is to be stopped, with an error too.
func start(parent context.Context, options Options, dir string) (*Bed, error) {
	ctx, cancel := context.WithCancelCause(parent)
	bed := &Bed{
		Kubeconfig: filepath.Join(dir, "kubeconfig"),
		ctx:        ctx,
		cancel:     cancel,
		options:    options,
		dir:        dir,
		children:   &children{died: cancel, logs: filepath.Join(dir, "logs")},
		beginning:  time.Now(),
	}
	err := bed.start()
	if err != nil && ctx.Err() != nil {
		// What was going on failed because of this.
		err = context.Cause(ctx)
	}
	return bed, err
}

func (b *Bed) start() error {
	if err := os.MkdirAll(b.children.logs, 0o700); err != nil {
		return fmt.Errorf("cannot make the folder of the logs: %w", err)
	}
	components, err := components(b.options)
	if err != nil {
		return err
	}
	ports := install.Ports{}
	for _, component := range components {
		ports.Set(component.namespace, component.deployment, component.port)
	}
	plan, err := install.NewPlan(ports)
	if err != nil {
		return err
	}
	c, err := b.startAPIServer(plan, components)
	if err != nil {
		return err
	}
	installer, err := install.New(b.config, plan)
	if err != nil {
		return err
	}
	if b.options.Knative != None {
		if err := installer.CRDs(b.ctx); err != nil {
			return err
		}
		b.progress("custom resource definitions are served")
	}
	// Not before the definitions: the garbage collector looks for new kinds only twice a minute.
	if b.options.Level == Controllers {
		if err := b.startControllerManager(c); err != nil {
			return err
		}
	}
	if len(components) == 0 {
		return nil
	}
	if err := installer.Rest(b.ctx); err != nil {
		return err
	}
	b.progress("Knative's roles, settings and webhook configurations are applied")
	return b.startKnative(plan, components, c, installer)
}

// startAPIServer starts etcd and the API server.
func (b *Bed) startAPIServer(plan *install.Plan, components []component) (*credentials, error) {
	c, err := makeCredentials(b.dir)
	if err != nil {
		return nil, err
	}
	c.add(Admin, "system:masters")
	c.add(Developer)
	c.add("system:kube-controller-manager")
	for _, component := range components {
		if _, err := b.account(plan, component, c); err != nil {
			return nil, err
		}
	}
	if err := c.writeTokens(); err != nil {
		return nil, err
	}
	port, err := b.options.Port()
	if err != nil {
		return nil, err
	}
	b.Server = fmt.Sprintf("https://127.0.0.1:%d", port)
	if err := c.writeKubeconfig(b.Kubeconfig, b.Server, Admin, Developer); err != nil {
		return nil, err
	}
	if b.config, err = clientcmd.BuildConfigFromFlags("", b.Kubeconfig); err != nil {
		return nil, fmt.Errorf("cannot read the kubeconfig just written: %w", err)
	}
	// No limits on our own requests.
	b.config.QPS = -1
	// Webhooks warn of the objects that we try them with.
	b.config.WarningHandler = rest.NoWarnings{}
	if err := b.children.start(Etcd, b.options.Program, etcdArgs(b.dir), nil); err != nil {
		return nil, err
	}
	args := apiServerArgs(b.options, c, b.dir, port)
	if err := b.children.start(APIServer, b.options.Program, args, nil); err != nil {
		return nil, err
	}
	if err := install.APIServerReady(b.ctx, b.config); err != nil {
		return nil, err
	}
	b.progress("etcd and the API server are ready")
	return c, nil
}

// startControllerManager starts the controller manager.
func (b *Bed) startControllerManager(c *credentials) error {
	kubeconfig := filepath.Join(b.dir, ControllerManager+".kubeconfig")
	if err := c.writeKubeconfig(kubeconfig, b.Server, "system:kube-controller-manager"); err != nil {
		return err
	}
	if err := b.children.start(ControllerManager, b.options.Program, controllerManagerArgs(c, kubeconfig), nil); err != nil {
		return err
	}
	if err := install.ControllerManagerReady(b.ctx, b.config); err != nil {
		return err
	}
	b.progress("the controller manager is ready")
	return nil
}

// account makes the service account of a component known, and returns its name.
func (b *Bed) account(plan *install.Plan, component component, c *credentials) (string, error) {
	name, err := plan.ServiceAccount(component.namespace, component.deployment)
	if err != nil {
		return "", err
	}
	var groups []string
	if b.options.Level == API {
		// Knative's roles are sums of others, and it is the controller manager that adds them up.
		groups = append(groups, "system:masters")
	}
	return c.serviceAccount(component.namespace, name, groups...), nil
}

// startKnative starts Knative's programs, and waits until they do their work.
func (b *Bed) startKnative(plan *install.Plan, components []component, c *credentials, installer *install.Installer) error {
	for _, component := range components {
		account, err := b.account(plan, component, c)
		if err != nil {
			return err
		}
		kubeconfig := filepath.Join(b.dir, component.program+".kubeconfig")
		if err := c.writeKubeconfig(kubeconfig, b.Server, account); err != nil {
			return err
		}
		environment, err := component.environment(plan)
		if err != nil {
			return err
		}
		program := filepath.Join(b.options.Programs, component.program)
		if err := b.children.start(component.program, program, []string{"--kubeconfig=" + kubeconfig}, environment); err != nil {
			return err
		}
	}
	if err := installer.WebhooksReady(b.ctx); err != nil {
		return err
	}
	b.progress("Knative's webhooks answer")
	if b.options.Knative != Full {
		return nil
	}
	if err := installer.ControllersReady(b.ctx); err != nil {
		return err
	}
	b.progress("Knative's controllers make pods")
	return nil
}

func (b *Bed) progress(what string) {
	fmt.Fprintf(b.options.Progress, "%5.1f s  %s\n", time.Since(b.beginning).Seconds(), what)
}
