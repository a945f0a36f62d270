package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

const (
	mebibyte = 1 << 20
	gibibyte = 1 << 30
)

// hardware is what the operating system sees of the machine.
type hardware struct {
	milliCPU     int64
	memoryBytes  int64
	storageBytes int64
}

// hardware turns the server type's figures into what Linux reports: firmware and kernel keep a part of the memory
// (a "4 GB" machine reports about 3.7 GiB), a disk's GB are decimal, and Talos's own partitions take 2.3 GiB.
func (m *machine) hardware() hardware {
	return hardware{
		milliCPU:     int64(m.opts.cores * 1000),
		memoryBytes:  int64(math.Max(m.opts.memoryGiB*gibibyte*0.96-118*mebibyte, 256*mebibyte)),
		storageBytes: int64(math.Max(m.opts.diskGiB*1.024e9-2.3*gibibyte, gibibyte)),
	}
}

// quantity parses what a kubelet config has: 50m, 384Mi, 1Gi, 100, 10%. The result of "cpu" is in thousandths.
func quantity(s string, whole int64) (int64, error) {
	if p, ok := strings.CutSuffix(s, "%"); ok {
		f, err := strconv.ParseFloat(p, 64)

		return int64(f / 100 * float64(whole)), err
	}

	units := []struct {
		suffix string
		factor float64
	}{
		{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40},
		{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"m", 1e-3}, {"", 1},
	}
	for _, u := range units {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			f, err := strconv.ParseFloat(number, 64)
			if err != nil {
				return 0, fmt.Errorf("quantities must match the form 500m, 2, 512Mi, 10Gi: %q", s)
			}

			return int64(math.Ceil(f * u.factor)), nil
		}
	}

	return 0, fmt.Errorf("not a quantity: %q", s)
}

func milli(s string) (int64, error) {
	if number, ok := strings.CutSuffix(s, "m"); ok {
		return strconv.ParseInt(number, 10, 64)
	}

	f, err := strconv.ParseFloat(s, 64)

	return int64(f * 1000), err
}

// reservation is one of the kubelet config's maps of resource to quantity.
func reservation(extra map[string]any, name string) map[string]string {
	out := map[string]string{}

	given, _ := extra[name].(map[string]any)
	for k, v := range given {
		out[k] = fmt.Sprint(v)
	}

	return out
}

// resources are the node's capacity and allocatable, as a kubelet with this config reports them.
func (m *machine) nodeResources(cfg config.Config) (capacity, allocatable map[string]string, err error) {
	hw := m.hardware()
	extra := cfg.Machine().Kubelet().ExtraConfig()
	system, kube, evict := reservation(extra, "systemReserved"), reservation(extra, "kubeReserved"), reservation(extra, "evictionHard")

	if len(system) == 0 {
		system = map[string]string{
			"cpu": constants.KubeletSystemReservedCPU, "memory": constants.KubeletSystemReservedMemoryWorker,
			"ephemeral-storage": constants.KubeletSystemReservedEphemeralStorage,
		}
		if cfg.Machine().Type().IsControlPlane() {
			system["memory"] = constants.KubeletSystemReservedMemoryControlPlane
		}
	}

	if len(evict) == 0 {
		evict = map[string]string{"memory.available": "100Mi", "nodefs.available": "10%"}
	}

	cpu, memory, storage := hw.milliCPU, hw.memoryBytes, hw.storageBytes

	for _, reserved := range []map[string]string{system, kube} {
		if s, ok := reserved["cpu"]; ok {
			n, err := milli(s)
			if err != nil {
				return nil, nil, fmt.Errorf("kubelet: reserved cpu: %w", err)
			}

			cpu -= n
		}

		for name, left := range map[string]*int64{"memory": &memory, "ephemeral-storage": &storage} {
			if err := subtract(left, reserved[name], 0); err != nil {
				return nil, nil, fmt.Errorf("kubelet: reserved %s: %w", name, err)
			}
		}
	}

	if err := subtract(&memory, evict["memory.available"], hw.memoryBytes); err != nil {
		return nil, nil, fmt.Errorf("kubelet: evictionHard memory.available: %w", err)
	}

	if err := subtract(&storage, evict["nodefs.available"], hw.storageBytes); err != nil {
		return nil, nil, fmt.Errorf("kubelet: evictionHard nodefs.available: %w", err)
	}

	if cpu <= 0 || memory <= 0 || storage <= 0 {
		return nil, nil, fmt.Errorf("kubelet: the reserved resources are more than the machine has (%s cores, %s GiB)",
			fmt.Sprint(m.opts.cores), fmt.Sprint(m.opts.memoryGiB))
	}

	pods := "110"
	if n, ok := extra["maxPods"]; ok {
		pods = fmt.Sprint(n)
	}

	capacity = map[string]string{
		"cpu": fmt.Sprintf("%dm", hw.milliCPU), "memory": fmt.Sprintf("%dKi", hw.memoryBytes/1024),
		"ephemeral-storage": fmt.Sprintf("%dKi", hw.storageBytes/1024), "pods": pods, "hugepages-1Gi": "0", "hugepages-2Mi": "0",
	}
	allocatable = map[string]string{
		"cpu": fmt.Sprintf("%dm", cpu), "memory": fmt.Sprintf("%dKi", memory/1024),
		"ephemeral-storage": fmt.Sprint(storage), "pods": pods, "hugepages-1Gi": "0", "hugepages-2Mi": "0",
	}

	return capacity, allocatable, nil
}

func subtract(left *int64, s string, whole int64) error {
	if s == "" {
		return nil
	}

	n, err := quantity(s, whole)
	*left -= n

	return err
}
