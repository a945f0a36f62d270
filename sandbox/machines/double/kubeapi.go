package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// object is a Kubernetes object.
type object = map[string]any

// kubeClient is the little of a Kubernetes client that a kubelet needs here.
type kubeClient struct {
	http  *http.Client
	base  string
	token string
}

// apiError is a Kubernetes Status.
type apiError struct {
	Code    int    `json:"code"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func (e *apiError) Error() string { return e.Message }

func hasCode(err error, code int) bool {
	e, ok := err.(*apiError)

	return ok && e.Code == code
}

// kubeEndpoints are the addresses at which this machine looks for the Kubernetes API: the cluster's endpoint, and with
// KubePrism the control planes that discovery knows.
func (m *machine) kubeEndpoints(cfg config.Config) []string {
	endpoint := cfg.Cluster().Endpoint()

	port := endpoint.Port()
	if port == "" {
		port = "443"
	}

	out := []string{net.JoinHostPort(endpoint.Hostname(), port)}

	if cfg.Machine().Features().KubePrism().Enabled() {
		for _, a := range m.discovery.members(cfg) {
			if a.Type == "controlplane" {
				out = append(out, net.JoinHostPort(a.Address, fmt.Sprint(kubePort)))
			}
		}
	}

	return out
}

func (m *machine) kubeClient(cfg config.Config, crt *tls.Certificate, token string) *kubeClient {
	var cas []byte
	for _, ca := range cfg.Cluster().AcceptedCAs() {
		cas = append(cas, ca.Crt...)
	}

	if ca := cfg.Cluster().IssuingCA(); ca != nil {
		cas = append(cas, ca.Crt...)
	}

	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool(cas), ServerName: cfg.Cluster().Endpoint().Hostname()}
	if crt != nil {
		tlsConfig.Certificates = []tls.Certificate{*crt}
	}

	return &kubeClient{
		base:  "https://" + cfg.Cluster().Endpoint().Host,
		token: token,
		http: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{
			TLSClientConfig:   tlsConfig,
			ForceAttemptHTTP2: true,
			DialContext: func(ctx context.Context, _, _ string) (conn net.Conn, err error) {
				for _, endpoint := range m.kubeEndpoints(cfg) {
					if conn, err = m.network.dial(ctx, endpoint); err == nil {
						return conn, nil
					}
				}

				return nil, err
			},
		}},
	}
}

func (c *kubeClient) close() { c.http.CloseIdleConnections() }

func (c *kubeClient) do(ctx context.Context, method, path, contentType string, in, out any) error {
	var body io.Reader

	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}

		body = bytes.NewReader(b)
	}

	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}

	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "kubelet/machine-double")

	if in != nil {
		req.Header.Set("Content-Type", contentType)
	}

	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		if u, ok := err.(*url.Error); ok {
			err = u.Err
		}

		return fmt.Errorf("%s %s: %w", method, c.base+path, err)
	}
	defer resp.Body.Close() //nolint:errcheck

	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}

	if resp.StatusCode >= 300 {
		failed := &apiError{Message: fmt.Sprintf("%s %s: %s", method, path, resp.Status)}
		_ = json.Unmarshal(b, failed)
		failed.Code = resp.StatusCode

		return failed
	}

	if out == nil {
		return nil
	}

	return json.Unmarshal(b, out)
}

func (c *kubeClient) get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, "", nil, out)
}

func (c *kubeClient) create(ctx context.Context, path string, in, out any) error {
	return c.do(ctx, http.MethodPost, path, "application/json", in, out)
}

func (c *kubeClient) update(ctx context.Context, path string, in, out any) error {
	return c.do(ctx, http.MethodPut, path, "application/json", in, out)
}

func (c *kubeClient) patch(ctx context.Context, path string, in any) error {
	return c.do(ctx, http.MethodPatch, path, "application/strategic-merge-patch+json", in, nil)
}
