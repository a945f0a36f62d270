package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// check is one line of `talosctl health`.
type check struct {
	name string
	run  func(context.Context) error
}

// HealthCheck is the server side of `talosctl health`: one check after the other, each until it holds.
func (m *machine) HealthCheck(in *cluster.HealthCheckRequest, out grpc.ServerStreamingServer[cluster.HealthCheckProgress]) error {
	if err := m.checkControlPlane("health check"); err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(out.Context(), in.WaitTimeout.AsDuration())
	defer cancel()

	last := ""
	say := func(line string) error {
		if line == last {
			return nil
		}

		last = line

		return out.Send(&cluster.HealthCheckProgress{Message: line})
	}

	for _, c := range m.checks() {
		line := "waiting for " + c.name

		for {
			err := c.run(ctx)
			if err == nil {
				break
			}

			if ctx.Err() != nil {
				return status.Errorf(codes.DeadlineExceeded, "%s: %s", line, err)
			}

			if err := say(fmt.Sprintf("%s: %s", line, err)); err != nil {
				return err
			}

			sleep(ctx, time.Second)
		}

		if err := say(line + ": OK"); err != nil {
			return err
		}
	}

	return nil
}

func (m *machine) checks() []check {
	return []check{
		{"etcd to be healthy", func(context.Context) error { return m.checkEtcd("etcd") }},
		{"apid to be ready", m.membersAnswer},
		{"kubelet to be healthy", func(context.Context) error {
			if w := m.kubelet.waitingFor(); w != "" {
				return errors.New(w)
			}

			return nil
		}},
		{"all k8s nodes to report ready", m.nodesReady},
		{"coredns to report ready", m.coreDNSReady},
	}
}

func (m *machine) membersAnswer(ctx context.Context) error {
	for _, a := range m.discovery.members(m.config()) {
		conn, err := m.network.dial(ctx, fmt.Sprintf("%s:%d", a.Address, apidPort))
		if err != nil {
			return fmt.Errorf("%s: %w", a.Hostname, err)
		}

		_ = conn.Close()
	}

	return nil
}

type conditionList []struct{ Type, Status, Message string }

func (l conditionList) ready() error {
	for _, c := range l {
		if c.Type == "Ready" {
			if c.Status == "True" {
				return nil
			}

			return errors.New(c.Message)
		}
	}

	return errors.New("no Ready condition")
}

func (m *machine) nodesReady(ctx context.Context) error {
	client, err := m.kubelet.adminClient(m.config())
	if err != nil {
		return err
	}
	defer client.close()

	for _, a := range m.discovery.members(m.config()) {
		var node struct {
			Status struct{ Conditions conditionList }
		}
		if err := client.get(ctx, nodesPath+"/"+a.Hostname, &node); err != nil {
			return err
		}

		if err := node.Status.Conditions.ready(); err != nil {
			return fmt.Errorf("node %s: %w", a.Hostname, err)
		}
	}

	return nil
}

func (m *machine) coreDNSReady(ctx context.Context) error {
	if !m.config().Cluster().CoreDNS().Enabled() {
		return nil
	}

	client, err := m.kubelet.adminClient(m.config())
	if err != nil {
		return err
	}
	defer client.close()

	var pods struct {
		Items []struct {
			Metadata struct{ Name string }
			Status   struct{ Conditions conditionList }
		}
	}

	if err := client.get(ctx, "/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns", &pods); err != nil {
		return err
	}

	if len(pods.Items) == 0 {
		return errors.New("no pods found for namespace \"kube-system\" and label selector \"k8s-app=kube-dns\"")
	}

	for _, pod := range pods.Items {
		if err := pod.Status.Conditions.ready(); err != nil {
			return fmt.Errorf("pod %s: %w", pod.Metadata.Name, err)
		}
	}

	return nil
}
