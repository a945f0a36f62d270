package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	stdx509 "crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

const kubeconfigTemplate = `apiVersion: v1
kind: Config
clusters: [{name: %[1]s, cluster: {server: %[2]q, certificate-authority-data: %[3]s}}]
users: [{name: %[6]s@%[1]s, user: {client-certificate-data: %[4]s, client-key-data: %[5]s}}]
contexts: [{name: %[6]s@%[1]s, context: {cluster: %[1]s, namespace: default, user: %[6]s@%[1]s}}]
current-context: %[6]s@%[1]s
`

// kubeconfig issues a client certificate for the subject and wraps it.
func kubeconfig(cluster config.ClusterConfig, server, user, organization string, lifetime time.Duration) ([]byte, error) {
	kp, err := issue(cluster.IssuingCA(), lifetime, stdx509.KeyUsageDigitalSignature|stdx509.KeyUsageKeyEncipherment,
		stdx509.ExtKeyUsageClientAuth, x509.CommonName(user), x509.Organization(organization))
	if err != nil {
		return nil, err
	}

	b64 := base64.StdEncoding.EncodeToString

	return fmt.Appendf(nil, kubeconfigTemplate,
		cluster.Name(), server, b64(cluster.IssuingCA().Crt), b64(kp.CrtPEM), b64(kp.KeyPEM), user), nil
}

// Kubeconfig streams a tar with an administrator's kubeconfig for the cluster's endpoint.
func (m *machine) Kubeconfig(_ *emptypb.Empty, out grpc.ServerStreamingServer[common.Data]) error {
	cfg := m.config()
	if !cfg.Machine().Type().IsControlPlane() {
		return status.Error(codes.Unimplemented, "kubeconfig is only available on control plane nodes")
	}

	admin := cfg.Cluster().AdminKubeconfig()

	content, err := kubeconfig(cfg.Cluster(), cfg.Cluster().Endpoint().String(), admin.CommonName(), admin.CertOrganization(), admin.CertLifetime())
	if err != nil {
		return err
	}

	var buf bytes.Buffer

	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	err = tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "kubeconfig", Size: int64(len(content)), ModTime: time.Now(), Mode: 0o600})
	_, err2 := io.Copy(tw, bytes.NewReader(content))

	if err := errors.Join(err, err2, tw.Close(), zw.Close()); err != nil {
		return err
	}

	return out.Send(&common.Data{Bytes: buf.Bytes()})
}
