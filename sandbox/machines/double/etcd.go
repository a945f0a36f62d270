package main

import (
	"context"
	"hash/fnv"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

func memberID(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))

	return h.Sum64()
}

func (m *machine) checkControlPlane(api string) error {
	if m.config().Machine().Type().IsControlPlane() {
		return nil
	}

	return status.Errorf(codes.Unimplemented, "%s is only available on control plane nodes", api)
}

func (m *machine) checkEtcd(api string) error {
	if err := m.checkControlPlane(api); err != nil {
		return err
	}

	if !m.disk.has(diskBootstrapped) && !m.disk.has(diskEtcd) {
		return status.Error(codes.Unavailable, "failed to create etcd client: etcd is not running on this node")
	}

	return nil
}

// EtcdMemberList tells of every control plane that has joined. In the sandbox one etcd process stands for all of them.
func (m *machine) EtcdMemberList(context.Context, *machineapi.EtcdMemberListRequest) (*machineapi.EtcdMemberListResponse, error) {
	if err := m.checkEtcd("member list"); err != nil {
		return nil, err
	}

	cfg := m.config()
	out := &machineapi.EtcdMembers{}
	add := func(key, hostname, address string) {
		out.Members = append(out.Members, &machineapi.EtcdMember{
			Id: memberID(key), Hostname: hostname,
			PeerUrls: []string{"https://" + address + ":2380"}, ClientUrls: []string{"https://" + address + ":2379"},
		})
		out.LegacyMembers = append(out.LegacyMembers, hostname)
	}

	own := false

	for _, a := range m.discovery.members(cfg) {
		if a.EtcdMember && len(a.Addresses) > 0 {
			add(a.Key, a.Hostname, a.Addresses[0])

			own = own || a.Key == m.opts.key
		}
	}

	if !own {
		add(m.opts.key, m.hostname(cfg), m.addresses(cfg)[0])
	}

	return &machineapi.EtcdMemberListResponse{Messages: []*machineapi.EtcdMembers{out}}, nil
}

func (m *machine) EtcdStatus(context.Context, *emptypb.Empty) (*machineapi.EtcdStatusResponse, error) {
	if err := m.checkEtcd("etcd status"); err != nil {
		return nil, err
	}

	id := memberID(m.opts.key)

	return &machineapi.EtcdStatusResponse{Messages: []*machineapi.EtcdStatus{{
		MemberStatus: &machineapi.EtcdMemberStatus{MemberId: id, Leader: id, ProtocolVersion: "3.6.6", StorageVersion: "3.6.0"},
	}}}, nil
}

func (m *machine) EtcdAlarmList(context.Context, *emptypb.Empty) (*machineapi.EtcdAlarmListResponse, error) {
	if err := m.checkEtcd("etcd alarm list"); err != nil {
		return nil, err
	}

	return &machineapi.EtcdAlarmListResponse{Messages: []*machineapi.EtcdAlarm{{}}}, nil
}
