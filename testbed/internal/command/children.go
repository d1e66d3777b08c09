package command

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // time zones of CronJobs

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"

	"knight.dev/testbed/internal/bed"
)

// etcd is the sub-command that is etcd.
func etcd() *cobra.Command {
	var data, listen string
	command := &cobra.Command{
		Use:    bed.Etcd,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return runEtcd(data, listen) },
	}
	command.Flags().StringVar(&data, "data-dir", "", "where the data is kept")
	command.Flags().StringVar(&listen, "listen", "", "the URL for clients")
	return command
}

func runEtcd(data, listen string) error {
	client, err := url.Parse(listen)
	if err != nil {
		return fmt.Errorf("not a URL: %w", err)
	}
	peer := *client
	peer.Path += ".peer"
	// Nobody looks up where the only member says it is, but it must look like an address.
	advertised := url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	// Segments are allocated ahead, 64 MB each, and a temporary folder is often memory.
	wal.SegmentSizeBytes = 4 << 20
	config := embed.NewConfig()
	config.Dir = data
	config.LogLevel = "warn"
	// Unset, it warns of every request.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*client}, []url.URL{advertised}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peer}, []url.URL{advertised}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	// The data lives as long as this process.
	config.UnsafeNoFsync = true
	server, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("cannot start etcd: %w", err)
	}
	defer server.Close()
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(time.Minute):
		return fmt.Errorf("etcd did not become ready within a minute")
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	select {
	case <-signals:
		return nil
	case err := <-server.Err():
		return fmt.Errorf("etcd ended: %w", err)
	}
}

// apiServer is the sub-command that is the API server.
func apiServer() *cobra.Command {
	return upstream(bed.APIServer, apiserver.NewAPIServerCommand)
}

// controllerManager is the sub-command that is the controller manager.
func controllerManager() *cobra.Command {
	return upstream(bed.ControllerManager, manager.NewControllerManagerCommand)
}

// upstreamFlags are flags that Kubernetes declares for whoever imports it, and looks up later.
var upstreamFlags = pflag.CommandLine

// upstream is a sub-command that hands all its arguments to a program of Kubernetes.
func upstream(name string, program func() *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:                name,
		Hidden:             true,
		DisableFlagParsing: true,
		Run: func(_ *cobra.Command, args []string) {
			pflag.CommandLine = upstreamFlags
			command := program()
			command.SetArgs(args)
			os.Exit(cli.Run(command))
		},
	}
}
