package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

const plainImage = "factory.talos.dev/metal-installer/" + vanillaSchematic + ":v1.12.1"

func configWith(t *testing.T, image string, modules ...string) config.Config {
	t.Helper()

	text := "version: v1alpha1\nmachine:\n  type: worker\n  install:\n    image: " + image + "\n  kernel:\n    modules:\n"
	for _, name := range modules {
		text += "      - name: " + name + "\n"
	}

	cfg, err := configloader.NewFromBytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}

	return cfg
}

func TestGPUsReady(t *testing.T) {
	nvidia := []string{"nvidia", "nvidia_uvm"}
	toolkit, open, closed := "nvidia-container-toolkit-lts", "nvidia-open-gpu-kernel-modules-lts", "nonfree-kmod-nvidia-lts"

	for _, c := range []struct {
		name       string
		vendor     string
		driver     string
		openOnly   bool
		extensions []string
		modules    []string
		image      string
		value      string
		reason     string
	}{
		{name: "nvidia", vendor: "nvidia", extensions: []string{toolkit, open}, modules: nvidia, value: `"driver":"nvidia"`},
		{name: "nvidia, disk not known", vendor: "nvidia", modules: nvidia, value: `"vendor":"nvidia"`},
		{name: "nvidia without its modules loaded", vendor: "nvidia", extensions: []string{toolkit, open}, modules: nvidia[:1], reason: "does not load the kernel module nvidia_uvm"},
		{name: "nvidia without modules on the disk", vendor: "nvidia", extensions: []string{toolkit}, modules: nvidia, reason: "no NVIDIA kernel modules"},
		{name: "nvidia without the toolkit", vendor: "nvidia", extensions: []string{open}, modules: nvidia, reason: "no NVIDIA container toolkit"},
		{name: "nvidia of two branches", vendor: "nvidia", extensions: []string{"nvidia-container-toolkit-production", open}, modules: nvidia, reason: "different branches"},
		{name: "nvidia, closed", vendor: "nvidia", extensions: []string{toolkit, closed}, modules: nvidia, value: `"count":2`},
		{name: "Blackwell, closed", vendor: "nvidia", openOnly: true, extensions: []string{toolkit, closed}, modules: nvidia, reason: "needs the open kernel modules"},
		{name: "Blackwell, open", vendor: "nvidia", openOnly: true, extensions: []string{toolkit, open}, modules: nvidia, value: `"model":"X"`},
		{name: "amd", vendor: "amd", extensions: []string{"amdgpu"}, value: `"driver":"amdgpu"`},
		{name: "amd without its extension", vendor: "amd", extensions: []string{"i915"}, modules: []string{"amdgpu"}, reason: "no extension amdgpu"},
		{name: "amd on plain Talos", vendor: "amd", image: plainImage, reason: "does not bring the kernel module amdgpu"},
		{name: "intel's older driver", vendor: "intel", extensions: []string{"i915"}, value: `"driver":"i915"`},
		{name: "intel's newer card with the older driver", vendor: "intel", driver: "xe", extensions: []string{"i915"}, reason: "no extension xe"},
		{name: "intel's newer card", vendor: "intel", driver: "xe", extensions: []string{"xe"}, value: `"driver":"xe"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			image := c.image
			if image == "" {
				image = "factory.talos.dev/metal-installer/abc:v1.12.1"
			}

			m := &machine{opts: options{
				gpuVendor: c.vendor, gpuCount: 2, gpuDriver: c.driver, gpuModel: "X", gpuOpenModulesOnly: c.openOnly, extensions: c.extensions,
			}}
			value, reason := m.gpusReady(configWith(t, image, c.modules...))

			if !strings.Contains(value, c.value) || (value == "") != (c.value == "") {
				t.Errorf("value %q, wanted %q", value, c.value)
			}

			if !strings.Contains(reason, c.reason) || (reason == "") != (c.reason == "") {
				t.Errorf("reason %q, wanted %q", reason, c.reason)
			}
		})
	}
}

func TestNoGPUs(t *testing.T) {
	m := &machine{opts: options{gpuVendor: "nvidia"}}
	if got := fmt.Sprint(m.gpusReady(configWith(t, plainImage, "nvidia", "nvidia_uvm"))); strings.TrimSpace(got) != "" {
		t.Errorf("a machine without GPUs says %q", got)
	}
}
