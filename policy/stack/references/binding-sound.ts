import type { Props, StackRule, StackView } from "../../framework/rule";
import { type Model, modelOf, type Thing } from "../model/model";
import { madeByOperators } from "./made";

const group = "rbac.authorization.k8s.io";

/** Kubernetes' own roles. */
const builtIn = /^(cluster-admin|admin|edit|view|system:.*)$/;

/** The Roles that the API server itself makes, in the system's namespaces. */
const builtInRoles = /^kube-(system|public)\/(extension-apiserver-authentication-reader|system:.*)$/;

type Made = ReturnType<typeof madeByOperators>;

function subjectsMissing({ subject, namespace }: Thing, model: Model, made: Made): string[] {
  return ((subject.props.subjects ?? []) as Props[])
    .filter(({ kind }) => kind === "ServiceAccount")
    .map((account) => ({ name: String(account.name), inNamespace: String(account.namespace ?? namespace) }))
    .filter(
      ({ name, inNamespace }) =>
        name !== "default" &&
        model.find("core", "ServiceAccount", inNamespace, name) === undefined &&
        !made.has("ServiceAccount", inNamespace, name) &&
        !inNamespace.startsWith("kube-") &&
        !model.mayHaveMore(inNamespace),
    )
    .map(({ name, inNamespace }) => `it binds ServiceAccount ${inNamespace}/${name}, which nothing makes`);
}

function roleMissing({ subject, namespace }: Thing, model: Model, { unseen }: StackView): string[] {
  const { kind = "ClusterRole", name = "" } = subject.props.roleRef ?? {};
  if (kind === "ClusterRole") {
    return builtIn.test(name) || unseen.length > 0 || model.find(group, kind, "", name) !== undefined
      ? []
      : [`it binds ClusterRole ${name}, which nothing makes`];
  }
  return builtInRoles.test(`${namespace}/${name}`) ||
    model.find(group, kind, namespace, name) !== undefined ||
    model.mayHaveMore(namespace)
    ? []
    : [`it binds Role ${namespace}/${name}, which nothing makes`];
}

export const bindingSound: StackRule = {
  name: "binding-sound",
  description:
    "Every binding binds a role that there is to an account that there is: else it waits for whoever takes the name.",
  severity: "medium",
  level: "mandatory",
  remediation: "Correct the name, or delete the binding.",
  check: (stack) => {
    const model = modelOf(stack);
    const made = madeByOperators(model, stack);
    return (
      ["RoleBinding", "ClusterRoleBinding"]
        .flatMap((kind) => model.ofKind(group, kind))
        // A chart's own are its authors' to test, and its operator may make the rest.
        .filter(({ subject }) => subject.rendered === undefined)
        .flatMap((thing) => {
          const { subject } = thing;
          const wrong = stack.read(subject, () => [
            ...subjectsMissing(thing, model, made),
            ...roleMissing(thing, model, stack),
          ]);
          return (wrong ?? []).map((message) => ({ subject, message }));
        })
    );
  },
};
