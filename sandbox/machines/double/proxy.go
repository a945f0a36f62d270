package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/siderolabs/grpc-proxy/proxy"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// streamed says whether a method of the Talos API answers with a stream.
func streamed(method string) bool {
	return slices.Contains([]string{
		"/machine.MachineService/Copy", "/machine.MachineService/DiskUsage", "/machine.MachineService/Dmesg",
		"/machine.MachineService/EtcdSnapshot", "/machine.MachineService/Events", "/machine.MachineService/ImageList",
		"/machine.MachineService/Kubeconfig", "/machine.MachineService/List", "/machine.MachineService/Logs",
		"/machine.MachineService/PacketCapture", "/machine.MachineService/Read", "/cluster.ClusterService/HealthCheck",
	}, method) || strings.HasSuffix(method, "Stream")
}

// router is apid's: calls without "nodes" go to machined, others to the apid of the machine that they name.
type router struct {
	m     *machine
	local *localBackend

	mu      sync.Mutex
	remotes map[string]*remoteBackend
}

func newRouter(m *machine, l *bufconn.Listener) *router {
	return &router{m: m, local: &localBackend{listener: l}, remotes: map[string]*remoteBackend{}}
}

func (r *router) direct(ctx context.Context, method string) (proxy.Mode, []proxy.Backend, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	local := []proxy.Backend{r.local}

	if _, proxied := md["proxyfrom"]; proxied {
		return proxy.One2One, local, nil
	}

	node, nodes := md["node"], md["nodes"]
	if len(node) > 1 {
		return proxy.One2One, nil, status.Error(codes.InvalidArgument, "node metadata must be single-valued")
	}

	if !r.forwards() { // a worker's apid has no client certificate and forwards nothing
		if len(node) == 1 && r.m.isLocal(node[0]) {
			node = nil
		}

		if len(nodes) == 1 && r.m.isLocal(nodes[0]) {
			nodes = nil
		}

		if len(node)+len(nodes) > 0 {
			return proxy.One2One, nil, status.Error(codes.PermissionDenied, "no request forwarding")
		}
	}

	switch {
	case len(nodes) > 0 && strings.HasPrefix(method, "/cosi."):
		return proxy.One2One, nil, status.Error(codes.InvalidArgument, "one-2-many proxying is not supported for COSI methods")
	case len(nodes) > 0:
		backends, err := r.backends(nodes)

		return proxy.One2Many, backends, err
	case len(node) > 0:
		backends, err := r.backends(node)

		return proxy.One2One, backends, err
	default:
		return proxy.One2One, local, nil
	}
}

func (r *router) forwards() bool {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()

	return r.m.certificates.client != nil
}

func (r *router) backends(targets []string) ([]proxy.Backend, error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	var out []proxy.Backend

	for _, target := range targets {
		if target == "" || strings.Contains(target, ":") && net.ParseIP(target) == nil {
			return nil, status.Errorf(codes.Internal, "invalid target %q", target)
		}

		if r.remotes[target] == nil {
			r.remotes[target] = &remoteBackend{m: r.m, target: target}
		}

		out = append(out, r.remotes[target])
	}

	return out, nil
}

func outgoing(ctx context.Context) metadata.MD {
	md, _ := metadata.FromIncomingContext(ctx)
	md = md.Copy()
	md.Set(constants.APIAuthzRoleMetadataKey, rolesOf(ctx).Strings()...)

	return md
}

// localBackend is machined.
type localBackend struct {
	listener *bufconn.Listener
	once     sync.Once
	conn     *grpc.ClientConn
	err      error
}

func (l *localBackend) String() string { return "machined" }

func (l *localBackend) GetConnection(ctx context.Context, _ string) (context.Context, *grpc.ClientConn, error) {
	l.once.Do(func() {
		l.conn, l.err = grpc.NewClient("passthrough:///machined",
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.listener.DialContext(ctx) }),
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(constants.GRPCMaxMessageSize), grpc.ForceCodecV2(proxy.Codec())))
	})

	return metadata.NewOutgoingContext(ctx, outgoing(ctx)), l.conn, l.err
}

func (l *localBackend) AppendInfo(_ bool, resp []byte) ([]byte, error) { return resp, nil }
func (l *localBackend) BuildError(bool, error) ([]byte, error)         { return nil, nil }

// remoteBackend is another machine's apid.
type remoteBackend struct {
	m      *machine
	target string

	mu   sync.Mutex
	conn *grpc.ClientConn
}

func (b *remoteBackend) String() string { return b.target }

func (b *remoteBackend) GetConnection(ctx context.Context, _ string) (context.Context, *grpc.ClientConn, error) {
	md := outgoing(ctx)
	md.Set("proxyfrom", b.m.opts.addr)
	delete(md, ":authority")
	delete(md, "nodes")
	delete(md, "node")

	out := metadata.NewOutgoingContext(ctx, md)

	b.mu.Lock()
	defer b.mu.Unlock()

	if b.conn != nil {
		return out, b.conn, nil
	}

	b.m.mu.Lock()
	roots := pool(b.m.certificates.cas)
	b.m.mu.Unlock()

	var err error
	b.conn, err = grpc.NewClient("passthrough:///"+net.JoinHostPort(b.target, fmt.Sprint(apidPort)),
		grpc.WithContextDialer(b.m.network.dial),
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
			MinVersion: tls.VersionTLS13,
			RootCAs:    roots,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				b.m.mu.Lock()
				defer b.m.mu.Unlock()

				return b.m.certificates.client, nil
			},
		})),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(constants.GRPCMaxMessageSize), grpc.ForceCodecV2(proxy.Codec())))

	return out, b.conn, err
}

// AppendInfo adds the machine's name to its answer. Every answer is a message with one repeated field 1 whose entries
// have the metadata in their own field 1, so that appending the encoded metadata to the entry is enough.
func (b *remoteBackend) AppendInfo(streaming bool, resp []byte) ([]byte, error) {
	payload, err := proto.Marshal(&common.Empty{Metadata: &common.Metadata{Hostname: b.target}})
	if err != nil || streaming {
		return append(resp, payload...), err
	}

	const entry = 1<<3 | 2 // field 1, length-delimited

	tag, n := protowire.ConsumeVarint(resp)
	if n < 0 || tag != entry {
		return nil, fmt.Errorf("unexpected message format: %d", tag)
	}

	_, size := protowire.ConsumeVarint(resp[n:])
	if size < 0 {
		return nil, protowire.ParseError(size)
	}

	body := resp[n+size:]
	head := protowire.AppendVarint(protowire.AppendVarint(nil, entry), uint64(len(body)+len(payload)))

	return slices.Concat(head, body, payload), nil
}

// BuildError puts one machine's error into an answer that has entries of many machines.
func (b *remoteBackend) BuildError(streaming bool, err error) ([]byte, error) {
	failed := &common.Empty{Metadata: &common.Metadata{
		Hostname: b.target, Error: err.Error(), Status: status.Convert(err).Proto(),
	}}
	if streaming {
		return proto.Marshal(failed)
	}

	return proto.Marshal(&common.EmptyResponse{Messages: []*common.Empty{failed}})
}
