package main

import (
	"bytes"
	stdx509 "crypto/x509"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

const controlPlaneCertificateLifetime = 365 * 24 * time.Hour

// component is what the config says of one of the control plane's programs.
type component struct {
	Image     string            `json:"image"`
	ExtraArgs map[string]string `json:"extraArgs"`
	Config    map[string]any    `json:"config,omitempty"`
}

// settings is control-plane/settings.json: what whoever starts the control plane's programs must know beside the keys.
type settings struct {
	Address           string            `json:"address"`
	EtcdAddress       string            `json:"etcdAddress"`
	Hostname          string            `json:"hostname"`
	ClusterName       string            `json:"clusterName"`
	Endpoint          string            `json:"endpoint"`
	Addresses         []string          `json:"addresses"`
	EtcdCA            string            `json:"etcdCA"`
	PodCIDRs          []string          `json:"podCIDRs"`
	ServiceCIDRs      []string          `json:"serviceCIDRs"`
	DNSDomain         string            `json:"dnsDomain"`
	DNSServiceIPs     []string          `json:"dnsServiceIPs"`
	BootstrapToken    map[string]string `json:"bootstrapToken"`
	APIServer         component         `json:"apiServer"`
	ControllerManager component         `json:"controllerManager"`
	Scheduler         component         `json:"scheduler"`
	Etcd              component         `json:"etcd"`
	CoreDNS           struct {
		Enabled bool   `json:"enabled"`
		Image   string `json:"image"`
	} `json:"coreDNS"`
	KubeProxy struct {
		Enabled bool   `json:"enabled"`
		Image   string `json:"image"`
		Mode    string `json:"mode"`
	} `json:"kubeProxy"`
	// TalosAPIAccess: pods may ask for credentials of the Talos API.
	TalosAPIAccess  bool             `json:"talosAPIAccess"`
	CNI             string           `json:"cni"`
	InlineManifests []inlineManifest `json:"inlineManifests"`
	ExtraManifests  []string         `json:"extraManifests"`
}

type inlineManifest struct {
	Name     string `json:"name"`
	Contents string `json:"contents"`
}

// renderControlPlane writes control-plane/ when what it is made of has changed since the last time, and says so.
func (m *machine) renderControlPlane() error {
	cfg := m.config()

	s, err := m.controlPlaneSettings(cfg)
	if err != nil {
		return err
	}

	raw, err := m.disk.read(diskConfig)
	if err != nil {
		return err
	}

	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}

	source := []byte(digest(string(raw) + string(content)))

	known, err := m.disk.read(filepath.Join(diskControlPlane, "source"))
	if err != nil {
		return err
	}

	unchanged := bytes.Equal(known, source)
	if !unchanged {
		files, err := m.controlPlaneFiles(cfg, s)
		if err != nil {
			return err
		}

		files["settings.json"] = content
		for name, b := range files {
			if err := m.disk.write(filepath.Join(diskControlPlane, name), b); err != nil {
				return err
			}
		}

		if err := m.disk.write(filepath.Join(diskControlPlane, "source"), source); err != nil {
			return err
		}
	}

	m.mu.Lock()
	announced := m.announced == string(source)
	m.announced = string(source)
	m.mu.Unlock()

	if !announced {
		m.events.emit("control-plane", kv{
			"dir": m.disk.path(diskControlPlane), "address": m.opts.addr, "bootstrapped": m.disk.has(diskBootstrapped), "changed": !unchanged,
		})
	}

	return nil
}

