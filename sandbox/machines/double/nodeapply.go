package main

import (
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// applyNode is Talos's NodeApplyController: labels, annotations and taints of the config, with those it owns noted in
// annotations so that they go when the config drops them. A control plane does it as administrator, a worker with its
// kubelet's rights: there NodeRestriction has a say, and what it refuses is reported.
func (k *kubelet) applyNode(ctx context.Context, client *kubeClient, cfg config.Config, name string) error {
	if cfg.Machine().Type().IsControlPlane() {
		admin, err := k.adminClient(cfg)
		if err != nil {
			return err
		}
		defer admin.close()

		client = admin
	}

	var node object
	if err := client.get(ctx, nodesPath+"/"+name, &node); err != nil {
		if hasCode(err, 404) {
			return fmt.Errorf("node %q not found: it was deleted; a kubelet registers again only when the machine restarts", name)
		}

		return fmt.Errorf("error getting node: %w", err)
	}

	before, err := json.Marshal(node)
	if err != nil {
		return err
	}

	wanted := maps.Clone(map[string]string(cfg.Machine().NodeLabels()))
	if wanted == nil {
		wanted = map[string]string{}
	}

	if cfg.Machine().Type().IsControlPlane() {
		wanted[constants.LabelNodeRoleControlPlane] = ""
	}

	wantedAnnotations := maps.Clone(map[string]string(cfg.Machine().NodeAnnotations()))
	if wantedAnnotations == nil {
		wantedAnnotations = map[string]string{}
	}

	k.m.extensionPairs(wanted, wantedAnnotations)

	ready, reason := k.m.gpusReady(cfg)
	if ready != "" {
		wantedAnnotations[gpusAnnotation] = ready
	}

	k.logGPUs(reason)

	meta := node["metadata"].(object)
	labels, annotations := child(meta, "labels"), child(meta, "annotations")

	applyPairs(labels, annotations, constants.AnnotationOwnedLabels, wanted)
	applyPairs(annotations, annotations, constants.AnnotationOwnedAnnotations, wantedAnnotations)
	applyTaints(child(node, "spec"), annotations, nodeTaints(cfg))

	var unchanged object
	if err := json.Unmarshal(before, &unchanged); err != nil {
		return err
	}

	after, err := json.Marshal(node)
	if err != nil {
		return err
	}

	var changed object
	if err := json.Unmarshal(after, &changed); err != nil || reflect.DeepEqual(unchanged, changed) {
		return err
	}

	if err := client.update(ctx, nodesPath+"/"+name, node, nil); err != nil && !hasCode(err, 409) {
		return fmt.Errorf("error applying node labels and taints: %w", err)
	}

	return nil
}

// extensionPairs is what Talos says of its image on the node: each extension as a label, the schematic, too long for a
// label, as an annotation. An extension's own version is not known here: it has the version of Talos that it was built for.
func (m *machine) extensionPairs(labels, annotations map[string]string) {
	for _, name := range m.opts.extensions {
		labels[constants.K8sExtensionPrefix+name] = m.opts.version
	}

	if m.opts.schematic != "" {
		annotations[constants.K8sExtensionPrefix+"schematic"] = m.opts.schematic
	}
}

func (k *kubelet) adminClient(cfg config.Config) (*kubeClient, error) {
	kp, err := issue(cfg.Cluster().IssuingCA(), time.Hour, stdx509.KeyUsageDigitalSignature|stdx509.KeyUsageKeyEncipherment,
		stdx509.ExtKeyUsageClientAuth, x509.CommonName("talos:admin"), x509.Organization(constants.KubernetesAdminCertOrganization))
	if err != nil {
		return nil, err
	}

	crt, err := tls.X509KeyPair(kp.CrtPEM, kp.KeyPEM)
	if err != nil {
		return nil, err
	}

	return k.m.kubeClient(cfg, &crt, ""), nil
}

func child(o object, name string) object {
	c, ok := o[name].(object)
	if !ok {
		c = object{}
		o[name] = c
	}

	return c
}

func owned(annotations object, key string) map[string]bool {
	var names []string

	s, _ := annotations[key].(string)
	_ = json.Unmarshal([]byte(s), &names)

	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}

	return out
}

func noteOwned(annotations object, key string, names map[string]bool) {
	if len(names) == 0 {
		delete(annotations, key)

		return
	}

	b, _ := json.Marshal(slices.Sorted(maps.Keys(names)))
	annotations[key] = string(b)
}

// applyPairs sets what is wanted, leaves alone what someone else has set, and removes what was ours and is not wanted.
func applyPairs(have, annotations object, note string, wanted map[string]string) {
	mine := owned(annotations, note)

	for key, value := range wanted {
		current, exists := have[key]
		if !exists || current == value || mine[key] {
			have[key] = value
			mine[key] = true
		}
	}

	for key := range mine {
		if _, ok := wanted[key]; !ok {
			delete(have, key)
			delete(mine, key)
		}
	}

	noteOwned(annotations, note, mine)
}

type taint struct{ key, value, effect string }

func nodeTaints(cfg config.Config) []taint {
	var out []taint
	if cfg.Machine().Type().IsControlPlane() && !cfg.Cluster().ScheduleOnControlPlanes() {
		out = append(out, taint{constants.LabelNodeRoleControlPlane, "", "NoSchedule"})
	}

	given := cfg.Machine().NodeTaints()
	for _, key := range slices.Sorted(maps.Keys(given)) {
		value, effect, found := strings.Cut(given[key], ":")
		if !found {
			value, effect = "", value
		}

		out = append(out, taint{key, value, effect})
	}

	return out
}

func applyTaints(spec, annotations object, wanted []taint) {
	mine := owned(annotations, constants.AnnotationOwnedTaints)
	have, _ := spec["taints"].([]any)

	for _, w := range wanted {
		i := slices.IndexFunc(have, func(t any) bool { return t.(object)["key"] == w.key })
		next := object{"key": w.key, "effect": w.effect}

		if w.value != "" {
			next["value"] = w.value
		}

		switch {
		case i < 0:
			have = append(have, next)
			mine[w.key] = true
		case mine[w.key] && !reflect.DeepEqual(have[i], next):
			have[i] = next
		case reflect.DeepEqual(have[i], next):
			mine[w.key] = true
		}
	}

	have = slices.DeleteFunc(have, func(t any) bool {
		key, _ := t.(object)["key"].(string)
		gone := mine[key] && !slices.ContainsFunc(wanted, func(w taint) bool { return w.key == key })

		if gone {
			delete(mine, key)
		}

		return gone
	})

	if len(have) > 0 {
		spec["taints"] = have
	} else {
		delete(spec, "taints")
	}

	noteOwned(annotations, constants.AnnotationOwnedTaints, mine)
}
