package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/siderolabs/net"
	"github.com/siderolabs/talos/pkg/machinery/config"
)

const (
	leaseSeconds   = 40
	heartbeatEvery = 10 * time.Second
	// statusEvery is how often the whole status is reported when nothing changed.
	statusEvery = 5 * time.Minute
)

// errNotYet is no problem: nobody has bootstrapped the cluster so far.
var errNotYet = errors.New("Waiting for the cluster to be bootstrapped") //nolint:staticcheck // shown as a service's state

// kubelet is what a kubelet does towards the API server; the pods themselves are played by kwok.
type kubelet struct {
	m *machine

	mu      sync.Mutex
	waiting string
	// registered: this kubelet has registered its node in this boot. One that was deleted since comes back only with
	// the next boot, as with a real kubelet.
	registered bool
	reported   time.Time
	lastStatus string
	// gpusWrong is why the machine's GPUs are not usable, as it was said last.
	gpusWrong string
}

func (k *kubelet) waitingFor() string {
	k.mu.Lock()
	defer k.mu.Unlock()

	return k.waiting
}

func (k *kubelet) wait(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()

	k.waiting = fmt.Sprintf(format, args...)
}

// run joins the cluster and then keeps the node's status and lease fresh.
func (k *kubelet) run(ctx context.Context) {
	k.mu.Lock()
	k.registered, k.waiting, k.reported = false, "Waiting for the Kubernetes API", time.Time{}
	k.mu.Unlock()

	joined := false

	for ctx.Err() == nil {
		changed := k.m.changes()
		name, err := k.tick(ctx)

		pause := heartbeatEvery

		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errNotYet):
			k.wait("%s", err)

			pause = time.Second
		case err != nil:
			k.wait("%s", err)
			k.m.problem("kubelet", "%s", err)

			pause = time.Second
			if joined {
				pause = 3 * time.Second
			}
		default:
			k.wait("")
			k.m.resolved("kubelet")

			if !joined {
				joined = true

				k.m.log("kubelet: node %s has joined", name)
				k.m.events.emit("joined", kv{"nodeName": name})
			}
		}

		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(pause):
		}
	}
}

// tick is one round: certificate, registration, Talos's labels and taints, status, lease.
func (k *kubelet) tick(ctx context.Context) (string, error) {
	cfg := k.m.config()
	name := k.m.hostname(cfg)

	if cfg.Machine().Kubelet().SkipNodeRegistration() {
		return name, nil
	}

	ip, err := k.nodeIP(cfg)
	if err != nil {
		return name, err
	}

	if cfg.Machine().Type().IsControlPlane() && k.m.apiServer() == nil {
		return name, errNotYet
	}

	crt := k.storedCertificate(cfg, name)
	if crt == nil {
		if crt, err = k.requestCertificate(ctx, cfg, name); err != nil {
			return name, err
		}
	}

	return name, k.sync(ctx, cfg, crt, name, ip)
}

func (k *kubelet) sync(ctx context.Context, cfg config.Config, crt *tls.Certificate, name, ip string) error {
	client := k.m.kubeClient(cfg, crt, "")
	defer client.close()

	node, err := k.node(cfg, name, ip)
	if err != nil {
		return err
	}

	if err := k.register(ctx, client, node, name); err != nil {
		return err
	}

	if err := k.reportStatus(ctx, client, cfg, node, name); err != nil {
		return fmt.Errorf("kubelet: %w", err)
	}

	if err := k.renewLease(ctx, client, name); err != nil {
		return fmt.Errorf("kubelet: lease: %w", err)
	}

	return k.applyNode(ctx, client, cfg, name)
}

// nodeIP chooses among the machine's addresses as Talos does: kubelet.nodeIP.validSubnets, without pods and services.
func (k *kubelet) nodeIP(cfg config.Config) (string, error) {
	subnets := cfg.Machine().Kubelet().NodeIP().ValidSubnets()
	if len(subnets) == 0 {
		subnets = []string{"0.0.0.0/0", "::/0"}
	}

	for _, cidr := range slices.Concat(cfg.Cluster().Network().PodCIDRs(), cfg.Cluster().Network().ServiceCIDRs()) {
		subnets = append(subnets, "!"+cidr)
	}

	addresses := k.m.addresses(cfg)

	ip, err := filterAddresses(addresses, subnets)
	if err != nil {
		return "", err
	}

	if ip == "" {
		return "", fmt.Errorf("no suitable node IP found, please make sure .machine.kubelet.nodeIP filters and pod/service subnets are set up correctly (addresses %v, filters %v)", addresses, subnets)
	}

	return ip, nil
}

// filterAddresses returns the first IPv4 address that the subnets take, else the first IPv6 one, else "".
func filterAddresses(addresses, subnets []string) (string, error) {
	var ips []netip.Addr

	for _, a := range addresses {
		if ip, err := netip.ParseAddr(a); err == nil {
			ips = append(ips, ip)
		}
	}

	ips, err := net.FilterIPs(ips, subnets)
	if err != nil {
		return "", fmt.Errorf("error filtering IPs: %w", err)
	}

	for _, ip := range ips {
		if ip.Is4() {
			return ip.String(), nil
		}
	}

	if len(ips) > 0 {
		return ips[0].String(), nil
	}

	return "", nil
}

const leasePath = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"

func (k *kubelet) renewLease(ctx context.Context, client *kubeClient, name string) error {
	spec := object{
		"holderIdentity": name, "leaseDurationSeconds": leaseSeconds,
		"renewTime": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
	}

	err := client.do(ctx, "PATCH", leasePath+"/"+name, "application/merge-patch+json", object{"spec": spec}, nil)
	if !hasCode(err, 404) {
		return err
	}

	return client.create(ctx, leasePath, object{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
		"metadata": object{"name": name, "namespace": "kube-node-lease"}, "spec": spec,
	}, nil)
}
