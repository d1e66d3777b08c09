package bed

import (
	"fmt"
	"path/filepath"
)

// Sub-commands of the program, which run as processes of their own: each of these libraries has
// global flags and feature gates.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
)

// socket returns the URL of etcd's socket. In a folder of one user it is as private as the folder;
// a port would be open to everybody on the machine.
func socket(dir string) string { return "unix://" + filepath.Join(dir, "etcd.sock") }

// checkSocket says when the folder is too deep for a socket: Linux takes 107 bytes.
func checkSocket(dir string) error {
	const most = 107
	if longest := filepath.Join(dir, "etcd.sock.peer"); len(longest) > most {
		return fmt.Errorf("the path of a socket would be %d bytes long, more than %d: %s; set TMPDIR to a shorter one", len(longest), most, longest)
	}
	return nil
}

func etcdArgs(dir string) []string {
	return []string{Etcd, "--data-dir=" + filepath.Join(dir, "etcd"), "--listen=" + socket(dir)}
}

func apiServerArgs(options Options, c *credentials, dir string, port int) []string {
	args := []string{
		APIServer,
		"--etcd-servers=" + socket(dir),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=" + dir,
		"--tls-cert-file=" + c.path("server.crt"),
		"--tls-private-key-file=" + c.path("server.key"),
		"--authorization-mode=RBAC",
		"--token-auth-file=" + c.path("tokens.csv"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.path("accounts.key"),
		"--service-account-signing-key-file=" + c.path("accounts.key"),
		"--service-cluster-ip-range=10.0.0.0/16",
		"--endpoint-reconciler-type=none",
		// As real clusters do. Without it the server refuses privileged pods by itself, and hides
		// who else would.
		"--allow-privileged=true",
		// No queues: tests send many requests at once.
		"--enable-priority-and-fairness=false",
		"--max-requests-inflight=0",
		"--max-mutating-requests-inflight=0",
		"--profiling=false",
	}
	if options.Level == API {
		// Nobody makes the default accounts, and pods would wait for them.
		args = append(args, "--disable-admission-plugins=ServiceAccount")
	}
	if options.AuditPolicy != "" {
		args = append(args, "--audit-policy-file="+options.AuditPolicy, "--audit-log-path="+filepath.Join(dir, "audit.log"))
	}
	if options.AdmissionConfig != "" {
		args = append(args, "--admission-control-config-file="+options.AdmissionConfig)
	}
	return args
}

func controllerManagerArgs(c *credentials, kubeconfig string) []string {
	return []string{
		ControllerManager,
		"--kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--root-ca-file=" + c.path("ca.crt"),
		"--service-account-private-key-file=" + c.path("accounts.key"),
		// As kubeadm does: Pods are made by the account of the ReplicaSet controller, which is what
		// policies see.
		"--use-service-account-credentials=true",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		// There are no nodes.
		"--controllers=*,-node-ipam-controller,-node-lifecycle-controller",
	}
}
