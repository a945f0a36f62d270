package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

const (
	kubeletCertificate = diskKubelet + "/kubelet-client.pem"
	csrPath            = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
	// csrPatience is how long a request may stay unsigned before it is made anew.
	csrPatience = time.Minute
)

// storedCertificate is the kubelet's client certificate on the disk; nil if there is none that this cluster takes.
func (k *kubelet) storedCertificate(cfg config.Config, name string) *tls.Certificate {
	b, err := k.m.disk.read(kubeletCertificate)
	if err != nil || len(b) == 0 {
		return nil
	}

	crt, err := tls.X509KeyPair(b, b)
	if err != nil || crt.Leaf == nil || crt.Leaf.Subject.CommonName != "system:node:"+name || time.Now().After(crt.Leaf.NotAfter.Add(-time.Hour)) {
		return nil
	}

	if ca := cfg.Cluster().IssuingCA(); ca != nil {
		if _, err := crt.Leaf.Verify(x509.VerifyOptions{Roots: pool(ca.Crt), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			return nil
		}
	}

	return &crt
}

// requestCertificate is TLS bootstrapping: with the cluster's bootstrap token the kubelet asks for its client
// certificate, which kube-controller-manager approves and signs.
func (k *kubelet) requestCertificate(ctx context.Context, cfg config.Config, name string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}

	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "system:node:" + name, Organization: []string{"system:nodes"}},
	}, key)
	if err != nil {
		return nil, err
	}

	token := cfg.Cluster().Token()
	client := k.m.kubeClient(cfg, nil, token.ID()+"."+token.Secret())

	defer client.close()

	var csr struct {
		Metadata struct{ Name string }
	}

	request := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	if err := client.create(ctx, csrPath, object{
		"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
		"metadata": object{"generateName": "csr-"},
		"spec": object{
			"request": base64.StdEncoding.EncodeToString(request), "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
			"usages": []string{"digital signature", "client auth"},
		},
	}, &csr); err != nil {
		if hasCode(err, 401) {
			return nil, fmt.Errorf("kubelet: bootstrap token %s of cluster.token is refused: Unauthorized", token.ID())
		}

		return nil, fmt.Errorf("kubelet: %w", err)
	}

	signed, err := k.awaitCertificate(ctx, client, csr.Metadata.Name)
	if err != nil {
		return nil, err
	}

	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}

	both := bytes.Join([][]byte{signed, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})}, nil)
	if err := k.m.disk.write(filepath.Clean(kubeletCertificate), both); err != nil {
		return nil, err
	}

	crt, err := tls.X509KeyPair(both, both)

	return &crt, err
}

func (k *kubelet) awaitCertificate(ctx context.Context, client *kubeClient, name string) ([]byte, error) {
	deadline := time.Now().Add(csrPatience)

	for ctx.Err() == nil && time.Now().Before(deadline) {
		var csr struct {
			Status struct {
				Certificate []byte
				Conditions  []struct{ Type, Message string }
			}
		}

		if err := client.get(ctx, csrPath+"/"+name, &csr); err != nil {
			return nil, fmt.Errorf("kubelet: %w", err)
		}

		for _, c := range csr.Status.Conditions {
			if c.Type == "Denied" || c.Type == "Failed" {
				return nil, fmt.Errorf("kubelet: certificate signing request %s: %s: %s", name, c.Type, c.Message)
			}
		}

		if len(csr.Status.Certificate) > 0 {
			return csr.Status.Certificate, nil
		}

		sleep(ctx, 250*time.Millisecond)
	}

	return nil, fmt.Errorf("kubelet: certificate signing request %s is not signed (is kube-controller-manager running?)", name)
}
