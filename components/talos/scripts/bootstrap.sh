# Bootstraps etcd, once in a cluster's life, then waits for the Kubernetes API (kubeconfig on stdin). The call is not
# idempotent, but says so: AlreadyExists means that it was done before. Right after boot the machine is not ready for it
# yet, which passes.
. "$(dirname "$0")/library.sh"
until out=$(talos bootstrap 2>&1); do
  case $out in
    *AlreadyExists*) break ;;
    *PermissionDenied* | *Unimplemented* | *InvalidArgument*) fail "bootstrap refused: $out" ;;
  esac
  pause "$unreachable"
done
say "etcd is bootstrapped"
node --require tsx/cjs components/talos/wait-kubernetes.ts
