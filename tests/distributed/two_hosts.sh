#!/usr/bin/env bash
# Runs a command on the first of two hosts: network namespaces of this machine, with host names of their own and a cable.
# The agent that it writes starts processes on a host in place of ssh. Root only.
#
# two_hosts.sh FOLDER COMMAND...
set -euo pipefail
folder=$1
shift
mkdir -p "$folder"
# Names of this run alone, so that two runs do not meet.
first=tf$$a second=tf$$b network=10.77.$(($$ % 250))
clean_up() {
  for host in "$first" "$second"; do
    ip netns pids "$host" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    ip netns del "$host" 2>/dev/null || true
  done
}
trap clean_up EXIT
ip netns add "$first"
ip netns add "$second"
ip link add "v$first" netns "$first" type veth peer name "v$second" netns "$second"
number=1
for host in "$first" "$second"; do
  ip -n "$host" addr add "$network.$number/24" dev "v$host"
  ip -n "$host" link set "v$host" up
  ip -n "$host" link set lo up
  number=$((number + 1))
done
printf '%s slots=1\n%s slots=1\n' "$network.1" "$network.2" > "$folder/hosts"
cat > "$folder/agent" <<AGENT
#!/bin/sh
case "\$1" in *.1) host=$first ;; *) host=$second ;; esac
shift
exec ip netns exec "\$host" unshare -u sh -c "hostname \$host; \$*"
AGENT
chmod +x "$folder/agent"
printf '%s\n' "$second" > "$folder/second"
ip netns exec "$first" unshare -u sh -c 'hostname "$0"; exec "$@"' "$first" "$@"
