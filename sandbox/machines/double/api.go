package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func (m *machine) goArchitecture() string {
	if m.opts.architecture == "arm" {
		return "arm64"
	}

	return "amd64"
}

func (m *machine) Version(context.Context, *emptypb.Empty) (*machineapi.VersionResponse, error) {
	return &machineapi.VersionResponse{Messages: []*machineapi.Version{{
		Version:  &machineapi.VersionInfo{Tag: m.version(), Sha: "sandbox", Os: "linux", Arch: m.goArchitecture()},
		Platform: &machineapi.PlatformInfo{Name: m.opts.platform, Mode: m.mode().String()},
		Features: &machineapi.FeaturesInfo{Rbac: true},
	}}}, nil
}

func (m *machine) Hostname(context.Context, *emptypb.Empty) (*machineapi.HostnameResponse, error) {
	return &machineapi.HostnameResponse{Messages: []*machineapi.Hostname{{Hostname: m.hostname(m.config())}}}, nil
}

// service is one row of talosctl services: what is said of it when it does not run is the reason.
type service struct{ id, waiting string }

func (m *machine) services() []service {
	list := []service{{id: "apid"}, {id: "containerd"}, {id: "cri"}}

	if m.config().Machine().Type().IsControlPlane() {
		etcd := service{id: "etcd"}
		if !m.disk.has(diskBootstrapped) && !m.disk.has(diskEtcd) {
			etcd.waiting = "etcd is waiting to join the cluster, if this node is the first node of the cluster, please run `talosctl bootstrap`"
		}

		list = append(list, etcd)
	}

	list = append(list, service{id: "kubelet", waiting: m.kubelet.waitingFor()}, service{id: "machined"})
	if m.config().Machine().Type().IsControlPlane() {
		list = append(list, service{id: "trustd"})
	}

	return append(list, service{id: "udevd"})
}

func (m *machine) ServiceList(context.Context, *emptypb.Empty) (*machineapi.ServiceListResponse, error) {
	out := &machineapi.ServiceList{}
	at := timestamppb.New(m.booted)

	for _, s := range m.services() {
		info := &machineapi.ServiceInfo{
			Id: s.id, State: "Running", Health: &machineapi.ServiceHealth{Healthy: true, LastChange: at},
		}
		message := "Started task " + s.id

		if s.waiting != "" {
			info.State, message = "Preparing", s.waiting
			info.Health = &machineapi.ServiceHealth{Unknown: true, LastMessage: s.waiting, LastChange: at}
		}

		info.Events = &machineapi.ServiceEvents{Events: []*machineapi.ServiceEvent{{Msg: message, State: info.State, Ts: at}}}
		out.Services = append(out.Services, info)
	}

	return &machineapi.ServiceListResponse{Messages: []*machineapi.ServiceList{out}}, nil
}

func (m *machine) Memory(context.Context, *emptypb.Empty) (*machineapi.MemoryResponse, error) {
	total := uint64(m.hardware().memoryBytes / 1024)

	return &machineapi.MemoryResponse{Messages: []*machineapi.Memory{{
		Meminfo: &machineapi.MemInfo{Memtotal: total, Memfree: total * 3 / 4, Memavailable: total * 3 / 4},
	}}}, nil
}

func (m *machine) CPUInfo(context.Context, *emptypb.Empty) (*machineapi.CPUInfoResponse, error) {
	out := &machineapi.CPUsInfo{}
	for i := range int(m.opts.cores) {
		out.CpuInfo = append(out.CpuInfo, &machineapi.CPUInfo{Processor: uint32(i), ModelName: "sandbox " + m.opts.serverType})
	}

	return &machineapi.CPUInfoResponse{Messages: []*machineapi.CPUsInfo{out}}, nil
}

func (m *machine) DiskStats(context.Context, *emptypb.Empty) (*machineapi.DiskStatsResponse, error) {
	disk := &machineapi.DiskStat{Name: "sda"}

	return &machineapi.DiskStatsResponse{Messages: []*machineapi.DiskStats{{Total: disk, Devices: []*machineapi.DiskStat{disk}}}}, nil
}

func (m *machine) SystemStat(context.Context, *emptypb.Empty) (*machineapi.SystemStatResponse, error) {
	return &machineapi.SystemStatResponse{Messages: []*machineapi.SystemStat{{BootTime: uint64(m.booted.Unix())}}}, nil
}

func (m *machine) LoadAvg(context.Context, *emptypb.Empty) (*machineapi.LoadAvgResponse, error) {
	return &machineapi.LoadAvgResponse{Messages: []*machineapi.LoadAvg{{}}}, nil
}

func (m *machine) LogsContainers(context.Context, *emptypb.Empty) (*machineapi.LogsContainersResponse, error) {
	return &machineapi.LogsContainersResponse{Messages: []*machineapi.LogsContainer{{Ids: []string{"machined", "kubelet"}}}}, nil
}

func (m *machine) Logs(in *machineapi.LogsRequest, out grpc.ServerStreamingServer[common.Data]) error {
	return m.sendConsole(out, int(in.TailLines), in.Follow)
}

func (m *machine) Dmesg(in *machineapi.DmesgRequest, out grpc.ServerStreamingServer[common.Data]) error {
	return m.sendConsole(out, 0, in.Follow)
}

// sendConsole sends the machine's own log: there is no kernel and no container here to have another.
func (m *machine) sendConsole(out grpc.ServerStreamingServer[common.Data], tail int, follow bool) error {
	lines := m.console.tail()
	if tail > 0 && tail < len(lines) {
		lines = lines[len(lines)-tail:]
	}

	if err := out.Send(&common.Data{Bytes: []byte(strings.Join(lines, "\n") + "\n")}); err != nil || !follow {
		return err
	}

	<-out.Context().Done()

	return nil
}

// Read gives the few files that talosctl itself reads: it knows a reboot by the boot id.
func (m *machine) Read(in *machineapi.ReadRequest, out grpc.ServerStreamingServer[common.Data]) error {
	files := map[string][]byte{
		"/proc/sys/kernel/random/boot_id": []byte(digest(m.booted.String()) + "\n"),
		"/proc/version":                   fmt.Appendf(nil, "Linux version %s (sandbox)\n", constants.DefaultKernelVersion),
		"/proc/uptime":                    []byte(m.uptime() + "\n"),
	}

	content, ok := files[in.Path]
	if !ok {
		return status.Errorf(codes.NotFound, "stat %s: no such file or directory (the sandbox's machines have no file system)", in.Path)
	}

	return out.Send(&common.Data{Bytes: bytes.Clone(content)})
}

// Events keeps the stream open, as talosctl expects, and has no event to tell.
func (m *machine) Events(_ *machineapi.EventsRequest, out grpc.ServerStreamingServer[machineapi.Event]) error {
	select {
	case <-out.Context().Done():
	case <-time.After(time.Hour):
	}

	return nil
}
