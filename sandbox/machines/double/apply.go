package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configdiff"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ApplyConfiguration follows machined's, mode by mode.
func (m *machine) ApplyConfiguration(_ context.Context, in *machineapi.ApplyConfigurationRequest) (*machineapi.ApplyConfigurationResponse, error) {
	cfg, warnings, err := m.load(in.Data)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	current := m.config()
	immediate := canApplyImmediate(current, cfg)
	details, mode := "Applied configuration with a reboot", in.Mode

	switch in.Mode {
	case machineapi.ApplyConfigurationRequest_TRY, machineapi.ApplyConfigurationRequest_NO_REBOOT:
		if immediate != nil {
			return nil, status.Error(codes.InvalidArgument, immediate.Error())
		}

		details = "Applied configuration without a reboot"
	case machineapi.ApplyConfigurationRequest_STAGED:
		details = "Staged configuration to be applied after the next reboot"
	case machineapi.ApplyConfigurationRequest_AUTO:
		mode, details = machineapi.ApplyConfigurationRequest_NO_REBOOT, "Applied configuration without a reboot"
		if immediate != nil {
			mode, details = machineapi.ApplyConfigurationRequest_REBOOT, "Applied configuration with a reboot: "+immediate.Error()
		}
	}

	diff, err := configdiff.DiffToString(current, cfg)
	if err != nil {
		return nil, fmt.Errorf("failed to generate diff: %w", err)
	}

	m.events.emit("apply-config", kv{
		"mode": strings.ToLower(mode.String()), "dryRun": in.DryRun, "bytes": len(in.Data), "changed": diff != "",
		"type": cfg.Machine().Type().String(), "warnings": warnings,
	})

	if in.DryRun {
		if diff == "" {
			diff = "No changes."
		}

		details = fmt.Sprintf("Dry run summary:\n%s (skipped in dry-run).\nConfig diff:\n\n%s", details, diff)
	} else if details, err = m.apply(cfg, in, mode, details); err != nil {
		return nil, err
	}

	return &machineapi.ApplyConfigurationResponse{Messages: []*machineapi.ApplyConfiguration{
		{Mode: mode, Warnings: warnings, ModeDetails: details},
	}}, nil
}

func (m *machine) apply(cfg config.Provider, in *machineapi.ApplyConfigurationRequest, mode machineapi.ApplyConfigurationRequest_Mode, details string) (string, error) {
	m.cancelRollback()

	if mode == machineapi.ApplyConfigurationRequest_TRY {
		timeout := constants.ConfigTryTimeout
		if in.TryModeTimeout != nil {
			timeout = in.TryModeTimeout.AsDuration()
		}

		m.rollbackAfter(m.config(), timeout)
		m.activate(cfg)

		return details + fmt.Sprintf("\nThe config is applied in 'try' mode and will be automatically reverted back in %s", timeout), nil
	}

	if err := m.disk.write(diskConfig, in.Data); err != nil {
		return "", err
	}

	switch mode {
	case machineapi.ApplyConfigurationRequest_NO_REBOOT:
		m.activate(cfg)
	case machineapi.ApplyConfigurationRequest_REBOOT:
		m.rebootSoon()
	}

	return details, nil
}

// activate makes the config the one that the machine runs with.
func (m *machine) activate(cfg config.Provider) {
	m.mu.Lock()
	m.cfg = cfg
	m.mu.Unlock()

	m.notify()
}

func (m *machine) rollbackAfter(previous config.Provider, timeout time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.rollback = time.AfterFunc(timeout, func() {
		m.log("config from try mode is reverted")
		m.events.emit("config-reverted", nil)
		m.activate(previous)
	})
}

func (m *machine) cancelRollback() {
	m.mu.Lock()
	defer m.mu.Unlock()

	if m.rollback != nil {
		m.rollback.Stop()
		m.rollback = nil
	}
}

// canApplyImmediate is Talos's rule: these parts of the v1alpha1 document may change without a reboot, no other part
// may; documents of the new kinds always can.
func canApplyImmediate(from, to config.Provider) error {
	current, next := from.RawV1Alpha1(), to.RawV1Alpha1().DeepCopy()

	next.ConfigDebug, next.ClusterConfig = current.ConfigDebug, current.ClusterConfig
	if a, b := current.MachineConfig, next.MachineConfig; a != nil && b != nil {
		keepImmediate(a, b)
	}

	if reflect.DeepEqual(current, next) {
		return nil
	}

	diff, err := configdiff.DiffToString(container.NewV1Alpha1(current), container.NewV1Alpha1(next))
	if err != nil {
		return fmt.Errorf("error calculating diff: %w", err)
	}

	return fmt.Errorf("this config change can't be applied in immediate mode\ndiff:\n%s", diff)
}

func keepImmediate(a, b *v1alpha1.MachineConfig) {
	b.MachineCA, b.MachineAcceptedCAs, b.MachineCertSANs = a.MachineCA, a.MachineAcceptedCAs, a.MachineCertSANs
	b.MachineTime = a.MachineTime //nolint:staticcheck
	b.MachineInstall, b.MachineNetwork = a.MachineInstall, a.MachineNetwork
	b.MachineSysfs, b.MachineSysctls, b.MachineLogging = a.MachineSysfs, a.MachineSysctls, a.MachineLogging
	b.MachineControlPlane, b.MachineKubelet, b.MachineKernel = a.MachineControlPlane, a.MachineKubelet, a.MachineKernel
	b.MachineRegistries = a.MachineRegistries //nolint:staticcheck
	b.MachinePods, b.MachineSeccompProfiles = a.MachinePods, a.MachineSeccompProfiles
	b.MachineNodeAnnotations, b.MachineNodeLabels, b.MachineNodeTaints = a.MachineNodeAnnotations, a.MachineNodeLabels, a.MachineNodeTaints

	if from, to := a.MachineFeatures, b.MachineFeatures; from != nil && to != nil {
		to.KubernetesTalosAPIAccessConfig, to.KubePrismSupport = from.KubernetesTalosAPIAccessConfig, from.KubePrismSupport
		to.HostDNSSupport, to.ImageCacheSupport = from.HostDNSSupport, from.ImageCacheSupport
		to.FeatureNodeAddressSortAlgorithm = from.FeatureNodeAddressSortAlgorithm
	}
}
