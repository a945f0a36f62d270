package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is the machine's disk: one directory. A reset empties it, but for what belongs to the hardware.
type disk struct{ dir string }

const (
	diskConfig       = "config.yaml"
	diskBootstrapped = "bootstrapped"
	diskVersion      = "version"
	diskEtcd         = "etcd-joined"
	diskControlPlane = "control-plane"
	diskKubelet      = "kubelet"
	diskMaintenance  = "maintenance.pem"
	diskReset        = "reset"
)

func (d disk) path(name string) string { return filepath.Join(d.dir, name) }

func (d disk) has(name string) bool {
	_, err := os.Stat(d.path(name))

	return err == nil
}

// read returns nil for a file that is not there.
func (d disk) read(name string) ([]byte, error) {
	b, err := os.ReadFile(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}

	return b, err
}

// write replaces the file in one step, readable by its owner alone: most of what is on this disk is secret.
func (d disk) write(name string, content []byte) error {
	return writeFile(d.path(name), content)
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}

	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}

	return os.Rename(temporary, path)
}

func (d disk) remove(name string) error { return os.RemoveAll(d.path(name)) }

// wipe is what a reset does to the system disk. The user data does not count any more afterwards for a machine that
// was reset, so that is noted.
func (d disk) wipe() error {
	for _, name := range []string{diskConfig, diskBootstrapped, diskEtcd, diskControlPlane, diskKubelet, diskVersion} {
		if err := d.remove(name); err != nil {
			return err
		}
	}

	return d.write(diskReset, nil)
}
