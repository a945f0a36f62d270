package main

import (
	"context"
	"crypto"
	stdx509 "crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// mode is the runtime mode that Talos validates in: "cloud" needs no install section, "metal" does.
type mode struct{ metal, installed bool }

func (m mode) String() string {
	if m.metal {
		return "metal"
	}

	return "cloud"
}

func (m mode) RequiresInstall() bool { return m.metal && !m.installed }
func (m mode) InContainer() bool     { return false }

func (m *machine) mode() mode {
	return mode{metal: m.opts.platform == "metal", installed: m.disk.has(diskConfig)}
}

// load parses and validates a machine config as Talos does, and then checks the keys in it, which Talos itself would
// only find out when a service does not start.
func (m *machine) load(raw []byte) (config.Provider, []string, error) {
	cfg, err := configloader.NewFromBytes(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to parse config: %w", err)
	}

	if cfg.RawV1Alpha1() == nil {
		return nil, nil, errors.New("the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?")
	}

	warnings, err := cfg.Validate(m.mode())
	if err != nil {
		return nil, warnings, fmt.Errorf("configuration validation failed: %w", err)
	}

	more, err := cfg.RuntimeValidate(context.Background(), m.resources, m.mode())
	if err != nil {
		return nil, warnings, fmt.Errorf("runtime configuration validation failed: %w", err)
	}

	return cfg, slices.Concat(warnings, more), checkSecrets(cfg)
}

// checkSecrets reports every secret in the config that cannot work.
func checkSecrets(cfg config.Config) error {
	controlPlane := cfg.Machine().Type().IsControlPlane()
	problems := []error{
		checkToken("machine.token", cfg.Machine().Security().Token()),
		checkToken("cluster.token", cfg.Cluster().Token().ID()+"."+cfg.Cluster().Token().Secret()),
		checkCA("machine.ca", cfg.Machine().Security().IssuingCA(), accepted(cfg.Machine().Security().AcceptedCAs()), controlPlane),
		checkCA("cluster.ca", cfg.Cluster().IssuingCA(), accepted(cfg.Cluster().AcceptedCAs()), controlPlane),
	}

	if controlPlane {
		problems = append(problems,
			checkCA("cluster.aggregatorCA", cfg.Cluster().AggregatorCA(), false, true),
			checkCA("cluster.etcd.ca", cfg.Cluster().Etcd().CA(), false, true),
			checkServiceAccount(cfg),
		)
		if cfg.Cluster().SecretboxEncryptionSecret() == "" && cfg.Cluster().AESCBCEncryptionSecret() == "" {
			problems = append(problems, errors.New("cluster.secretboxEncryptionSecret: missing; without it Kubernetes secrets are stored in plain text"))
		}
	}

	return errors.Join(problems...)
}

func accepted(cas []*x509.PEMEncodedCertificate) bool { return len(cas) > 0 }

func checkServiceAccount(cfg config.Config) error {
	key := cfg.Cluster().ServiceAccount()
	if key == nil || len(key.Key) == 0 {
		return errors.New("cluster.serviceAccount.key: missing; kube-apiserver signs service account tokens with it")
	}

	if _, err := key.GetKey(); err != nil {
		return fmt.Errorf("cluster.serviceAccount.key: %w", err)
	}

	return nil
}

// checkToken knows the form of Kubernetes and Talos tokens: [a-z0-9]{6}.[a-z0-9]{16}.
func checkToken(name, token string) error {
	if len(token) == 23 && token[6] == '.' {
		valid := true

		for i, c := range token {
			if i != 6 && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				valid = false
			}
		}

		if valid {
			return nil
		}
	}

	return fmt.Errorf("%s: %d characters that do not have the form [a-z0-9]{6}.[a-z0-9]{16}", name, len(token))
}

// checkCA parses a certificate authority and proves that its key is the certificate's.
func checkCA(name string, ca *x509.PEMEncodedCertificateAndKey, hasAccepted, needKey bool) error {
	if ca == nil || len(ca.Crt) == 0 {
		if hasAccepted && !needKey {
			return nil
		}

		return fmt.Errorf("%s.crt: missing", name)
	}

	crt, err := ca.GetCert()
	if err != nil {
		return fmt.Errorf("%s.crt: failed to parse CA certificate: %w", name, err)
	}

	if !crt.IsCA {
		return fmt.Errorf("%s.crt: certificate %q is not a CA (basicConstraints CA:TRUE is missing)", name, crt.Subject)
	}

	if !needKey {
		return nil // a worker: Talos's own validation refuses a key here
	}

	if len(ca.Key) == 0 {
		return fmt.Errorf("%s.key: missing; a control plane signs certificates with it", name)
	}

	key, err := ca.GetKey()
	if err != nil {
		return fmt.Errorf("%s.key: failed to parse CA key: %w", name, err)
	}

	if !samePublicKey(crt, key) {
		return fmt.Errorf("%s: the key does not belong to the certificate %q (x509: provided PrivateKey doesn't match parent's PublicKey)", name, crt.Subject)
	}

	return nil
}

func samePublicKey(crt *stdx509.Certificate, key any) bool {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return false
	}

	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })

	return ok && public.Equal(crt.PublicKey)
}