func (m *machine) controlPlaneSettings(cfg config.Config) (*settings, error) {
	etcdAddress, err := m.etcdAddress(cfg)
	if err != nil {
		return nil, err
	}

	c := cfg.Cluster()

	dns, err := c.Network().DNSServiceIPs()
	if err != nil {
		return nil, fmt.Errorf("error building DNS service IPs: %w", err)
	}

	s := &settings{
		Address: m.opts.addr, EtcdAddress: etcdAddress, Hostname: m.hostname(cfg), ClusterName: c.Name(),
		Endpoint: c.Endpoint().String(), Addresses: m.addresses(cfg), EtcdCA: digest(string(c.Etcd().CA().Crt)),
		PodCIDRs: c.Network().PodCIDRs(), ServiceCIDRs: c.Network().ServiceCIDRs(), DNSDomain: c.Network().DNSDomain(),
		BootstrapToken:    map[string]string{"id": c.Token().ID(), "secret": c.Token().Secret()},
		APIServer:         component{Image: c.APIServer().Image(), ExtraArgs: c.APIServer().ExtraArgs()},
		ControllerManager: component{Image: c.ControllerManager().Image(), ExtraArgs: c.ControllerManager().ExtraArgs()},
		Scheduler:         component{Image: c.Scheduler().Image(), ExtraArgs: c.Scheduler().ExtraArgs(), Config: c.Scheduler().Config()},
		Etcd:              component{Image: c.Etcd().Image(), ExtraArgs: c.Etcd().ExtraArgs()},
		CNI:               c.Network().CNI().Name(), ExtraManifests: c.ExtraManifestURLs(),
		TalosAPIAccess: cfg.Machine().Features().KubernetesTalosAPIAccess().Enabled(),
	}
	for _, ip := range dns {
		s.DNSServiceIPs = append(s.DNSServiceIPs, ip.String())
	}

	s.CoreDNS.Enabled, s.CoreDNS.Image = c.CoreDNS().Enabled(), c.CoreDNS().Image()
	s.KubeProxy.Enabled, s.KubeProxy.Image, s.KubeProxy.Mode = c.Proxy().Enabled(), c.Proxy().Image(), c.Proxy().Mode()

	for _, manifest := range c.InlineManifests() {
		s.InlineManifests = append(s.InlineManifests, inlineManifest{manifest.Name(), manifest.Contents()})
	}

	return s, nil
}

// signer collects the key pairs of the control plane's programs.
type signer struct {
	files map[string][]byte
	err   error
}

func (s *signer) pair(name string, ca *x509.PEMEncodedCertificateAndKey, eku stdx509.ExtKeyUsage, opts ...x509.Option) {
	if s.err != nil {
		return
	}

	kp, err := issue(ca, controlPlaneCertificateLifetime, stdx509.KeyUsageDigitalSignature|stdx509.KeyUsageKeyEncipherment, eku, opts...)
	if err != nil {
		s.err = fmt.Errorf("%s: %w", name, err)

		return
	}

	s.files[name+".crt"], s.files[name+".key"] = kp.CrtPEM, kp.KeyPEM
}

func (s *signer) kubeconfig(name string, cfg config.Config, server, user, organization string) {
	if s.err == nil {
		s.files[name+".kubeconfig"], s.err = kubeconfig(cfg.Cluster(), server, user, organization, controlPlaneCertificateLifetime)
	}
}

func (s *signer) json(name string, v any) {
	if s.err == nil {
		s.files[name], s.err = json.MarshalIndent(v, "", "  ")
	}
}

