# What the scripts of this folder share. POSIX sh; sourced, not run.
#
# Secrets come in the environment and on stdin only; temporary files are gone at the end. stdout is what the Command
# keeps in the state, what an operator should read goes to stderr.
#
# Environment: TALOSCONFIG_CONTENT, ENDPOINTS (comma-separated), NODE, MACHINE (its name, for messages), WAIT_SECONDS.

set -eu
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

say() { printf '%s\n' "$MACHINE: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

command -v talosctl >/dev/null 2>&1 ||
  fail "talosctl is not on PATH. Install the version that versions.talos names: https://docs.siderolabs.com/talos"

printf '%s' "$TALOSCONFIG_CONTENT" >"$work/talosconfig"
deadline=$(($(date +%s) + WAIT_SECONDS))
unreachable="The Talos API (port 50000) must be reachable from here: check that the machine is on and that access.adminCidrs has your address."

# talosctl, for this machine.
talos() { talosctl --talosconfig "$work/talosconfig" --endpoints "$ENDPOINTS" --nodes "$NODE" "$@"; }

# Waits a moment before the next try; ends the script when the time is up. $1: what to do about it. $out: last answer.
pause() {
  [ "$(date +%s)" -lt "$deadline" ] || fail "gave up after $WAIT_SECONDS s. $1 Last answer: $out"
  sleep "${PAUSE_SECONDS:-2}"
}

# Takes the machine config from stdin, packed like user data. Ends the script if the machine has it already, which is so
# when the Command runs because of a new client certificate. CONFIG_SHA256 is the config's digest, the Command's stdout
# the last one's.
read_config() {
  base64 -d | gzip -d >"$work/machine.yaml"
  [ "${PULUMI_COMMAND_STDOUT:-}" != "$CONFIG_SHA256" ] || {
    done_with_config
    exit 0
  }
}

done_with_config() { printf '%s' "$CONFIG_SHA256"; }

# Applies the config over the authenticated API. An answer that time will not change ends the script at once.
apply_config() {
  until out=$(talos apply-config --mode auto --file "$work/machine.yaml" 2>&1); do
    case $out in
      *InvalidArgument* | *PermissionDenied* | *Unimplemented*) fail "the machine refused its config: $out" ;;
    esac
    pause "$unreachable"
  done
  say "$out"
}

# After a config that asked for a reboot ($out says so): waits for the API, and on a control plane for etcd, so that the
# next one may go down.
wait_for_reboot() {
  case $out in
    *"with a reboot"*) ;;
    *) return 0 ;;
  esac
  sleep "${REBOOT_SECONDS:-5}"
  while :; do
    if out=$(talos services 2>&1); then
      case $out in
        *etcd*) ! printf '%s' "$out" | grep -Eq 'etcd +Running +OK' || return 0 ;;
        *) return 0 ;;
      esac
    fi
    pause "It did not come back after the reboot that the new config asked for. Look at it with: talosctl -n $NODE dmesg"
  done
}
