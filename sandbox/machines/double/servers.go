package main

import (
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	cosi "github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/siderolabs/grpc-proxy/proxy"
	"github.com/siderolabs/talos/pkg/machinery/api/cluster"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/security"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/test/bufconn"
)

const (
	apidPort   = 50000
	trustdPort = 50001
	kubePort   = 6443
)

// group is the servers of one boot.
type group struct {
	servers []*grpc.Server
	failed  chan error
}

func (g *group) add(s *grpc.Server, l net.Listener) {
	g.servers = append(g.servers, s)

	go func() {
		if err := s.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			g.failed <- err
		}
	}()
}

// wait returns when ctx ends, after calls under way had a moment to finish, or when a server fails.
func (g *group) wait(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-g.failed:
	}

	for _, s := range g.servers {
		timer := time.AfterFunc(500*time.Millisecond, s.Stop)
		s.GracefulStop()
		timer.Stop()
	}

	return err
}

// listen tries for a while: the previous boot's listener, or a previous process, may just be going.
func (m *machine) listen(ctx context.Context, port int) (net.Listener, error) {
	var (
		l   net.Listener
		err error
	)

	for range 50 {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("%s:%d", m.opts.addr, port))
		if err == nil {
			return l, nil
		}

		sleep(ctx, 100*time.Millisecond)
	}

	return nil, fmt.Errorf("failed to listen: %w", err)
}

// serve starts machined in memory, apid before it, and trustd on a control plane: Talos's own arrangement.
func (m *machine) serve(ctx context.Context) (*group, error) {
	g := &group{failed: make(chan error, 3)}
	local := bufconn.Listen(1 << 20)
	g.add(m.machined(), local)

	l, err := m.listen(ctx, apidPort)
	if err != nil {
		return nil, err
	}

	router := newRouter(m, local)
	g.add(grpc.NewServer(
		grpc.Creds(credentials.NewTLS(m.apidTLS())),
		grpc.ForceServerCodecV2(proxy.Codec()),
		grpc.UnknownServiceHandler(proxy.TransparentHandler(router.direct, proxy.WithStreamedDetector(streamed))),
		grpc.MaxRecvMsgSize(constants.GRPCMaxMessageSize),
		grpc.StreamInterceptor(injectRoles(rolesOfCertificate)),
	), l)

	if m.config().Machine().Type().IsControlPlane() {
		if l, err = m.listen(ctx, trustdPort); err != nil {
			return nil, err
		}

		s := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
			MinVersion:     tls.VersionTLS13,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return m.serverCertificate(), nil },
		})))
		security.RegisterSecurityServiceServer(s, &trustd{m: m})
		g.add(s, l)
	}

	return g, nil
}

func (m *machine) machined() *grpc.Server {
	s := grpc.NewServer(
		grpc.MaxRecvMsgSize(constants.GRPCMaxMessageSize),
		grpc.ChainUnaryInterceptor(m.authorizeUnary),
		grpc.ChainStreamInterceptor(m.authorizeStream),
	)
	machineapi.RegisterMachineServiceServer(s, m)
	cluster.RegisterClusterServiceServer(s, m)
	cosi.RegisterStateServer(s, m.resourceServer())

	return s
}

func (m *machine) serverCertificate() *tls.Certificate {
	m.mu.Lock()
	defer m.mu.Unlock()

	return &m.certificates.server
}

// apidTLS asks for a client certificate of machine.ca and serves the current certificate: both follow the config.
func (m *machine) apidTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			m.mu.Lock()
			defer m.mu.Unlock()

			return &tls.Config{
				MinVersion:            tls.VersionTLS13,
				Certificates:          []tls.Certificate{m.certificates.server},
				ClientCAs:             pool(m.certificates.cas),
				ClientAuth:            tls.RequireAndVerifyClientCert,
				VerifyPeerCertificate: verifyExtKeyUsage,
				NextProtos:            []string{"h2"},
			}, nil
		},
	}
}

// verifyExtKeyUsage is apid's own check: exactly [clientAuth], nothing more.
func verifyExtKeyUsage(_ [][]byte, chains [][]*stdx509.Certificate) error {
	if len(chains) == 0 {
		return errors.New("no verified chains")
	}

	for _, c := range chains[0] {
		if !c.IsCA && !slices.Equal(c.ExtKeyUsage, []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}) {
			return fmt.Errorf("certificate %q is missing the client auth extended key usage", c.Subject)
		}
	}

	return nil
}