// controlPlaneFiles are the keys and configs that Talos renders for its static pods.
func (m *machine) controlPlaneFiles(cfg config.Config, st *settings) (map[string][]byte, error) {
	c := cfg.Cluster()
	s := &signer{files: map[string][]byte{
		"ca.crt": c.IssuingCA().Crt, "ca.key": c.IssuingCA().Key,
		"aggregator-ca.crt": c.AggregatorCA().Crt, "etcd-ca.crt": c.Etcd().CA().Crt,
	}}

	apiIPs, err := c.Network().APIServerIPs()
	if err != nil {
		return nil, fmt.Errorf("error building API service IPs: %w", err)
	}

	sans := append([]string{
		c.Endpoint().Hostname(), "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc." + c.Network().DNSDomain(), "localhost", "127.0.0.1", st.Hostname,
	}, append(c.CertSANs(), st.Addresses...)...)
	for _, ip := range apiIPs {
		sans = append(sans, ip.String())
	}

	ips, names := splitSANs(sans)
	etcdIPs, etcdNames := splitSANs(append([]string{"localhost", "127.0.0.1", st.Hostname}, st.Addresses...))

	s.pair("apiserver", c.IssuingCA(), stdx509.ExtKeyUsageServerAuth,
		x509.IPAddresses(ips), x509.DNSNames(names), x509.CommonName("kube-apiserver"), x509.Organization("kube-master"))
	s.pair("apiserver-kubelet-client", c.IssuingCA(), stdx509.ExtKeyUsageClientAuth,
		x509.CommonName(constants.KubernetesAPIServerKubeletClientCommonName), x509.Organization(constants.KubernetesAdminCertOrganization))
	s.pair("front-proxy-client", c.AggregatorCA(), stdx509.ExtKeyUsageClientAuth, x509.CommonName("front-proxy-client"))
	s.pair("etcd-server", c.Etcd().CA(), stdx509.ExtKeyUsageServerAuth,
		x509.IPAddresses(etcdIPs), x509.DNSNames(etcdNames), x509.CommonName(st.Hostname))
	s.pair("etcd-client", c.Etcd().CA(), stdx509.ExtKeyUsageClientAuth, x509.CommonName("kube-apiserver"))

	server := fmt.Sprintf("https://%s:%d", m.opts.addr, kubePort)
	s.kubeconfig("admin", cfg, server, "talos:admin", constants.KubernetesAdminCertOrganization)
	s.kubeconfig("controller-manager", cfg, server, "system:kube-controller-manager", "")
	s.kubeconfig("scheduler", cfg, server, "system:kube-scheduler", "")

	s.json("encryption.json", encryption(c))
	s.json("admission.json", admission(c))
	s.json("audit-policy.json", c.APIServer().AuditPolicy())
	s.json("authorization.json", authorization(c))

	if s.err == nil {
		s.err = serviceAccount(c, s.files)
	}

	return s.files, s.err
}

func serviceAccount(c config.ClusterConfig, files map[string][]byte) error {
	key, err := c.ServiceAccount().GetKey()
	if err != nil {
		return fmt.Errorf("failed to parse service account key: %w", err)
	}

	files["service-account.key"], files["service-account.pub"] = key.GetPrivateKeyPEM(), key.GetPublicKeyPEM()

	return nil
}

func encryption(c config.ClusterConfig) any {
	var providers []any
	if key := c.SecretboxEncryptionSecret(); key != "" {
		providers = append(providers, kv{"secretbox": kv{"keys": []any{kv{"name": "key2", "secret": key}}}})
	}

	if key := c.AESCBCEncryptionSecret(); key != "" {
		providers = append(providers, kv{"aescbc": kv{"keys": []any{kv{"name": "key1", "secret": key}}}})
	}

	return kv{
		"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration",
		"resources": []any{kv{"resources": []string{"secrets"}, "providers": append(providers, kv{"identity": kv{}})}},
	}
}

func admission(c config.ClusterConfig) any {
	plugins := []any{}
	for _, p := range c.APIServer().AdmissionControl() {
		plugins = append(plugins, kv{"name": p.Name(), "configuration": p.Configuration()})
	}

	return kv{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration", "plugins": plugins}
}

func authorization(c config.ClusterConfig) any {
	authorizers := []any{}
	for _, a := range c.APIServer().AuthorizationConfig() {
		entry := kv{"type": a.Type(), "name": a.Name()}
		if len(a.Webhook()) > 0 {
			entry["webhook"] = a.Webhook()
		}

		authorizers = append(authorizers, entry)
	}

	for _, known := range []string{"Node", "RBAC"} {
		present := false

		for _, a := range authorizers {
			present = present || a.(kv)["type"] == known
		}

		if !present {
			authorizers = append(authorizers, kv{"type": known, "name": map[string]string{"Node": "node", "RBAC": "rbac"}[known]})
		}
	}

	return kv{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthorizationConfiguration", "authorizers": authorizers}
}
