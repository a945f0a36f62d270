package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// network is the simulated network: addresses of the cloud network exist only as data, and this maps them to loopback.
type network struct {
	netmap string
	// member resolves host names of other machines, as Talos's host DNS does.
	member func(name string) (string, bool)
}

// resolve returns the loopback address behind an address or a host name of the simulated network.
func (n *network) resolve(host string) (string, error) {
	table := map[string]string{}

	if n.netmap != "" {
		b, err := os.ReadFile(n.netmap)
		if err == nil {
			err = json.Unmarshal(b, &table)
		}

		if err != nil && !os.IsNotExist(err) {
			return "", fmt.Errorf("network map %s: %w", n.netmap, err)
		}
	}

	if to, ok := table[strings.TrimSuffix(host, ".")]; ok {
		return to, nil
	}

	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return host, nil
	}

	if n.member != nil {
		if to, ok := n.member(host); ok {
			return to, nil
		}
	}

	if _, err := netip.ParseAddr(host); err == nil {
		return "", fmt.Errorf("dial %s: no route to host (no machine and no load balancer has this address)", host)
	}

	if host == "localhost" {
		return "127.0.0.1", nil
	}

	return "", fmt.Errorf("lookup %s: no such host", host)
}

// dial connects to an address as it is written in a config.
func (n *network) dial(ctx context.Context, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}

	to, err := n.resolve(host)
	if err != nil {
		return nil, err
	}

	d := net.Dialer{Timeout: 5 * time.Second}

	return d.DialContext(ctx, "tcp", net.JoinHostPort(to, port))
}
