# Gives a dedicated machine back to maintenance mode, without its config and data. A machine that does not answer must
# not hold up a destroy: that is said, with what to do, and counts as done.
. "$(dirname "$0")/library.sh"
if out=$(talos reset --graceful=false --reboot --wait=false --system-labels-to-wipe STATE,EPHEMERAL 2>&1); then
  # It answers for a moment longer. Who configures it in that moment configures what is about to be wiped.
  while [ "$(date +%s)" -lt "$deadline" ] && talos version >/dev/null 2>&1; do sleep "${PAUSE_SECONDS:-2}"; done
  say "reset; it comes back in maintenance mode"
else
  say "could not be reset ($out). If it still runs, install it again before you use it elsewhere: it keeps its data and its certificates."
fi
