package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// rebootSoon lets the answer to the call that asked for it get out first.
func (m *machine) rebootSoon() { m.powerSoon(powerReboot) }

func (m *machine) powerSoon(action powerAction) {
	time.AfterFunc(200*time.Millisecond, func() { m.requestPower(action) })
}

func (m *machine) actor() string { return digest(time.Now().String()) }

// Bootstrap makes this machine the first member of etcd. It is not idempotent, as in Talos.
func (m *machine) Bootstrap(_ context.Context, in *machineapi.BootstrapRequest) (*machineapi.BootstrapResponse, error) {
	m.mu.Lock()
	ready := m.stage == "running"
	m.mu.Unlock()

	switch {
	case !ready:
		return nil, status.Error(codes.FailedPrecondition, "bootstrap is not available yet")
	case !m.config().Machine().Type().IsControlPlane():
		return nil, status.Error(codes.FailedPrecondition, "bootstrap can only be performed on a control plane node")
	case m.disk.has(diskBootstrapped) || m.disk.has(diskEtcd):
		return nil, status.Error(codes.AlreadyExists, "etcd data directory is not empty")
	}

	if in.RecoverEtcd {
		if err := m.recoverEtcd(in.RecoverSkipHashCheck); err != nil {
			return nil, err
		}
	}

	if err := m.disk.write(diskBootstrapped, nil); err != nil {
		return nil, err
	}

	m.log("bootstrap request received")
	m.events.emit("bootstrap", kv{"address": m.opts.addr})
	m.notify()

	return &machineapi.BootstrapResponse{Messages: []*machineapi.Bootstrap{{}}}, nil
}

func (m *machine) Reboot(context.Context, *machineapi.RebootRequest) (*machineapi.RebootResponse, error) {
	m.events.emit("reboot", nil)
	m.rebootSoon()

	return &machineapi.RebootResponse{Messages: []*machineapi.Reboot{{ActorId: m.actor()}}}, nil
}

func (m *machine) Shutdown(context.Context, *machineapi.ShutdownRequest) (*machineapi.ShutdownResponse, error) {
	m.events.emit("shutdown", nil)
	m.powerSoon(powerOff)

	return &machineapi.ShutdownResponse{Messages: []*machineapi.Shutdown{{ActorId: m.actor()}}}, nil
}

// Reset wipes the disk, or the partitions that are named. Without --reboot the machine halts.
func (m *machine) Reset(_ context.Context, in *machineapi.ResetRequest) (*machineapi.ResetResponse, error) {
	if in.Mode == machineapi.ResetRequest_SYSTEM_DISK && in.UserDisksToWipe != nil {
		return nil, errors.New("reset failed: invalid input, wipe mode SYSTEM_DISK doesn't support UserDisksToWipe parameter")
	}

	m.events.emit("reset", kv{"graceful": in.Graceful, "reboot": in.Reboot})

	if in.Mode != machineapi.ResetRequest_USER_DISKS {
		m.discovery.withdraw(m.config(), m.opts.key)

		// What was wiped must not be joined again before the machine goes down.
		m.controlPlane.Lock()
		m.leaving = true
		err := m.wipe(in.SystemPartitionsToWipe)
		m.controlPlane.Unlock()

		if err != nil {
			return nil, err
		}
	}

	if in.Reboot {
		m.rebootSoon()
	} else {
		m.powerSoon(powerOff)
	}

	return &machineapi.ResetResponse{Messages: []*machineapi.Reset{{ActorId: m.actor()}}}, nil
}

// wipe empties the whole system disk, or what is on the partitions with these labels.
func (m *machine) wipe(partitions []*machineapi.ResetPartitionSpec) error {
	if len(partitions) == 0 {
		return m.disk.wipe()
	}

	for _, partition := range partitions {
		switch partition.Label {
		case constants.EphemeralPartitionLabel:
			if err := m.disk.wipeEphemeral(); err != nil {
				return err
			}
		case constants.StatePartitionLabel:
			if err := m.disk.wipeState(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("failed to reset: partition %q is not known", partition.Label)
		}
	}

	return nil
}

var installerTag = regexp.MustCompile(`:(v\d+\.\d+\.\d+[0-9A-Za-z.-]*)(@sha256:[0-9a-f]{64})?$`)

// Upgrade takes the version from the installer image's tag and boots it.
func (m *machine) Upgrade(_ context.Context, in *machineapi.UpgradeRequest) (*machineapi.UpgradeResponse, error) {
	tag := installerTag.FindStringSubmatch(in.Image)
	if tag == nil {
		return nil, status.Errorf(codes.InvalidArgument, "error validating installer image %q: the tag is not a Talos version such as :v1.12.1", in.Image)
	}

	if err := m.disk.write(diskVersion, []byte(tag[1])); err != nil {
		return nil, err
	}

	m.events.emit("upgrade", kv{"image": in.Image, "version": tag[1], "staged": in.Stage})

	if !in.Stage {
		m.rebootSoon()
	}

	return &machineapi.UpgradeResponse{Messages: []*machineapi.Upgrade{{Ack: "Upgrade request received", ActorId: m.actor()}}}, nil
}
