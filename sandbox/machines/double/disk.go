package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
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
	return errors.Join(d.wipeEphemeral(), d.wipeState(), d.remove(diskVersion))
}

// wipeEphemeral removes what a node gathers while it runs: etcd's data, the kubelet's credentials.
func (d disk) wipeEphemeral() error {
	var failed error
	for _, name := range []string{diskBootstrapped, diskEtcd, diskControlPlane, diskKubelet, diskRecovery} {
		failed = errors.Join(failed, d.removeInUse(name))
	}

	return failed
}

// removeInUse tries again: what still runs may write into a directory while it is being removed.
func (d disk) removeInUse(name string) error {
	var err error
	for range 20 {
		if err = d.remove(name); err == nil {
			return nil
		}

		time.Sleep(10 * time.Millisecond)
	}

	return err
}

// wipeState removes the machine config: the machine waits for another one.
func (d disk) wipeState() error { return errors.Join(d.remove(diskConfig), d.write(diskReset, nil)) }
