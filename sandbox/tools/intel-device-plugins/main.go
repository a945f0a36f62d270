// What Intel's device plugins operator does for GPUs, by its own packages: its webhook listens at an address of loopback.
package main

import (
	"flag"
	"fmt"
	"os"

	devicepluginv1 "github.com/intel/intel-device-plugins-for-kubernetes/pkg/apis/deviceplugin/v1"
	"github.com/intel/intel-device-plugins-for-kubernetes/pkg/controllers"
	"github.com/intel/intel-device-plugins-for-kubernetes/pkg/controllers/gpu"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2/textlogger"
	ctrl "sigs.k8s.io/controller-runtime"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func run() error {
	namespace := flag.String("namespace", "", "namespace of the DaemonSets")
	host := flag.String("webhook-host", "127.0.0.1", "address of the webhook")
	port := flag.Int("webhook-port", 9443, "port of the webhook")
	certificates := flag.String("certificates", "", "folder with tls.crt and tls.key")

	flag.Parse()
	ctrl.SetLogger(textlogger.NewLogger(textlogger.NewConfig()))

	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return err
	}

	if err := devicepluginv1.AddToScheme(scheme); err != nil {
		return err
	}

	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:        scheme,
		Metrics:       metricsserver.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{Host: *host, Port: *port, CertDir: *certificates}),
	})
	if err != nil {
		return err
	}

	options := controllers.ControllerOptions{Namespace: *namespace, WithWebhook: true}
	if err := gpu.SetupReconciler(manager, options); err != nil {
		return err
	}

	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
