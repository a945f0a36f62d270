package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// boot is one boot of the machine, from the search for a config until ctx ends.
func (m *machine) boot(ctx context.Context) {
	m.mu.Lock()
	m.cfg, m.problems, m.certificates, m.announced = nil, map[string]string{}, nil, ""
	m.booted = time.Now()
	m.mu.Unlock()

	m.controlPlane.Lock()
	m.leaving = false
	m.controlPlane.Unlock()

	m.setStage("booting")

	if err := m.resetResources(); err != nil {
		m.fail(err)

		return
	}

	raw, err := m.findConfig()
	if err != nil {
		m.fail(err)

		return
	}

	if raw == nil {
		if raw, err = m.maintain(ctx); err != nil || raw == nil {
			if err != nil {
				m.fail(err)
			}

			return
		}

		m.setStage("booting")
	}

	cfg, warnings, err := m.load(raw)
	if err != nil {
		m.fail(err)

		return
	}

	if err := m.disk.write(diskConfig, raw); err != nil {
		m.fail(err)

		return
	}

	m.events.emit("configured", kv{"type": cfg.Machine().Type().String(), "cluster": cfg.Cluster().Name(), "warnings": warnings})

	if err := m.run(ctx, cfg); err != nil && ctx.Err() == nil {
		m.fail(err)
	}
}

// findConfig reads the config on the disk, else the user data of a cloud machine that was never reset.
func (m *machine) findConfig() ([]byte, error) {
	raw, err := m.disk.read(diskConfig)
	if err != nil || len(raw) > 0 {
		return raw, err
	}

	if m.opts.userdata == "" || m.opts.platform == "metal" || m.disk.has(diskReset) {
		return nil, nil
	}

	data, err := os.ReadFile(m.opts.userdata)
	if err != nil {
		return nil, err
	}

	raw, err = decodeUserData(data)
	if err != nil {
		return nil, err
	}

	if len(raw) == 0 {
		return nil, nil
	}

	return raw, nil
}

// run starts what a configured machine runs, and keeps it running until ctx ends.
func (m *machine) run(ctx context.Context, cfg config.Provider) error {
	m.mu.Lock()
	m.cfg = cfg
	m.mu.Unlock()

	if err := m.updateResources(ctx); err != nil {
		return err
	}

	m.publish(cfg)

	if !m.obtainCertificates(ctx) {
		return nil
	}

	servers, err := m.serve(ctx)
	if err != nil {
		return err
	}

	m.setStage("running")

	go m.followChanges(ctx)
	go m.kubelet.run(ctx)

	if cfg.Machine().Type().IsControlPlane() {
		go m.runControlPlane(ctx)
	}

	return servers.wait(ctx)
}

// obtainCertificates waits for apid's certificate: a worker has none before a control plane's trustd answers.
func (m *machine) obtainCertificates(ctx context.Context) bool {
	for ctx.Err() == nil {
		certificates, err := m.issueAPI(ctx, m.config())
		if err == nil {
			m.mu.Lock()
			m.certificates = certificates
			m.mu.Unlock()
			m.resolved("apid")

			return true
		}

		m.problem("apid", "apid: %s", err)
		sleep(ctx, time.Second)
	}

	return false
}

// membersEvery is how often the machine looks for other members of its cluster.
const membersEvery = 3 * time.Second

// followChanges renews everything that is derived from the config, the addresses and the cluster's members.
func (m *machine) followChanges(ctx context.Context) {
	renew := time.NewTicker(certificateLifetime / 2)
	defer renew.Stop()

	members := time.NewTicker(membersEvery)
	defer members.Stop()

	changed := m.changes()

	for {
		select {
		case <-ctx.Done():
			return
		case <-members.C:
			if err := m.updateMembers(ctx); err != nil {
				m.problem("resources", "resources: %s", err)
			}

			continue
		case <-changed:
		case <-renew.C:
		}

		changed = m.changes() // before the work: what changes during it is another change

		m.publish(m.config())

		if err := m.updateResources(ctx); err != nil {
			m.problem("resources", "resources: %s", err)
		}

		m.obtainCertificates(ctx)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (m *machine) uptime() string { return fmt.Sprintf("%.0f s", time.Since(m.booted).Seconds()) }
