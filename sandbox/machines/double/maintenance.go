package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	cosi "github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/siderolabs/crypto/x509"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// maintenance is the API of a machine without a config: no client certificate, and hardly a call but ApplyConfiguration.
type maintenance struct {
	machineapi.UnimplementedMachineServiceServer
	m    *machine
	once sync.Once
	got  chan []byte
}

// maintain serves the maintenance API until a config is applied, and returns it; nil if the machine is switched off.
func (m *machine) maintain(ctx context.Context) ([]byte, error) {
	crt, err := m.maintenanceCertificate()
	if err != nil {
		return nil, err
	}

	fingerprint, err := x509.SPKIFingerprintFromDER(crt.Certificate[0])
	if err != nil {
		return nil, err
	}

	l, err := m.listen(ctx, apidPort)
	if err != nil {
		return nil, err
	}

	api := &maintenance{m: m, got: make(chan []byte, 1)}
	s := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*crt}})),
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, i *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			resp, err := h(context.WithValue(ctx, rolesKey{}, role.MakeSet(role.Reader)), req)
			m.logCall(i.FullMethod, err)

			return resp, err
		}),
		grpc.StreamInterceptor(injectRoles(func(context.Context) role.Set { return role.MakeSet(role.Reader) })),
	)
	machineapi.RegisterMachineServiceServer(s, api)
	cosi.RegisterStateServer(s, m.resourceServer())

	g := &group{failed: make(chan error, 1)}
	g.add(s, l)

	m.setStage("maintenance")
	m.events.emit("maintenance", kv{"fingerprint": fingerprint.String(), "address": m.opts.addr})
	m.log("upload configuration using talosctl: talosctl apply-config --insecure --nodes %s --cert-fingerprint '%s' --file <config.yaml>",
		m.opts.addr, fingerprint)

	serving, stop := context.WithCancel(ctx)
	defer stop()

	var raw []byte

	go func() {
		select {
		case raw = <-api.got:
		case <-ctx.Done():
		}

		stop()
	}()

	if err := g.wait(serving); err != nil {
		return nil, err
	}

	return raw, nil
}

// maintenanceCertificate is made once for a disk, so that its fingerprint can be written down.
func (m *machine) maintenanceCertificate() (*tls.Certificate, error) {
	b, err := m.disk.read(diskMaintenance)
	if err != nil {
		return nil, err
	}

	if len(b) == 0 {
		ca, err := x509.NewSelfSignedCertificateAuthority(
			x509.Organization("talos"), x509.CommonName("maintenance-service.talos.dev"), x509.NotAfter(time.Now().AddDate(10, 0, 0)),
			x509.IPAddresses([]net.IP{net.ParseIP(m.opts.addr)}))
		if err != nil {
			return nil, err
		}

		b = bytes.Join([][]byte{ca.CrtPEM, ca.KeyPEM}, nil)
		if err := m.disk.write(diskMaintenance, b); err != nil {
			return nil, err
		}
	}

	block, rest := pem.Decode(b)
	if block == nil {
		return nil, errors.New("maintenance certificate: no PEM data")
	}

	crt, err := tls.X509KeyPair(pem.EncodeToMemory(block), rest)
	if err != nil {
		return nil, fmt.Errorf("maintenance certificate: %w", err)
	}

	return &crt, nil
}

func (a *maintenance) ApplyConfiguration(_ context.Context, in *machineapi.ApplyConfigurationRequest) (*machineapi.ApplyConfigurationResponse, error) {
	switch in.Mode {
	case machineapi.ApplyConfigurationRequest_TRY, machineapi.ApplyConfigurationRequest_REBOOT, machineapi.ApplyConfigurationRequest_AUTO:
	default:
		return nil, status.Errorf(codes.Unimplemented, "apply configuration --mode='%s' is not supported in maintenance mode",
			strings.ReplaceAll(strings.ToLower(in.Mode.String()), "_", "-"))
	}

	cfg, warnings, err := a.m.load(in.Data)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	a.m.events.emit("apply-config", kv{
		"mode": in.Mode.String(), "dryRun": in.DryRun, "bytes": len(in.Data), "type": cfg.Machine().Type().String(), "warnings": warnings,
	})

	reply := &machineapi.ApplyConfiguration{Warnings: warnings}
	if in.DryRun {
		reply.ModeDetails = "Dry run summary:\nNode is running in maintenance mode and does not have a config yet."
	} else {
		a.once.Do(func() { a.got <- in.Data })
	}

	return &machineapi.ApplyConfigurationResponse{Messages: []*machineapi.ApplyConfiguration{reply}}, nil
}

// Version is for administrators, and nobody is one in maintenance mode.
func (a *maintenance) Version(context.Context, *emptypb.Empty) (*machineapi.VersionResponse, error) {
	return nil, status.Error(codes.Unimplemented, "API is not implemented in maintenance mode")
}
