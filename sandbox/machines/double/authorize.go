package main

import (
	"context"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

var (
	admins    = role.MakeSet(role.Admin)
	operators = role.MakeSet(role.Admin, role.Operator)
	readers   = role.MakeSet(role.Admin, role.Operator, role.Reader)
	backups   = role.MakeSet(role.Admin, role.Operator, role.EtcdBackup)
	etcdRead  = role.MakeSet(role.Admin, role.Operator, role.Reader, role.EtcdBackup)
)

// allowed are machined's rules for the calls that readers or operators may make; every other call is for admins.
var allowed = map[string]role.Set{
	"/cluster.ClusterService/HealthCheck": readers,
	"/cosi.resource.State/Get":            readers,
	"/cosi.resource.State/List":           readers,
	"/cosi.resource.State/Watch":          readers,
}

func init() {
	const service = "/machine.MachineService/"

	for set, methods := range map[*role.Set]string{
		&readers: "CPUInfo CPUFreqStats Containers DiskStats DiskUsage Dmesg Events Hostname ImageList List LoadAvg Logs " +
			"LogsContainers Memory Mounts NetworkDeviceStats Netstat Processes ServiceList Stats SystemStat Version",
		&operators: "EtcdAlarmDisarm EtcdDefragment ImagePull PacketCapture Reboot Restart ServiceRestart ServiceStart " +
			"ServiceStop Shutdown",
		&etcdRead: "EtcdAlarmList EtcdMemberList EtcdStatus",
		&backups:  "EtcdSnapshot",
	} {
		for _, method := range strings.Fields(methods) {
			allowed[service+method] = *set
		}
	}
}

var errNotAuthorized = status.Error(codes.PermissionDenied, "not authorized")

type rolesKey struct{}

func rolesOf(ctx context.Context) role.Set {
	roles, _ := ctx.Value(rolesKey{}).(role.Set)

	return roles
}

// rolesOfCertificate reads apid's client certificate; roles from another machine's apid come in the metadata.
func rolesOfCertificate(ctx context.Context) role.Set {
	p, _ := peer.FromContext(ctx)

	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return role.Zero
	}

	roles, _ := role.Parse(info.State.PeerCertificates[0].Subject.Organization)
	if roles.Includes(role.Impersonator) {
		if given := rolesOfMetadata(ctx); len(given.Strings()) > 0 {
			return given
		}
	}

	return roles
}

func rolesOfMetadata(ctx context.Context) role.Set {
	md, _ := metadata.FromIncomingContext(ctx)
	roles, _ := role.Parse(md.Get(constants.APIAuthzRoleMetadataKey))

	return roles
}

// contextStream is a stream with another context.
type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s contextStream) Context() context.Context { return s.ctx }

func injectRoles(roles func(context.Context) role.Set) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, h grpc.StreamHandler) error {
		ctx := ss.Context()

		return h(srv, contextStream{ss, context.WithValue(ctx, rolesKey{}, roles(ctx))})
	}
}

func authorize(ctx context.Context, method string) (context.Context, error) {
	set, ok := allowed[method]
	if !ok {
		set = admins
	}

	roles := rolesOfMetadata(ctx)
	if !set.IncludesAny(roles) {
		return ctx, errNotAuthorized
	}

	return context.WithValue(ctx, rolesKey{}, roles), nil
}

func (m *machine) authorizeUnary(ctx context.Context, req any, i *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
	ctx, err := authorize(ctx, i.FullMethod)
	if err != nil {
		m.logCall(i.FullMethod, err)

		return nil, err
	}

	resp, err := h(ctx, req)
	m.logCall(i.FullMethod, err)

	return resp, err
}

func (m *machine) authorizeStream(srv any, ss grpc.ServerStream, i *grpc.StreamServerInfo, h grpc.StreamHandler) error {
	ctx, err := authorize(ss.Context(), i.FullMethod)
	if err == nil {
		err = h(srv, contextStream{ss, ctx})
	}

	m.logCall(i.FullMethod, err)

	return err
}

func (m *machine) logCall(method string, err error) {
	m.log("machined: %s %s", method, status.Code(err))
}
