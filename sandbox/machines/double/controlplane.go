package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// apiServerFile is what the host writes when it has started the cluster's control plane: where kube-apiserver listens,
// and whose etcd it is.
type apiServerFile struct {
	Address string `json:"address"`
	EtcdCA  string `json:"etcdCA"`
}

func (m *machine) apiServer() *apiServerFile {
	if m.opts.apiserver == "" {
		return nil
	}

	b, err := os.ReadFile(m.opts.apiserver)
	if err != nil {
		return nil
	}

	var f apiServerFile
	if json.Unmarshal(b, &f) != nil || f.Address == "" {
		return nil
	}

	return &f
}

// runControlPlane renders what the static pods of a control plane are started with, once etcd is there, and again when
// the config changes. Where kube-apiserver runs at another control plane, :6443 is forwarded to it.
func (m *machine) runControlPlane(ctx context.Context) {
	f := &forwarder{m: m}
	defer f.close()

	for ctx.Err() == nil {
		changed := m.changes()

		if err := m.reconcileControlPlane(); err != nil {
			m.problem("control-plane", "%s", err)
		} else {
			m.resolved("control-plane")
		}

		f.follow(m.apiServer())

		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(time.Second):
		}
	}
}

func (m *machine) reconcileControlPlane() error {
	m.controlPlane.Lock()
	defer m.controlPlane.Unlock()

	if m.leaving {
		return nil
	}

	if err := m.joinEtcd(); err != nil {
		return err
	}

	if !m.disk.has(diskBootstrapped) && !m.disk.has(diskEtcd) {
		return nil
	}

	return m.renderControlPlane()
}

// joinEtcd makes this machine a member of an etcd that another one has bootstrapped.
func (m *machine) joinEtcd() error {
	running := m.apiServer()
	if m.disk.has(diskBootstrapped) || running == nil {
		return nil
	}

	cfg := m.config()
	if running.EtcdCA != digest(string(cfg.Cluster().Etcd().CA().Crt)) {
		return errors.New("etcd: cannot join the cluster: tls: failed to verify certificate: x509: certificate signed by unknown authority (cluster.etcd.ca is not the running cluster's)")
	}

	if m.disk.has(diskEtcd) {
		return nil
	}

	if _, err := m.etcdAddress(cfg); err != nil {
		return err
	}

	if err := m.disk.write(diskEtcd, nil); err != nil {
		return err
	}

	m.publish(cfg)
	m.events.emit("etcd-joined", nil)

	return nil
}

// etcdAddress is the address that etcd advertises; without one in the wanted subnets etcd waits, as in Talos.
func (m *machine) etcdAddress(cfg config.Config) (string, error) {
	subnets := cfg.Cluster().Etcd().AdvertisedSubnets()
	if len(subnets) == 0 {
		subnets = []string{"0.0.0.0/0"}
	}

	ip, err := filterAddresses(m.addresses(cfg), subnets)
	if err != nil {
		return "", err
	}

	if ip == "" {
		return "", fmt.Errorf("etcd: none of the machine's addresses %v is in cluster.etcd.advertisedSubnets %v", m.addresses(cfg), subnets)
	}

	return ip, nil
}

// forwarder stands for the kube-apiserver of a control plane at which the sandbox does not run one.
type forwarder struct {
	m *machine

	mu       sync.Mutex
	target   string
	listener net.Listener
}

func (f *forwarder) follow(running *apiServerFile) {
	target := ""
	if running != nil && running.Address != f.m.opts.addr {
		target = running.Address
	}

	f.mu.Lock()
	defer f.mu.Unlock()

	f.target = target

	switch {
	case target == "" && f.listener != nil:
		_ = f.listener.Close()
		f.listener = nil
	case target != "" && f.listener == nil:
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", f.m.opts.addr, kubePort))
		if err != nil {
			f.m.problem("kube-apiserver", "kube-apiserver: %s", err)

			return
		}

		f.listener = l
		f.m.resolved("kube-apiserver")

		go f.accept(l)
	}
}

func (f *forwarder) close() { f.follow(nil) }

func (f *forwarder) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}

		f.mu.Lock()
		target := f.target
		f.mu.Unlock()

		go pipe(conn, target)
	}
}

func pipe(conn net.Conn, target string) {
	defer conn.Close() //nolint:errcheck

	to, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", target, kubePort), 3*time.Second)
	if err != nil {
		return
	}
	defer to.Close() //nolint:errcheck

	done := make(chan struct{}, 2)
	copyOne := func(dst, src net.Conn) {
		_, _ = io.Copy(dst, src)

		done <- struct{}{}
	}

	go copyOne(to, conn)
	go copyOne(conn, to)

	<-done
}
