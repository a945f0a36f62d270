package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	cosi "github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/impl/inmem"
	"github.com/cosi-project/runtime/pkg/state/impl/namespaced"
	"github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"github.com/cosi-project/runtime/pkg/state/registry"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// resetResources makes the state that `talosctl get` reads, with the resources that tools ask for.
func (m *machine) resetResources() error {
	ctx := context.Background()
	st := state.WrapCore(namespaced.NewState(inmem.Build))
	namespaces, resources := registry.NewNamespaceRegistry(st), registry.NewResourceRegistry(st)

	if err := errors.Join(namespaces.RegisterDefault(ctx), resources.RegisterDefault(ctx)); err != nil {
		return err
	}

	// block.NamespaceName is runtime's.
	for _, namespace := range []string{configres.NamespaceName, cluster.NamespaceName, runtime.NamespaceName} {
		if err := namespaces.Register(ctx, namespace, namespace); err != nil {
			return err
		}
	}

	for _, r := range []meta.ResourceWithRD{
		&configres.MachineConfig{}, &configres.MachineType{}, &cluster.Member{}, &runtime.MachineStatus{},
		&block.Disk{}, &block.SystemDisk{},
	} {
		if err := resources.Register(ctx, r); err != nil {
			return err
		}
	}

	m.resources = st

	return m.createDisks(ctx)
}

// createDisks shows the disks that install.diskSelector chooses from: one virtual disk in the cloud, two NVMe disks of
// the same size in a dedicated machine.
func (m *machine) createDisks(ctx context.Context) error {
	names, model, transport := []string{"sda"}, "QEMU HARDDISK", "virtio"
	if m.opts.platform == "metal" {
		names, model, transport = []string{"nvme0n1", "nvme1n1"}, "SAMSUNG MZVL2512HCJQ-00B00", "nvme"
	}

	for _, name := range names {
		disk := block.NewDisk(block.NamespaceName, name)
		spec := disk.TypedSpec()
		spec.DevPath, spec.Model, spec.Transport, spec.SubSystem = "/dev/"+name, model, transport, "/sys/class/block"
		spec.Serial = digest(m.opts.key + name)
		spec.WWID, spec.SectorSize, spec.IOSize = "eui."+spec.Serial, 512, 512
		spec.SetSize(uint64(m.opts.diskGiB * 1.024e9))

		if err := m.resources.Create(ctx, disk); err != nil {
			return err
		}
	}

	system := block.NewSystemDisk(block.NamespaceName, block.SystemDiskID)
	system.TypedSpec().DiskID, system.TypedSpec().DevPath = names[0], "/dev/"+names[0]

	return m.resources.Create(ctx, system)
}

// resourceServer is the state behind Talos's access policy: read only, sensitive resources for administrators.
func (m *machine) resourceServer() cosi.StateServer {
	st := m.resources

	return server.NewState(state.WrapCore(state.Filter(st, func(ctx context.Context, access state.Access) error {
		if !access.Verb.Readonly() {
			return status.Error(codes.PermissionDenied, "write access is not allowed")
		}

		rd, err := safe.StateGet[*meta.ResourceDefinition](ctx, st,
			resource.NewMetadata(meta.NamespaceName, meta.ResourceDefinitionType, strings.ToLower(access.ResourceType), resource.VersionUndefined))
		if err != nil {
			return status.Error(codes.PermissionDenied, fmt.Sprintf("resource type %q is not supported", access.ResourceType))
		}

		if rd.TypedSpec().Sensitivity == meta.Sensitive && !rolesOf(ctx).Includes(role.Admin) {
			return errNotAuthorized
		}

		return nil
	})))
}

// updateResources follows the config and the cluster's members.
func (m *machine) updateResources(ctx context.Context) error {
	cfg := m.config()

	if err := replace(ctx, m.resources, configres.NewMachineConfig(cfg)); err != nil {
		return err
	}

	kind := configres.NewMachineType()
	kind.SetMachineType(cfg.Machine().Type())

	booted := runtime.NewMachineStatus()
	booted.TypedSpec().Stage = runtime.MachineStageRunning
	booted.TypedSpec().Status.Ready = true

	return errors.Join(replace(ctx, m.resources, kind), replace(ctx, m.resources, booted), m.updateMembers(ctx))
}

func (m *machine) updateMembers(ctx context.Context) error {
	known, err := safe.StateListAll[*cluster.Member](ctx, m.resources)
	if err != nil {
		return err
	}

	gone := map[string]bool{}
	for member := range known.All() {
		gone[member.Metadata().ID()] = true
	}

	for _, a := range m.discovery.members(m.config()) {
		delete(gone, a.Hostname)

		member := cluster.NewMember(cluster.NamespaceName, a.Hostname)
		spec := member.TypedSpec()
		spec.NodeID, spec.Hostname, spec.OperatingSystem = digest(a.Key), a.Hostname, a.OperatingSystem

		spec.MachineType = machinetype.TypeWorker
		if a.Type == machinetype.TypeControlPlane.String() {
			spec.MachineType = machinetype.TypeControlPlane
			spec.ControlPlane = &cluster.ControlPlane{APIServerPort: kubePort}
		}

		for _, address := range a.Addresses {
			if ip, err := netip.ParseAddr(address); err == nil {
				spec.Addresses = append(spec.Addresses, ip)
			}
		}

		if err := replace(ctx, m.resources, member); err != nil {
			return err
		}
	}

	for id := range gone {
		if err := m.resources.Destroy(ctx, cluster.NewMember(cluster.NamespaceName, id).Metadata()); err != nil {
			return err
		}
	}

	return nil
}

func replace(ctx context.Context, st state.State, r resource.Resource) error {
	current, err := st.Get(ctx, r.Metadata())
	if state.IsNotFoundError(err) {
		return st.Create(ctx, r)
	}

	if err != nil {
		return err
	}

	if reflect.DeepEqual(current.Spec(), r.Spec()) {
		return nil
	}

	r.Metadata().SetVersion(current.Metadata().Version())

	return st.Update(ctx, r)
}
