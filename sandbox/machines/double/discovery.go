package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// affiliate is what a machine tells the discovery service. Others see it if they are in the same cluster (cluster.id)
// and can decrypt it (cluster.secret).
type affiliate struct {
	Key             string   `json:"key"`
	Hostname        string   `json:"hostname"`
	Type            string   `json:"type"`
	Address         string   `json:"address"`
	Addresses       []string `json:"addresses"`
	Secret          string   `json:"secret"`
	OperatingSystem string   `json:"operatingSystem"`
	// EtcdMember is set once the machine is a member of etcd.
	EtcdMember bool `json:"etcdMember"`
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))

	return hex.EncodeToString(sum[:8])
}

// discovery stands for the discovery service: a directory that all machines of the sandbox share.
type discovery struct{ dir string }

func (d discovery) folder(cfg config.Config) string {
	return filepath.Join(d.dir, digest(cfg.Cluster().ID()))
}

func (d discovery) usable(cfg config.Config) bool {
	return d.dir != "" && cfg != nil && cfg.Cluster().Discovery().Enabled() && cfg.Cluster().Discovery().Registries().Service().Enabled()
}

func (d discovery) publish(cfg config.Config, a affiliate) error {
	if !d.usable(cfg) {
		return nil
	}

	a.Secret = digest(cfg.Cluster().Secret())

	b, err := json.Marshal(a)
	if err != nil {
		return err
	}

	return writeFile(filepath.Join(d.folder(cfg), a.Key+".json"), b)
}

func (d discovery) withdraw(cfg config.Config, key string) {
	if d.usable(cfg) {
		_ = os.Remove(filepath.Join(d.folder(cfg), key+".json"))
	}
}

// members lists the machines of the cluster, control planes first, each group by name.
func (d discovery) members(cfg config.Config) []affiliate {
	if !d.usable(cfg) {
		return nil
	}

	files, _ := filepath.Glob(filepath.Join(d.folder(cfg), "*.json"))

	var out []affiliate

	for _, f := range files {
		var a affiliate

		b, err := os.ReadFile(f)
		if err == nil && json.Unmarshal(b, &a) == nil && a.Secret == digest(cfg.Cluster().Secret()) {
			out = append(out, a)
		}
	}

	slices.SortFunc(out, func(a, b affiliate) int {
		return strings.Compare(a.Type+a.Hostname, b.Type+b.Hostname) // "controlplane" sorts before "worker"
	})

	return out
}
