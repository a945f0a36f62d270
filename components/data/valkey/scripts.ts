/**
 * The shell scripts of the pods. Environment: HOST is the pod's own name, SERVERS the names of all, QUORUM how many
 * Sentinels must agree (0: there are none), CLI_TLS the options of the client for TLS, CHECK_SECONDS how often they look
 * for changes.
 */

export const commonScript = `set -eu
CONFIG=/etc/valkey USERS=/etc/valkey-users CREDENTIALS=/etc/valkey-credentials
CERTIFICATES=/etc/valkey-certificates RUN=/run/valkey DATA=/data

# The client as one of the servers' own users; the password is on no command line.
as() {
  user=$1 host=$2 port=$3
  shift 3
  REDISCLI_AUTH=$(cat "$CREDENTIALS/$user") \\
    timeout 3 valkey-cli $CLI_TLS --no-auth-warning --user "orrery-$user" -h "$host" -p "$port" "$@"
}

# All users of the servers, or of the Sentinels, in one file; true when it has changed. A file that does not switch off
# the default user would let anybody in.
gather_users() {
  cat "$USERS"/*."$1".acl > "$RUN/$1.acl.next" || return 1
  grep -q '^user default reset off' "$RUN/$1.acl.next" || return 1
  if cmp -s "$RUN/$1.acl.next" "$RUN/$1.acl"; then return 1; fi
  mv "$RUN/$1.acl.next" "$RUN/$1.acl"
}

certificate() {
  cat "$CERTIFICATES/tls.crt" 2> /dev/null | cksum
}

is_server() {
  case " $SERVERS " in *" $1 "*) [ -n "$1" ] ;; *) return 1 ;; esac
}

# The primary, as the Sentinel of one server names it.
named_by() {
  named=$(as admin "$1" 26379 sentinel get-master-addr-by-name primary 2> /dev/null | head -n 1)
  is_server "$named" && echo "$named"
}

# What most of the other Sentinels name, if they agree.
agreed() {
  [ "$QUORUM" -gt 0 ] || return 1
  for host in $SERVERS; do
    if [ "$host" != "$HOST" ]; then named_by "$host" || true; fi
  done | sort | uniq -c | while read -r count name; do
    if [ "$count" -ge "$QUORUM" ]; then echo "$name"; fi
  done | grep .
}

# Whom to begin with: as another Sentinel names it, as it was last known here, or the first server.
primary() {
  if [ "$QUORUM" -gt 0 ]; then
    for host in $SERVERS; do
      if [ "$host" != "$HOST" ] && named_by "$host"; then return; fi
    done
    known=$(cat "$DATA/primary" 2> /dev/null || true)
    if is_server "$known"; then
      echo "$known"
      return
    fi
  fi
  echo "\${SERVERS%% *}"
}

# Sleeps in a way that a signal ends at once.
pause() {
  sleep "$1" &
  wait $! || true
}
`;

