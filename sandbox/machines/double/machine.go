package main

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
)

// machine is one simulated machine. It implements Talos's MachineService and ClusterService.
type machine struct {
	machineapi.UnimplementedMachineServiceServer
	cluster.UnimplementedClusterServiceServer

	opts      options
	disk      disk
	events    *events
	console   *console
	network   *network
	discovery discovery
	resources state.State
	kubelet   *kubelet
	booted    time.Time

	// controlPlane is held while etcd is joined or left; leaving is true from a reset to the boot that follows it.
	controlPlane sync.Mutex
	leaving      bool

	mu             sync.Mutex
	cfg            config.Provider
	stage          string
	problems       map[string]string
	platformName   string
	privateAddress string
	// announced is the control plane material that the host was told of in this boot.
	announced    string
	certificates *apidCertificates
	rollback     *time.Timer
	// power carries what ends the current boot: a reboot, a shutdown, a reset.
	powerActions chan powerAction
	// changed wakes whoever follows the config and the addresses.
	changed chan struct{}
}

type powerAction int

const (
	powerOff powerAction = iota
	powerReboot
)

func newMachine(o options) (*machine, error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, err
	}

	m := &machine{
		opts:           o,
		disk:           disk{o.dir},
		console:        &console{},
		discovery:      discovery{o.discovery},
		platformName:   o.name,
		privateAddress: o.privateAddress,
		powerActions:   make(chan powerAction, 1),
		changed:        make(chan struct{}),
		problems:       map[string]string{},
	}
	m.events = &events{out: os.Stdout, name: func() string { return o.key }}
	m.network = &network{netmap: o.netmap, member: m.memberAddress}
	m.kubelet = &kubelet{m: m}

	return m, m.resetResources()
}

// power runs the machine until it is switched off: one turn of the loop is one boot.
func (m *machine) power(ctx context.Context) {
	for ctx.Err() == nil {
		bootCtx, cancel := context.WithCancel(ctx)
		done := make(chan struct{})

		go func() {
			defer close(done)
			m.boot(bootCtx)
		}()

		var action powerAction
		select {
		case <-ctx.Done():
		case action = <-m.powerActions:
		}

		cancel()
		<-done

		if ctx.Err() == nil && action == powerOff {
			m.setStage("off")

			return
		}
	}
}

func (m *machine) requestPower(action powerAction) {
	select {
	case m.powerActions <- action:
	default: // one is under way
	}
}

func (m *machine) setStage(stage string) {
	m.mu.Lock()
	m.stage = stage
	m.mu.Unlock()

	m.log("machine is %s", stage)
	m.events.emit("stage", kv{"stage": stage})
}

// fail is the end of this boot: the machine stays on, but nothing in it answers.
func (m *machine) fail(err error) {
	m.mu.Lock()
	m.stage = "failed"
	m.mu.Unlock()

	m.log("boot failed: %s", err)
	m.events.emit("stage", kv{"stage": "failed", "message": err.Error()})
}

func (m *machine) config() config.Provider {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.cfg
}

// notify wakes everyone who waits on changes().
func (m *machine) notify() {
	m.mu.Lock()
	defer m.mu.Unlock()

	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *machine) changes() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.changed
}

// platformChanged is a change of what the platform gives the machine while it runs, e.g. a network attached late.
func (m *machine) platformChanged(c command) {
	m.mu.Lock()
	if c.PrivateAddress != nil {
		m.privateAddress = *c.PrivateAddress
	}

	if c.Name != nil {
		m.platformName = *c.Name
	}
	m.mu.Unlock()

	m.notify()
}

// hostname is the config's, else the platform's.
func (m *machine) hostname(cfg config.Config) string {
	if cfg != nil {
		if h := cfg.NetworkHostnameConfig(); h != nil && h.Hostname() != "" {
			return h.Hostname()
		}
	}

	m.mu.Lock()
	defer m.mu.Unlock()

	if m.opts.platform == "metal" {
		return "talos-" + digest(m.opts.key)[:6] // Talos's stable automatic hostname
	}

	return m.platformName
}

// addresses are the machine's own: in the cloud network, the public one, and those that the config sets on its links.
func (m *machine) addresses(cfg config.Config) []string {
	m.mu.Lock()
	private := m.privateAddress
	m.mu.Unlock()

	var out []string
	if private != "" {
		out = append(out, private)
	}

	if cfg != nil {
		for _, link := range cfg.NetworkCommonLinkConfigs() {
			for _, a := range link.Addresses() {
				out = append(out, a.Address().Addr().String())
			}
		}
	}

	if !slices.Contains(out, m.opts.addr) {
		out = append(out, m.opts.addr)
	}

	return out
}

func (m *machine) isLocal(host string) bool {
	cfg := m.config()
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
		return slices.Contains(m.addresses(cfg), ip.String())
	}

	return slices.Contains(m.addresses(cfg), host) || host == m.hostname(cfg) || host == "localhost" || host == "127.0.0.1"
}

// memberAddress resolves the host name or an address of another machine of the cluster.
func (m *machine) memberAddress(name string) (string, bool) {
	cfg := m.config()
	if cfg == nil {
		return "", false
	}

	for _, host := range cfg.NetworkStaticHostConfig() {
		if slices.Contains(host.Aliases(), name) && host.IP() != name {
			to, err := m.network.resolve(host.IP())

			return to, err == nil
		}
	}

	for _, a := range m.discovery.members(cfg) {
		if a.Hostname == name || slices.Contains(a.Addresses, name) {
			return a.Address, true
		}
	}

	return "", false
}

func (m *machine) publish(cfg config.Config) {
	err := m.discovery.publish(cfg, affiliate{
		Key:             m.opts.key,
		Hostname:        m.hostname(cfg),
		Type:            cfg.Machine().Type().String(),
		Address:         m.opts.addr,
		Addresses:       m.addresses(cfg),
		OperatingSystem: "Talos (" + m.version() + ")",
		EtcdMember:      m.disk.has(diskEtcd) || m.disk.has(diskBootstrapped),
	})
	if err != nil {
		m.problem("discovery", "discovery: %s", err)
	}
}

// version is the Talos version on the disk: an upgrade changes it.
func (m *machine) version() string {
	if b, err := m.disk.read(diskVersion); err == nil && len(b) > 0 {
		return string(b)
	}

	return m.opts.version
}
