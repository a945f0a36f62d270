// Command machine-double stands for one machine that boots Talos Linux. It validates the machine config with Talos's own
// code, serves the Talos API with the PKI in that config (apid :50000, trustd :50001), so that the real talosctl drives
// it, and joins Kubernetes the way a kubelet does. It runs no container and touches nothing outside its directory.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// options is what the machine host knows of the machine; everything else is in the machine config.
type options struct {
	key, addr, name, platform, version, dir string
	userdata                                string
	privateAddress                          string
	netmap, discovery, apiserver            string
	location, serverType, architecture      string
	cores, memoryGiB, diskGiB               float64
	gpuVendor                               string
	gpuCount                                int
	gpuModel, gpuDriver                     string
	gpuMemoryMiB                            int
	gpuOpenModulesOnly                      bool
	waitForCNI                              bool
	// schematic and extensions are what the image factory put into the image on the disk.
	schematic  string
	extensions []string
}

func parseOptions(args []string) (options, error) {
	var o options

	fs := flag.NewFlagSet("machine-double", flag.ContinueOnError)
	fs.StringVar(&o.key, "key", "", "stable key of the machine (default: its name)")
	fs.StringVar(&o.addr, "addr", "127.0.1.1", "loopback address that stands for the public IPv4")
	fs.StringVar(&o.name, "name", "node", "hostname that the platform's metadata gives")
	fs.StringVar(&o.platform, "platform", "hcloud", "Talos platform of the disk image: hcloud or metal")
	fs.StringVar(&o.version, "version", "v1.12.1", "Talos version on the disk")
	fs.StringVar(&o.dir, "dir", "", "directory that stands for the machine's disk (required)")
	fs.StringVar(&o.userdata, "userdata", "", "user data file (empty: maintenance mode)")
	fs.StringVar(&o.privateAddress, "private-address", "", "address in the cloud network, once attached")
	fs.StringVar(&o.netmap, "netmap", "", "JSON file: address or host name -> loopback address; read again at each use")
	fs.StringVar(&o.discovery, "discovery", "", "directory that stands for the discovery service")
	fs.StringVar(&o.apiserver, "apiserver", "", "file with the loopback address at which kube-apiserver runs")
	fs.StringVar(&o.location, "location", "", "location of the machine")
	fs.StringVar(&o.serverType, "server-type", "", "server type")
	fs.StringVar(&o.architecture, "architecture", "x86", "x86 or arm")
	fs.StringVar(&o.schematic, "schematic", "", "image factory schematic of the disk image")
	fs.Func("extensions", "system extensions in the disk image, separated by commas", func(s string) error {
		o.extensions = strings.FieldsFunc(s, func(r rune) bool { return r == ',' })

		return nil
	})
	fs.Float64Var(&o.cores, "cores", 2, "CPU cores")
	fs.Float64Var(&o.memoryGiB, "memory-gib", 4, "memory, in GiB as the server type says")
	fs.Float64Var(&o.diskGiB, "disk-gib", 40, "disk, in GB as the server type says")
	fs.StringVar(&o.gpuVendor, "gpu-vendor", "", "nvidia, amd or intel")
	fs.IntVar(&o.gpuCount, "gpu-count", 0, "number of GPUs")
	fs.StringVar(&o.gpuModel, "gpu-model", "", "model of the GPUs")
	fs.IntVar(&o.gpuMemoryMiB, "gpu-memory-mib", 0, "memory of each GPU that programs can have, in MiB")
	fs.StringVar(&o.gpuDriver, "gpu-driver", "", "nvidia, amdgpu, i915 or xe; the vendor's usual one by default")
	fs.BoolVar(&o.gpuOpenModulesOnly, "gpu-open-modules-only", false, "the GPUs do nothing with NVIDIA's closed kernel modules")
	fs.BoolVar(&o.waitForCNI, "wait-for-cni", false, "report NotReady until a CNI's pod runs on the node")

	if err := fs.Parse(args); err != nil {
		return o, err
	}

	if o.dir == "" {
		return o, fmt.Errorf("-dir is required: the directory that stands for the machine's disk")
	}

	if o.key == "" {
		o.key = o.name
	}

	return o, nil
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		fmt.Fprintln(os.Stderr, supervise(os.Args[2:]))
		os.Exit(1)
	}

	o, err := parseOptions(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}

	dieWithParent()

	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()

	m, err := newMachine(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	go func() {
		readCommands(os.Stdin, m)
		cancel() // the host is gone
	}()

	m.power(ctx)
}

// command is one JSON line on standard input: what changed around the machine while it runs.
type command struct {
	PrivateAddress *string `json:"privateAddress"`
	Name           *string `json:"name"`
}

// readCommands returns when standard input closes: then the host is gone and the machine must go too.
func readCommands(r io.Reader, m *machine) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			m.log("ignored command %q: %s", lines.Text(), err)

			continue
		}

		m.platformChanged(c)
	}
}