export const serverScript = `. /etc/valkey/common.sh

role() {
  as admin "$HOST" 6379 role 2> /dev/null | head -n 1
}

others_have_keys() {
  for host in $SERVERS; do
    if [ "$host" = "$HOST" ]; then continue; fi
    keys=$(as admin "$host" 6379 dbsize 2> /dev/null || true)
    case "$keys" in '' | 0 | *[!0-9]*) ;; *) return 0 ;; esac
  done
  return 1
}

# An append-only file is all that a start reads. One that was taken away on purpose, so that the hourly copy is read
# instead, is begun with that copy.
if [ ! -d "$DATA/appendonlydir" ] && [ -f "$DATA/dump.rdb" ]; then
  mkdir "$DATA/appendonlydir.new"
  cp "$DATA/dump.rdb" "$DATA/appendonlydir.new/appendonly.aof.1.base.rdb"
  echo "file appendonly.aof.1.base.rdb seq 1 type b" > "$DATA/appendonlydir.new/appendonly.aof.manifest"
  mv "$DATA/appendonlydir.new" "$DATA/appendonlydir"
fi

from=$(primary)
# A primary that comes back without its data would have the replicas throw away theirs: it waits until one of them has
# taken over.
while [ "$from" = "$HOST" ] && [ ! -d "$DATA/appendonlydir" ] && [ "$QUORUM" -gt 0 ] && others_have_keys; do
  echo "the data is gone here and not elsewhere: waiting for another primary"
  pause 2
  from=$(primary)
done

umask 077
gather_users server || true
{
  cat "$CONFIG/valkey.conf"
  if [ "$QUORUM" -gt 0 ]; then
    echo "masterauth $(cat "$CREDENTIALS/replication")"
    echo "replica-announce-ip $HOST"
  fi
  if [ "$from" != "$HOST" ]; then echo "replicaof $from 6379"; fi
} > "$RUN/valkey.conf"

valkey-server "$RUN/valkey.conf" &
server=$!

# Asked to stop, a primary lets another one take over first; it takes no writes meanwhile, so that none is lost.
hand_over() {
  if [ "$QUORUM" -eq 0 ] || [ "$(role)" != master ]; then return; fi
  as admin "$HOST" 6379 client pause 15000 write > /dev/null || return
  for host in $SERVERS; do
    if [ "$host" = "$HOST" ]; then continue; fi
    if [ "$(as admin "$host" 26379 sentinel failover primary 2> /dev/null)" = OK ]; then
      for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        next=$(named_by "$host" || true)
        if [ -n "$next" ] && [ "$next" != "$HOST" ]; then return; fi
        sleep 1
      done
    fi
  done
}
stop() {
  trap '' TERM INT
  hand_over || true
  kill -TERM "$server" 2> /dev/null || true
  wait "$server" || true
  exit 0
}
trap stop TERM INT

shown=$(certificate) astray=0
while kill -0 "$server" 2> /dev/null; do
  pause "\${CHECK_SECONDS:-10}"
  if gather_users server; then as admin "$HOST" 6379 acl load || true; fi
  now=$(certificate)
  if [ "$now" != "$shown" ]; then
    if as admin "$HOST" 6379 config set tls-cert-file "$CERTIFICATES/tls.crt" tls-key-file "$CERTIFICATES/tls.key"; then
      shown=$now
    fi
  fi
  if [ "$QUORUM" -eq 0 ]; then continue; fi
  if known=$(named_by "$HOST") && [ "$known" != "$(cat "$DATA/primary" 2> /dev/null)" ]; then
    echo "$known" > "$DATA/primary.next" && mv "$DATA/primary.next" "$DATA/primary"
  fi
  # After everything was down at once, one that was away before may believe that it is still the primary.
  if other=$(agreed) && [ "$other" != "$HOST" ] && [ "$(role)" = master ]; then astray=$((astray + 1)); else astray=0; fi
  if [ "$astray" -ge 3 ]; then
    echo "the others follow $other: so does this one"
    as admin "$HOST" 6379 replicaof "$other" 6379 && astray=0
  fi
done
wait "$server"
`;

export const sentinelScript = `. /etc/valkey/common.sh

umask 077
gather_users sentinel || true
{
  cat "$CONFIG/sentinel.conf"
  # The same identity after every start: the others would count an old one among the voters for ever.
  echo "sentinel myid $(printf %s "$HOST" | sha1sum | cut -c 1-40)"
  echo "sentinel announce-ip $HOST"
  echo "sentinel sentinel-user orrery-sentinel"
  echo "sentinel sentinel-pass $(cat "$CREDENTIALS/sentinel")"
  echo "sentinel monitor primary $(primary) 6379 $QUORUM"
  echo "sentinel auth-user primary orrery-sentinel"
  echo "sentinel auth-pass primary $(cat "$CREDENTIALS/sentinel")"
  echo "sentinel down-after-milliseconds primary 5000"
  echo "sentinel failover-timeout primary 15000"
  echo "sentinel parallel-syncs primary 1"
} > "$RUN/sentinel.conf"

valkey-server "$RUN/sentinel.conf" --sentinel &
sentinel=$!
stop() {
  kill -TERM "$sentinel" 2> /dev/null || true
  wait "$sentinel" || true
  exit 0
}
trap stop TERM INT

shown=$(certificate) astray=0
while kill -0 "$sentinel" 2> /dev/null; do
  pause "\${CHECK_SECONDS:-10}"
  if gather_users sentinel; then as admin "$HOST" 26379 acl load || true; fi
  # A Sentinel reads a certificate at its start only, and may start again at any time.
  if [ "$(certificate)" != "$shown" ]; then stop; fi
  if other=$(agreed) && mine=$(named_by "$HOST") && [ "$other" != "$mine" ]; then astray=$((astray + 1)); else astray=0; fi
  if [ "$astray" -ge 3 ]; then stop; fi
done
wait "$sentinel"
`;

/** A replica is ready when it is in sync: a rolling update waits for it. */
export const readyScript = `. /etc/valkey/common.sh
state=$(as admin "$HOST" 6379 info replication)
case "$state" in
  *role:master*) [ "$(as admin "$HOST" 6379 ping)" = PONG ] ;;
  *master_link_status:up*master_sync_in_progress:0*) ;;
  *) exit 1 ;;
esac
`;

/**
 * A Sentinel is ready when it could bring about a failover: it knows enough others, and a replica. Until then a rolling
 * update leaves the other pods alone.
 */
export const sentinelReadyScript = `. /etc/valkey/common.sh
case "$(as admin "$HOST" 26379 sentinel ckquorum primary)" in OK*) ;; *) exit 1 ;; esac
as admin "$HOST" 26379 sentinel replicas primary | grep -q master-link-status
`;
