package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

const etcdPort = 2379

// diskRecovery is an uploaded snapshot, until a bootstrap uses it.
const diskRecovery = "etcd-recovery.snapshot"

// recoveryFile says, beside the control plane's keys, how etcd's data is to be made from the snapshot beside it.
const recoveryFile = "recovery.json"

// EtcdSnapshot passes on a snapshot of the etcd that stands for all members.
func (m *machine) EtcdSnapshot(_ *machineapi.EtcdSnapshotRequest, out grpc.ServerStreamingServer[common.Data]) error {
	if err := m.checkEtcd("etcd snapshot"); err != nil {
		return err
	}

	conn, err := m.dialEtcd()
	if err != nil {
		return fmt.Errorf("failed to create etcd client: %w", err)
	}
	defer conn.Close() //nolint:errcheck

	snapshot, err := etcdserverpb.NewMaintenanceClient(conn).Snapshot(out.Context(), &etcdserverpb.SnapshotRequest{})
	if err != nil {
		return fmt.Errorf("failed reading etcd snapshot: %w", err)
	}

	for {
		part, err := snapshot.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return fmt.Errorf("failed reading etcd snapshot: %w", err)
		}

		if err := out.Send(&common.Data{Bytes: part.Blob}); err != nil {
			return err
		}
	}
}

func (m *machine) dialEtcd() (*grpc.ClientConn, error) {
	running := m.apiServer()
	if running == nil {
		return nil, status.Error(codes.Unavailable, "etcd is not running")
	}

	file := func(name string) string { return m.disk.path(filepath.Join(diskControlPlane, name)) }

	pair, err := tls.LoadX509KeyPair(file("etcd-client.crt"), file("etcd-client.key"))
	if err != nil {
		return nil, err
	}

	ca, err := os.ReadFile(file("etcd-ca.crt"))
	if err != nil {
		return nil, err
	}

	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, RootCAs: pool(ca)}

	return grpc.NewClient(fmt.Sprintf("%s:%d", running.Address, etcdPort), grpc.WithTransportCredentials(credentials.NewTLS(config)))
}

// EtcdRecover keeps the uploaded snapshot for the bootstrap that follows.
func (m *machine) EtcdRecover(in grpc.ClientStreamingServer[common.Data, machineapi.EtcdRecoverResponse]) error {
	if err := m.checkControlPlane("etcd recover"); err != nil {
		return err
	}

	snapshot, err := os.OpenFile(m.disk.path(diskRecovery), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("error creating etcd recovery snapshot: %w", err)
	}

	if err := errors.Join(receive(in, snapshot), snapshot.Close()); err != nil {
		return errors.Join(err, m.disk.remove(diskRecovery))
	}

	return in.SendAndClose(&machineapi.EtcdRecoverResponse{Messages: []*machineapi.EtcdRecover{{}}})
}

func receive(in grpc.ClientStreamingServer[common.Data, machineapi.EtcdRecoverResponse], out io.Writer) error {
	for {
		part, err := in.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}

		if _, err := out.Write(part.Bytes); err != nil {
			return fmt.Errorf("error writing snapshot: %w", err)
		}
	}
}

// recoverEtcd hands the snapshot to whoever starts etcd.
func (m *machine) recoverEtcd(skipHashCheck bool) error {
	if !m.disk.has(diskRecovery) {
		return status.Error(codes.FailedPrecondition, "etcd cannot be recovered: no snapshot was uploaded")
	}

	how, err := json.Marshal(kv{"skipHashCheck": skipHashCheck})
	if err != nil {
		return err
	}

	if err := m.disk.write(filepath.Join(diskControlPlane, recoveryFile), how); err != nil {
		return err
	}

	return os.Rename(m.disk.path(diskRecovery), m.disk.path(filepath.Join(diskControlPlane, diskRecovery)))
}
