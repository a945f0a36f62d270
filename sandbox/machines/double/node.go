package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

const (
	nodesPath = "/api/v1/nodes"
	// kwokAnnotation makes kwok play the pods of this node.
	kwokAnnotation     = "kwok.x-k8s.io/node"
	uninitializedTaint = "node.cloudprovider.kubernetes.io/uninitialized"
)

func externalCloud(cfg config.Config) bool {
	return cfg.Cluster().ExternalCloudProvider().Enabled() || cfg.Machine().Kubelet().ExtraArgs()["cloud-provider"] == "external"
}

// node is the Node object that the kubelet registers.
func (k *kubelet) node(cfg config.Config, name, ip string) (object, error) {
	capacity, allocatable, err := k.m.nodeResources(cfg)
	if err != nil {
		return nil, err
	}

	arch := k.m.goArchitecture()
	labels := object{
		"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": arch,
		"beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": arch,
	}

	args := cfg.Machine().Kubelet().ExtraArgs()
	for _, pair := range strings.Split(args["node-labels"], ",") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			labels[key] = value
		}
	}

	annotations := object{kwokAnnotation: "fake", "volumes.kubernetes.io/controller-managed-attach-detach": "true"}
	spec := object{"taints": registrationTaints(cfg)}

	if externalCloud(cfg) {
		annotations["alpha.kubernetes.io/provided-node-ip"] = ip
	}

	if id := args["provider-id"]; id != "" {
		spec["providerID"] = id
	}

	return object{
		"apiVersion": "v1", "kind": "Node",
		"metadata": object{"name": name, "labels": labels, "annotations": annotations},
		"spec":     spec,
		"status": object{
			"capacity": capacity, "allocatable": allocatable,
			"addresses":       []object{{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": name}},
			"daemonEndpoints": object{"kubeletEndpoint": object{"Port": 10250}},
			"nodeInfo": object{
				"architecture": arch, "operatingSystem": "linux", "osImage": "Talos (" + k.m.version() + ")",
				"kernelVersion": constants.DefaultKernelVersion, "containerRuntimeVersion": "containerd://2.1.5",
				"kubeletVersion": imageTag(cfg.Machine().Kubelet().Image()), "kubeProxyVersion": "",
				"machineID": digest(k.m.opts.key), "systemUUID": digest(k.m.opts.key), "bootID": digest(k.m.booted.String()),
			},
		},
	}, nil
}

func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")

	return image[strings.LastIndex(image, ":")+1:]
}

// registrationTaints are set once, when the node registers: a kubelet may not change taints afterwards.
func registrationTaints(cfg config.Config) []object {
	taints := []object{}
	add := func(t object) {
		for _, known := range taints {
			if known["key"] == t["key"] {
				return
			}
		}

		taints = append(taints, t)
	}

	if given, ok := cfg.Machine().Kubelet().ExtraConfig()["registerWithTaints"].([]any); ok {
		for _, t := range given {
			if taint, ok := t.(map[string]any); ok {
				add(taint)
			}
		}
	}

	for _, s := range strings.Split(cfg.Machine().Kubelet().ExtraArgs()["register-with-taints"], ",") {
		if key, rest, ok := strings.Cut(s, "="); ok {
			value, effect, _ := strings.Cut(rest, ":")
			add(object{"key": key, "value": value, "effect": effect})
		}
	}

	if cfg.Machine().Type().IsControlPlane() && !cfg.Cluster().ScheduleOnControlPlanes() {
		add(object{"key": constants.LabelNodeRoleControlPlane, "effect": "NoSchedule"})
	}

	if externalCloud(cfg) {
		add(object{"key": uninitializedTaint, "value": "true", "effect": "NoSchedule"})
	}

	return taints
}

// register creates the node once in a boot. A node that is there already, from an earlier boot, is kept.
func (k *kubelet) register(ctx context.Context, client *kubeClient, node object, name string) error {
	k.mu.Lock()
	registered := k.registered
	k.mu.Unlock()

	if registered {
		return nil
	}

	err := client.create(ctx, nodesPath, node, nil)
	if err != nil && !hasCode(err, 409) {
		return fmt.Errorf("kubelet: Unable to register node %q with API server: %w", name, err)
	}

	if hasCode(err, 409) { // as tryRegisterWithAPIServer: the default labels and our annotation are put right
		meta := node["metadata"].(object)
		if err := client.patch(ctx, nodesPath+"/"+name, object{"metadata": object{
			"labels": meta["labels"], "annotations": object{kwokAnnotation: "fake"},
		}}); err != nil {
			return fmt.Errorf("kubelet: node %q: %w", name, err)
		}
	}

	k.mu.Lock()
	k.registered = true
	k.mu.Unlock()

	return nil
}

// reportStatus sends the status when it changed, and every few minutes.
func (k *kubelet) reportStatus(ctx context.Context, client *kubeClient, cfg config.Config, node object, name string) error {
	ready, err := k.networkReady(ctx, client, cfg, name)
	if err != nil {
		return err
	}

	status := node["status"].(object)

	b, err := json.Marshal(object{"status": status, "ready": ready})
	if err != nil {
		return err
	}

	k.mu.Lock()
	fresh := string(b) == k.lastStatus && time.Since(k.reported) < statusEvery
	k.mu.Unlock()

	if fresh {
		return nil
	}

	if externalCloud(cfg) {
		delete(status, "addresses") // the cloud controller's from now on
	}

	status["conditions"] = conditions(ready)

	if err := client.patch(ctx, nodesPath+"/"+name+"/status", object{"status": status}); err != nil {
		if hasCode(err, 404) {
			return fmt.Errorf("node %q not found: it was deleted; a kubelet registers again only when the machine restarts", name)
		}

		return err
	}

	k.mu.Lock()
	k.lastStatus, k.reported = string(b), time.Now()
	k.mu.Unlock()

	return nil
}

func conditions(networkReady bool) []object {
	now := time.Now().UTC().Format(time.RFC3339)
	condition := func(kind, status, reason, message string) object {
		return object{"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": now, "lastTransitionTime": now}
	}

	ready := condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
	if !networkReady {
		ready = condition("Ready", "False", "KubeletNotReady",
			"container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized")
	}

	return []object{
		condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		ready,
	}
}

// networkReady looks for a running pod on this node that installs a CNI plugin, if the host asked for that.
func (k *kubelet) networkReady(ctx context.Context, client *kubeClient, cfg config.Config, name string) (bool, error) {
	if !k.m.opts.waitForCNI || cfg.Cluster().Network().CNI().Name() != "none" {
		return true, nil
	}

	var pods struct {
		Items []struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				Volumes []struct{ HostPath struct{ Path string } }
			}
			Status struct{ Phase string }
		}
	}

	if err := client.get(ctx, "/api/v1/pods?fieldSelector=spec.nodeName%3D"+name, &pods); err != nil {
		return false, err
	}

	for _, pod := range pods.Items {
		if pod.Status.Phase != "Running" {
			continue
		}

		if pod.Metadata.Labels["k8s-app"] == "cilium" {
			return true, nil
		}

		for _, v := range pod.Spec.Volumes {
			if strings.HasPrefix(v.HostPath.Path, "/etc/cni") || strings.HasPrefix(v.HostPath.Path, "/opt/cni") {
				return true, nil
			}
		}
	}

	return false, nil
}
