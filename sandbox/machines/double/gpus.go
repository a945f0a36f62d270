package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// gpusAnnotation says on the node which GPUs its machine has ready for a device plugin. A kubelet knows of no GPU before
// the vendor's plugin registers it, so it is no capacity: whoever plays the plugin makes that of it.
const gpusAnnotation = "sandbox.orrery.dev/gpus"

// vanillaSchematic is the image factory's schematic without any extension.
const vanillaSchematic = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"

var usualDriver = map[string]string{"nvidia": "nvidia", "amd": "amdgpu", "intel": "i915"}

// gpusReady is the annotation's value, or why the machine's GPUs are not usable; both "" where it has none.
func (m *machine) gpusReady(cfg config.Config) (value, reason string) {
	if m.opts.gpuCount == 0 {
		return "", ""
	}

	driver := m.opts.gpuDriver
	if driver == "" {
		driver = usualDriver[m.opts.gpuVendor]
	}

	if reason := m.driverMissing(cfg, driver); reason != "" {
		return "", fmt.Sprintf("%d %s GPU(s) are not usable: %s", m.opts.gpuCount, m.opts.gpuVendor, reason)
	}

	b, _ := json.Marshal(struct {
		Vendor    string `json:"vendor"`
		Model     string `json:"model,omitempty"`
		Count     int    `json:"count"`
		MemoryMiB int    `json:"memoryMiB,omitempty"`
		Driver    string `json:"driver"`
	}{m.opts.gpuVendor, m.opts.gpuModel, m.opts.gpuCount, m.opts.gpuMemoryMiB, driver})

	return string(b), ""
}

// driverMissing is why Linux does not drive the GPUs, "" where it does. NVIDIA's modules must be listed; the others load by
// themselves once a system extension brings them.
func (m *machine) driverMissing(cfg config.Config, driver string) string {
	var modules []string
	for _, module := range cfg.Machine().Kernel().Modules() {
		modules = append(modules, module.Name())
	}

	if m.opts.gpuVendor == "nvidia" {
		for _, name := range []string{"nvidia", "nvidia_uvm"} {
			if !slices.Contains(modules, name) {
				return "the machine config does not load the kernel module " + name
			}
		}

		return m.nvidiaExtensionsWrong()
	}

	image := cfg.Machine().Install().Image()
	extended := strings.Contains(image, "installer/") && !strings.Contains(image, vanillaSchematic) || len(cfg.Machine().Install().Extensions()) > 0

	switch {
	case len(m.opts.extensions) > 0 && !slices.Contains(m.opts.extensions, driver):
		return "the image on the disk has no extension " + driver
	case len(m.opts.extensions) == 0 && !extended && !slices.Contains(modules, driver):
		return "the machine config does not bring the kernel module " + driver
	default:
		return ""
	}
}

// nvidiaExtensionsWrong is what is wrong with NVIDIA's extensions on the disk, "" where they are right or not known.
func (m *machine) nvidiaExtensionsWrong() string {
	if len(m.opts.extensions) == 0 {
		return ""
	}

	branchOf := func(prefix string) (string, bool) {
		for _, name := range m.opts.extensions {
			if branch, ok := strings.CutPrefix(name, prefix); ok {
				return branch, true
			}
		}

		return "", false
	}

	toolkit, hasToolkit := branchOf("nvidia-container-toolkit-")
	open, hasOpen := branchOf("nvidia-open-gpu-kernel-modules-")
	closed, hasClosed := branchOf("nonfree-kmod-nvidia-")

	switch {
	case !hasOpen && !hasClosed:
		return "the image on the disk has no NVIDIA kernel modules"
	case !hasToolkit:
		return "the image on the disk has no NVIDIA container toolkit"
	case hasOpen && open != toolkit || !hasOpen && closed != toolkit:
		return "NVIDIA's container toolkit and kernel modules are of different branches"
	case m.opts.gpuOpenModulesOnly && !hasOpen:
		return "NVRM: No devices found: this GPU needs the open kernel modules"
	default:
		return ""
	}
}

// logGPUs says once why GPUs are not usable, and again when the reason is another one.
func (k *kubelet) logGPUs(reason string) {
	k.mu.Lock()
	known := k.gpusWrong
	k.gpusWrong = reason
	k.mu.Unlock()

	if reason != "" && reason != known {
		k.m.log("%s", reason)
	}
}
