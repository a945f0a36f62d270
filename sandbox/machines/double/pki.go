package main

import (
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"fmt"
	"net"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/security"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

// issue signs a new key pair with a CA of the machine config, as Talos's controllers do.
func issue(ca *x509.PEMEncodedCertificateAndKey, life time.Duration, ku stdx509.KeyUsage, eku stdx509.ExtKeyUsage, opts ...x509.Option) (*x509.KeyPair, error) {
	authority, err := x509.NewCertificateAuthorityFromCertificateAndKey(ca)
	if err != nil {
		return nil, fmt.Errorf("failed to parse CA certificate: %w", err)
	}

	return x509.NewKeyPair(authority, append(opts,
		x509.NotBefore(time.Now().Add(-10*time.Second)), x509.NotAfter(time.Now().Add(life)),
		x509.KeyUsage(ku), x509.ExtKeyUsage([]stdx509.ExtKeyUsage{eku}))...)
}

func pool(pem []byte) *stdx509.CertPool {
	p := stdx509.NewCertPool()
	p.AppendCertsFromPEM(pem)

	return p
}

func acceptedCAs(cfg config.Config) []byte {
	var cas []byte

	for _, c := range cfg.Machine().Security().AcceptedCAs() {
		cas = append(cas, c.Crt...)
	}

	if ca := cfg.Machine().Security().IssuingCA(); ca != nil {
		cas = append(cas, ca.Crt...)
	}

	return cas
}

func splitSANs(sans []string) (ips []net.IP, names []string) {
	for _, s := range sans {
		if ip := net.ParseIP(s); ip != nil {
			ips = append(ips, ip)
		} else {
			names = append(names, s)
		}
	}

	return ips, names
}

// apidCertificates are what apid serves with, and what a control plane's apid proxies to other machines with.
type apidCertificates struct {
	server tls.Certificate
	client *tls.Certificate
	cas    []byte
}

const certificateLifetime = 24 * time.Hour // Talos's default, renewed at half of it

// issueAPI is Talos's secrets.APIController: a control plane signs with machine.ca's key, a worker sends a CSR to a
// control plane's trustd and proves with machine.token that it may.
func (m *machine) issueAPI(ctx context.Context, cfg config.Config) (*apidCertificates, error) {
	hostname := m.hostname(cfg)
	ips, names := splitSANs(append(m.addresses(cfg), cfg.Machine().Security().CertSANs()...))
	opts := []x509.Option{x509.IPAddresses(ips), x509.DNSNames(append(names, hostname)), x509.CommonName(hostname)}
	out := &apidCertificates{cas: acceptedCAs(cfg)}

	if !cfg.Machine().Type().IsControlPlane() {
		var err error
		out.server, err = m.requestCertificate(ctx, cfg, out.cas, opts)

		return out, err
	}

	ca := cfg.Machine().Security().IssuingCA()

	server, err := issue(ca, certificateLifetime, stdx509.KeyUsageDigitalSignature, stdx509.ExtKeyUsageServerAuth, opts...)
	if err != nil {
		return nil, fmt.Errorf("failed to generate API server cert: %w", err)
	}

	client, err := issue(ca, certificateLifetime, stdx509.KeyUsageDigitalSignature, stdx509.ExtKeyUsageClientAuth,
		x509.CommonName(hostname), x509.Organization(string(role.Impersonator)))
	if err != nil {
		return nil, fmt.Errorf("failed to generate API client cert: %w", err)
	}

	out.server, out.client = *server.Certificate, client.Certificate

	return out, nil
}

// requestCertificate asks the control planes' trustd in turn.
func (m *machine) requestCertificate(ctx context.Context, cfg config.Config, cas []byte, opts []x509.Option) (tls.Certificate, error) {
	var none tls.Certificate

	ca, err := (&x509.PEMEncodedCertificate{Crt: cas}).GetCert()
	if err != nil {
		return none, fmt.Errorf("failed to parse CA certificate: %w", err)
	}

	csr, id, err := x509.NewCSRAndIdentityFromCA(ca, opts...)
	if err != nil {
		return none, fmt.Errorf("failed to generate API server CSR: %w", err)
	}

	for _, host := range m.trustdHosts(cfg) {
		var resp *security.CertificateResponse

		if resp, err = m.callTrustd(ctx, host, cas, cfg.Machine().Security().Token(), csr.X509CertificateRequestPEM); err == nil {
			return tls.X509KeyPair(resp.Crt, id.Key)
		}
	}

	if err == nil {
		err = fmt.Errorf("no control plane endpoint is known")
	}

	return none, fmt.Errorf("failed to sign API server CSR: %w", err)
}

func (m *machine) callTrustd(ctx context.Context, host string, cas []byte, token string, csr []byte) (*security.CertificateResponse, error) {
	conn, err := grpc.NewClient("passthrough:///"+net.JoinHostPort(host, "50001"),
		grpc.WithContextDialer(m.network.dial),
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool(cas), MinVersion: tls.VersionTLS13})))
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck

	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(ctx, "token", token), 5*time.Second)
	defer cancel()

	return security.NewSecurityServiceClient(conn).Certificate(ctx, &security.CertificateRequest{Csr: csr})
}

// trustdHosts are the control planes that discovery knows, then the cluster's endpoint.
func (m *machine) trustdHosts(cfg config.Config) []string {
	var hosts []string

	for _, a := range m.discovery.members(cfg) {
		if a.Type == "controlplane" && a.Key != m.opts.key && len(a.Addresses) > 0 {
			hosts = append(hosts, a.Addresses[0])
		}
	}

	return append(hosts, cfg.Cluster().Endpoint().Hostname())
}
