package main

import (
	"context"
	"crypto/subtle"
	stdx509 "crypto/x509"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/security"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// trustd signs the certificate requests of the workers' apid.
type trustd struct {
	security.UnimplementedSecurityServiceServer
	m *machine
}

func (t *trustd) Certificate(ctx context.Context, in *security.CertificateRequest) (*security.CertificateResponse, error) {
	cfg := t.m.config()
	md, _ := metadata.FromIncomingContext(ctx)

	if token := md["token"]; len(token) == 0 || subtle.ConstantTimeCompare([]byte(token[0]), []byte(cfg.Machine().Security().Token())) != 1 {
		t.m.log("trustd: request with a wrong machine.token refused")

		return nil, status.Error(codes.Unknown, codes.Unauthenticated.String()) // word for word what Talos answers
	}

	ca := cfg.Machine().Security().IssuingCA()

	crt, err := x509.NewCertificateFromCSRBytes(ca.Crt, ca.Key, in.Csr, x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth}))
	if err != nil {
		return nil, status.Errorf(codes.Internal, "failed to sign CSR: %s", err)
	}

	return &security.CertificateResponse{Ca: acceptedCAs(cfg), Crt: crt.X509CertificatePEM}, nil
}
